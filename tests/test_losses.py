import pytest
import torch
from torch.nn import functional

from model.learning.losses import FOCUS, LOSSES, ROBUSTNESS, focal, generalized_cross_entropy

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, 0.3]])
LABELS = torch.tensor([0, 2])
RIGHT = LOGITS.softmax(1)[[0, 1], LABELS]


def test_the_focal_loss_is_its_formula() -> None:
    expected = -((1 - RIGHT) ** FOCUS * RIGHT.log()).sum()
    torch.testing.assert_close(focal(LOGITS, LABELS, None, 0.0), expected)


def test_the_generalized_cross_entropy_is_its_formula() -> None:
    expected = ((1 - RIGHT**ROBUSTNESS) / ROBUSTNESS).sum()
    torch.testing.assert_close(generalized_cross_entropy(LOGITS, LABELS, None, 0.0), expected)


def test_without_focus_the_focal_loss_is_torch_s_cross_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.learning.losses.FOCUS", 0.0)
    weights = torch.tensor([0.5, 2.0, 1.0])
    expected = functional.cross_entropy(LOGITS, LABELS, weights, label_smoothing=0.1, reduction="sum")
    torch.testing.assert_close(focal(LOGITS, LABELS, weights, 0.1), expected)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_sums_over_pictures_and_weighs_them_by_class(name: str) -> None:
    loss = LOSSES[name]
    alone = [loss(LOGITS[[row]], LABELS[[row]], None, 0.0) for row in (0, 1)]
    torch.testing.assert_close(loss(LOGITS, LABELS, None, 0.0), alone[0] + alone[1])
    weights = torch.tensor([3.0, 1.0, 0.0])
    torch.testing.assert_close(loss(LOGITS, LABELS, weights, 0.0), 3 * alone[0])


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_falls_towards_the_label(name: str) -> None:
    losses = [LOSSES[name](torch.tensor([[lead, 0.0]]), torch.tensor([0]), None, 0.0) for lead in (4.0, 1.0, -1.0)]
    assert losses == sorted(losses)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_and_its_gradient_are_finite_where_a_probability_is_zero(name: str) -> None:
    logits = torch.tensor([[-200.0, 200.0, 0.0]], requires_grad=True)
    loss = LOSSES[name](logits, torch.tensor([0]), None, 0.05)
    (gradient,) = torch.autograd.grad(loss, logits)
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient).all()
