import json
from pathlib import Path

import pytest
from PIL import Image

from active.labelling.surroundings import Context, draw_context, find_context


def write(folder: Path, **values: object) -> Path:
    """Write a crop in a class folder, and its row above."""
    crop = folder / "checked" / "a.png"
    crop.parent.mkdir(parents=True)
    Image.new("RGB", (20, 10)).save(crop)
    row = json.dumps({"file_name": "checked/a.png", **values})
    (folder / "metadata.jsonl").write_text(f"no row\n{row}\n", encoding="utf-8")
    return crop


def test_a_crops_screenshot_is_found_in_the_metadata_above_it(tmp_path: Path) -> None:
    crop = write(tmp_path, screenshot="screens/1.png", screenshot_box_px=[300, 200, 320, 210])
    assert find_context(crop) == Context(tmp_path / "screens" / "1.png", (300, 200, 320, 210))


@pytest.mark.parametrize("values", [{}, {"screenshot": "1.png"}, {"screenshot": 3, "screenshot_box_px": [1, 2, 3, 4]}])
def test_other_metadata_say_nothing(tmp_path: Path, values: dict[str, object]) -> None:
    assert find_context(write(tmp_path, **values)) is None


def test_without_metadata_nothing_is_known(tmp_path: Path) -> None:
    assert find_context(tmp_path / "a.png") is None


def test_what_is_around_is_drawn_with_a_frame_about_the_crop(tmp_path: Path) -> None:
    Image.new("RGB", (1000, 800), "white").save(tmp_path / "1.png")
    around = draw_context(Context(tmp_path / "1.png", (300, 200, 320, 210)))
    assert around is not None
    assert around.size == (20 + 320, 10 + 320)
    assert around.getpixel((159, 165)) == (226, 70, 60)
    assert around.getpixel((165, 165)) == (255, 255, 255)


def test_a_screenshot_that_is_gone_draws_nothing(tmp_path: Path) -> None:
    assert draw_context(Context(tmp_path / "1.png", (0, 0, 1, 1))) is None


def test_the_frame_is_about_the_widget_where_its_box_is_known(tmp_path: Path) -> None:
    crop = write(tmp_path, screenshot="1.png", screenshot_box_px=[300, 200, 320, 210], screen_box=[304, 202, 8.2, 6])
    Image.new("RGB", (1000, 800), "white").save(tmp_path / "1.png")
    context = find_context(crop)
    assert context == Context(tmp_path / "1.png", (300, 200, 320, 210), (304, 202, 8.2, 6))
    whole = draw_context(context, None)
    assert whole is not None
    assert whole.size == (1000, 800)
    assert whole.getpixel((303, 205)) == (226, 70, 60)
    assert whole.getpixel((299, 205)) == (255, 255, 255)
