import pytest
import torch
from torch import nn

from model.learning.averaging import AveragedWeights


def constant(value: float) -> nn.Linear:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, value)
    return layer


def averaged_after(steps: int, decay: float) -> float:
    """Average a weight that is 0 at first and 1 from the first step on."""
    layer = constant(0.0)
    average = AveragedWeights(layer, decay)
    nn.init.ones_(layer.weight)
    for _ in range(steps):
        average.update()
    return average.network_like(layer).weight.item()


def test_the_average_moves_towards_the_weights() -> None:
    assert averaged_after(1, 0.5) == pytest.approx(1 - 1 / 11)
    assert averaged_after(3, 0.5) > averaged_after(2, 0.5) > averaged_after(1, 0.5)


def test_the_random_start_is_forgotten_in_a_short_run() -> None:
    assert averaged_after(50, 0.999) > 0.999


def test_without_decay_the_average_is_the_last_step() -> None:
    assert averaged_after(1, 0.0) == 1.0


def test_batch_statistics_are_averaged_and_the_network_itself_left_alone() -> None:
    network = nn.Sequential(nn.BatchNorm1d(1))
    average = AveragedWeights(network, 0.0)
    network(torch.tensor([[9.0], [11.0]]))
    average.update()
    copy = average.network_like(network)
    mean = copy.state_dict()["0.running_mean"]
    assert mean.item() == pytest.approx(1.0)
    assert (network.training, copy.training) == (True, False)
    assert copy[0].weight is not network[0].weight


def test_the_average_s_network_has_its_weights_at_any_time() -> None:
    layer = constant(0.0)
    average = AveragedWeights(layer, 0.5)
    nn.init.ones_(layer.weight)
    average.update()
    assert average.network.weight.item() == average.network_like(layer).weight.item() > 0
    average.load_state_dict({"steps": 3, "average": [torch.full((1, 1), 7.0)]})
    assert average.network.weight.item() == 7.0


def test_a_share_of_the_start_stays_in_what_is_kept_but_not_in_what_is_learned_from() -> None:
    layer = constant(2.0)
    average = AveragedWeights(layer, 0.0, start_share=0.25)
    nn.init.constant_(layer.weight, 6.0)
    average.update()
    assert average.network_like(layer).weight.item() == pytest.approx(0.25 * 2 + 0.75 * 6)
    assert average.network.weight.item() == 6.0
