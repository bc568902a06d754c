import warnings
from collections.abc import Callable

import pytest
import torch
from torch.optim import lr_scheduler

from model.learning.learning_rate import PLATEAU_FACTOR, PLATEAU_PATIENCE, LearningRate
from model.learning.schedules import FINAL_RATE, MILESTONES, SCHEDULES

STEPS = 1000
TORCH: dict[str, Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler]] = {
    "constant": lambda optimizer: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "cosine": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, STEPS, eta_min=FINAL_RATE),
    "multi_step": lambda optimizer: lr_scheduler.MultiStepLR(optimizer, [round(STEPS * at) for at in MILESTONES]),
    "one_cycle": lambda optimizer: lr_scheduler.OneCycleLR(
        optimizer, max_lr=1.0, total_steps=STEPS + 1, cycle_momentum=False
    ),
}


@pytest.mark.parametrize("name", TORCH)
def test_a_schedule_has_the_rates_of_torch_s_scheduler(name: str) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = TORCH[name](optimizer)
    expected = scheduler.get_last_lr()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the optimizer was not stepped
        for _ in range(STEPS):
            scheduler.step()
            expected = expected + scheduler.get_last_lr()
    # OneCycleLR's peak is a step before its share of the run
    tolerance = 6 / STEPS if name == "one_cycle" else 1e-9
    assert [SCHEDULES[name](step / STEPS) for step in range(STEPS + 1)] == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("name", sorted(SCHEDULES.keys() - {"one_cycle"}))
def test_warm_up_rises_in_a_straight_line_to_the_height(name: str) -> None:
    rate = LearningRate(name, height=2.0, warmup=0.2)
    assert [rate.at(done) for done in (0.0, 0.1, 0.2)] == pytest.approx([2.0 * FINAL_RATE, 1.0, 2.0])


def test_one_cycle_warms_up_by_itself() -> None:
    rate = LearningRate("one_cycle", height=1.0, warmup=0.5)
    assert (rate.at(0.0), rate.at(0.3)) == pytest.approx((1 / 25, 1.0))


def test_plateau_lowers_the_rate_when_the_validation_loss_does_not_fall() -> None:
    rate = LearningRate("plateau", height=1.0, warmup=0.0)
    for loss in [1.0, *[2.0] * PLATEAU_PATIENCE]:
        rate.end_epoch(loss)
    assert rate.at(0.5) == 1.0
    rate.end_epoch(2.0)
    assert rate.at(0.5) == pytest.approx(PLATEAU_FACTOR)


def test_other_schedules_do_not_heed_the_validation_loss() -> None:
    rate = LearningRate("constant", height=1.0, warmup=0.0)
    for _ in range(20):
        rate.end_epoch(1.0)
    assert rate.at(0.5) == 1.0


def test_a_plateau_goes_on_from_a_saved_state() -> None:
    first, second = (LearningRate("plateau", height=1.0, warmup=0.0) for _ in range(2))
    for loss in [1.0, *[2.0] * PLATEAU_PATIENCE]:
        first.end_epoch(loss)
    second.load_state_dict(first.state_dict())
    second.end_epoch(2.0)
    assert second.at(0.5) == pytest.approx(PLATEAU_FACTOR)
