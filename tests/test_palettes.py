import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from base.errors import InputError
from model.splitting import palettes
from model.splitting.palettes import group_by_palette, measure_palette

NAVY, CREAM, MINT = (10, 25, 41), (250, 243, 224), (214, 240, 228)


def site(folder: Path, ground: tuple[int, int, int], ink: tuple[int, int, int], *, count: int = 4) -> list[Path]:
    """Crops of one ground and ink; every second one has a box in a colour of its own."""
    folder.mkdir(parents=True)
    rng = random.Random(str(ground))
    for number in range(count):
        image = Image.new("RGB", (rng.randrange(60, 140), 40), ground)
        pen = ImageDraw.Draw(image)
        accent = tuple(rng.randrange(256) for _ in range(3))
        pen.rectangle((6, 10, 24, 28), outline=ink, fill=accent if number % 2 else None, width=2)
        for left in range(30, image.width, 6):
            pen.line((left, 14, left, 26), fill=ink, width=2)
        image.save(folder / f"{number}.png")
    return sorted(folder.iterdir())


def test_crops_of_one_ground_and_ink_are_a_group_whatever_their_state(tmp_path: Path) -> None:
    paths = site(tmp_path / "a", NAVY, (200, 210, 220)) + site(tmp_path / "b", CREAM, (90, 60, 30))
    paths += site(tmp_path / "c", MINT, (40, 80, 60))
    assert group_by_palette(paths) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]


def test_groups_are_the_same_in_any_order_and_with_any_threads(tmp_path: Path) -> None:
    paths = site(tmp_path / "a", NAVY, (200, 210, 220)) + site(tmp_path / "b", CREAM, (90, 60, 30))
    assert group_by_palette(paths, threads=3) == group_by_palette(paths[::-1], threads=1)


def test_what_cannot_be_read_is_alone(tmp_path: Path) -> None:
    paths = site(tmp_path / "a", NAVY, (200, 210, 220), count=3)
    for path in paths[1:]:
        path.write_text("I am a text")
    assert group_by_palette(paths) == [0, 1, 2]
    paths[0].write_text("I too")
    assert group_by_palette(paths) == [0, 1, 2]
    assert group_by_palette([]) == []


def test_too_many_pictures_are_refused_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(palettes, "MOST_BY_PALETTE", 3)
    with pytest.raises(InputError, match="4 pictures are too many to group by their looks, at most 3; name the group"):
        group_by_palette([tmp_path / str(number) for number in range(4)])


def test_a_palette_is_the_share_of_each_colour() -> None:
    pixels = np.zeros((10, 10, 3), np.uint8)
    pixels[:4] = 255
    palette = measure_palette(pixels)
    assert palette.shape == (palettes.LEVELS**3,)
    assert (palette[0], palette[-1]) == pytest.approx((0.6, 0.4))
    assert palette.sum() == pytest.approx(1)


def test_a_colour_between_two_levels_counts_for_both() -> None:
    step = 255 / (palettes.LEVELS - 1)
    palette = measure_palette(np.full((4, 4, 3), round(1.5 * step), np.uint8))
    assert np.count_nonzero(palette) == 8
    assert palette.max() < 0.2
