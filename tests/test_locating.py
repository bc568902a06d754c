import pytest
import torch

from model.networks.backbones import build_backbone
from model.networks.locating import BOX_UNIT_PX, LocatingBackbone, decode_boxes
from model.networks.widget_kinds import KINDS
from model.running.batch_norm import fold_batch_norm


def network(name: str = "tiny", classes: int = 3) -> LocatingBackbone:
    torch.manual_seed(0)
    built = build_backbone(name, classes)
    assert isinstance(built, LocatingBackbone)
    return built


def place_of(cell: tuple[int, int], shape: tuple[int, int] = (3, 10)) -> torch.Tensor:
    place = torch.full((1, *shape), -50.0)
    place[0, cell[0], cell[1]] = 50.0
    return place


@pytest.mark.parametrize("name", ["small", "tiny"])
def test_a_sight_has_a_place_for_each_cell_of_16_px(name: str) -> None:
    sight = network(name, 4).sight(torch.rand(2, 3, 48, 160))
    assert (sight.logits.shape, sight.kind.shape) == ((2, 4), (2, len(KINDS)))
    assert (sight.place.shape, sight.box.shape) == ((2, 3, 10), (2, 4))
    assert sight.features.shape == (2, network(name, 4).head.in_features)


def test_logits_and_features_are_those_of_the_sight() -> None:
    pictures = torch.rand(2, 3, 48, 64)
    seeing = network().eval()
    torch.testing.assert_close(seeing(pictures), seeing.sight(pictures).logits)
    torch.testing.assert_close(seeing.features(pictures), seeing.sight(pictures).features)


def test_a_folded_network_still_attends() -> None:
    pictures = torch.rand(2, 3, 48, 64)
    seeing = network()
    for _ in range(3):
        seeing(pictures)  # other statistics than those it began with
    seeing.eval()
    torch.testing.assert_close(fold_batch_norm(seeing)(pictures), seeing(pictures), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("cell", "left", "top"), [((0, 0), 0, 0), ((2, 9), 144, 32), ((1, 4), 64, 16)])
def test_a_box_lies_where_the_attention_is(cell: tuple[int, int], left: float, top: float) -> None:
    box = decode_boxes(place_of(cell), torch.zeros(1, 4), (48, 160))
    assert box[0].tolist() == pytest.approx([left, top, BOX_UNIT_PX, BOX_UNIT_PX])


def test_a_box_is_moved_and_sized_by_its_head() -> None:
    box = decode_boxes(place_of((1, 4)), torch.tensor([[0.5, -0.25, 1.0, 0.0]]), (48, 160))
    width = BOX_UNIT_PX * 2.718282
    assert box[0].tolist() == pytest.approx([72 + 8 - width / 2, 24 - 4 - 8, width, BOX_UNIT_PX], rel=1e-4)
