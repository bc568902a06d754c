import pytest
import torch
from torch import nn

from model.learning.optimizers import OPTIMIZERS, build_optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_stands_still_until_it_has_a_rate_and_then_goes_downhill(name: str) -> None:
    weight = nn.Parameter(torch.tensor([3.0]))
    optimizer = build_optimizer(name, [{"params": [weight], "weight_decay": 0.0}])
    for rate in (0.0, 0.01, 0.01):
        before = weight.item()
        weight.grad = 2 * weight.detach()
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        assert weight.item() < before if rate else weight.item() == before


def test_weight_decay_comes_from_the_groups() -> None:
    decayed, other = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    groups = [{"params": [decayed], "weight_decay": 0.5}, {"params": [other], "weight_decay": 0.0}]
    optimizer = build_optimizer("adamw", groups)
    for group in optimizer.param_groups:
        group["lr"] = 0.1
    decayed.grad, other.grad = torch.zeros(1), torch.zeros(1)
    optimizer.step()
    assert (decayed.item(), other.item()) == pytest.approx((0.95, 1.0))
