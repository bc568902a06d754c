"""Tiles of known screenshots, and what the network is to answer on them."""

import io

import numpy as np
import pytest
from PIL import Image

from model.finder_learning.known_screens import KnownScreen
from model.finder_learning.tiles import TILE_PX, ScreenTile, cut_tiles, depth_of, targets_of
from model.finding.cells import CELL_PX


def known_screen(*boxes: tuple[float, float, float, float], ignored: bool = False) -> KnownScreen:
    image = Image.new("RGB", (700, 500), "white")
    for left, top, width, height in boxes:
        image.paste((255, 0, 0), (int(left), int(top), int(left + width), int(top + height)))
    file = io.BytesIO()
    image.save(file, "PNG")
    count = len(boxes)
    return KnownScreen(
        file.getvalue(),
        image.size,
        np.array(boxes, float).reshape(-1, 4),
        np.zeros(count, np.int64),
        ("checked",) * count,
        np.ones(count, bool),
        np.full(count, ignored),
    )


def _tile(box: tuple[float, float, float, float], **roles: bool) -> ScreenTile:
    wanted, hinted = roles.get("wanted", False), roles.get("hinted", False)
    pixels = np.zeros((TILE_PX, TILE_PX, 3), np.uint8)
    one = (np.array([box], float), np.zeros(1, np.int64), np.ones(1, bool), np.array([wanted]), np.array([hinted]))
    return ScreenTile(pixels, *one)


@pytest.mark.parametrize("seed", range(8))
def test_boxes_stay_on_their_widgets_however_a_tile_is_cut(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for tile in cut_tiles(known_screen((300, 200, 20, 20), (420, 260, 40, 20)), rng):
        for box in tile.boxes[tile.wanted]:
            x, y = (box[:2] + box[2:] / 2).astype(int)
            corner = tile.pixels[max(0, int(box[1] - 4)), max(0, int(box[0] - 4))].astype(int)
            assert abs(tile.pixels[y, x].astype(int) - corner).max() > 40


def test_the_same_generator_cuts_the_same_tiles() -> None:
    first, again = (list(cut_tiles(known_screen((300, 200, 20, 20)), np.random.default_rng(3))) for _ in range(2))
    assert all((one.pixels == other.pixels).all() for one, other in zip(first, again, strict=True))


def test_large_widgets_are_found_on_smaller_pictures() -> None:
    assert depth_of(np.array([8, 16, 26, 51, 52, 900])).tolist() == [0, 0, 1, 1, 2, 3]


def test_the_cell_of_a_widget_is_to_answer_with_its_box() -> None:
    targets = targets_of(_tile((103, 84, 20, 16), wanted=True))
    at = targets.cells[targets.closeness == 1].tolist()
    assert at == [[92 // CELL_PX, 113 // CELL_PX]]
    assert (targets.boxes == [113, 92, 20, 16]).all()


def test_around_what_may_be_found_or_not_cells_say_what_they_like() -> None:
    targets = targets_of(_tile((100, 80, 20, 16)))
    assert len(targets.cells) == 0
    assert targets.weights[11, 13] == 0
    assert targets.weights[30, 30] == 1


def test_what_is_too_small_is_hinted_at() -> None:
    targets = targets_of(_tile((105, 81, 6, 6), hinted=True))
    assert targets.hints[84 // CELL_PX, 108 // CELL_PX] == 1
    assert targets.hints.clip(0).sum() == 1
    assert len(targets.cells) == 0
