import pytest
import torch

from model.learning.hints import UNKNOWN, Hints, cell_shares, hint_loss
from model.networks.locating import Sight

CANVAS = (48, 160)


def sight(place: torch.Tensor, kind: torch.Tensor | None = None, box: torch.Tensor | None = None) -> Sight:
    count = len(place)
    kind = torch.zeros(count, 5) if kind is None else kind
    return Sight(
        torch.zeros(count, 3), torch.zeros(count, 6), kind, place, torch.zeros(count, 4) if box is None else box
    )


def hints(kind: int, box: list[float]) -> Hints:
    return Hints(torch.tensor([kind]), torch.tensor([box]))


def loss_of(seen: Sight, known: Hints) -> float:
    return float(hint_loss(seen, known, CANVAS))


def test_a_box_is_shared_among_the_cells_that_it_covers() -> None:
    shares = cell_shares(torch.tensor([[8.0, 16, 16, 16], [0, 0, 32, 48], [0, 0, 0, 0]]), (3, 10), CANVAS)
    assert shares[0].view(3, 10)[1, :3].tolist() == pytest.approx([0.5, 0.5, 0])
    assert shares.sum(1).tolist() == pytest.approx([1, 1, 0])
    assert shares[1].view(3, 10)[:, :2].flatten().tolist() == pytest.approx([1 / 6] * 6)


def test_nothing_known_costs_nothing() -> None:
    assert loss_of(sight(torch.randn(1, 3, 10)), hints(UNKNOWN, [0, 0, 0, 0])) == 0


def test_the_loss_is_lower_where_the_right_place_is_seen() -> None:
    right, wrong = torch.zeros(1, 3, 10), torch.zeros(1, 3, 10)
    right[0, 1, 2], wrong[0, 1, 8] = 5, 5
    known = hints(UNKNOWN, [32, 16, 16, 16])
    assert loss_of(sight(right), known) < loss_of(sight(torch.zeros(1, 3, 10)), known) < loss_of(sight(wrong), known)


def test_the_loss_is_lower_for_the_right_kind() -> None:
    known = hints(2, [0, 0, 0, 0])
    right = loss_of(sight(torch.zeros(1, 3, 10), kind=torch.eye(5)[[2]]), known)
    assert right < loss_of(sight(torch.zeros(1, 3, 10), kind=torch.eye(5)[[1]]), known)


def test_the_loss_is_lower_for_the_right_size() -> None:
    place = torch.full((1, 3, 10), -50.0)
    place[0, 1, 2] = 50
    right = loss_of(sight(place), hints(UNKNOWN, [32, 16, 16, 16]))
    assert right < loss_of(sight(place, box=torch.tensor([[0, 0, 1.0, 1.0]])), hints(UNKNOWN, [32, 16, 16, 16]))
    assert right == pytest.approx(0, abs=1e-3)
