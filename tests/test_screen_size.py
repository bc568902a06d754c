"""Screens of one size: `boxwright generate --screen-size`."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from base.errors import InputError
from generator.datasets.dataset import GenerateSettings, generate
from generator.datasets.rerender import rerender
from generator.families.screen_layout import load_layouts
from generator.screens.screen_plan import WHOLE_SCREEN, draw_screen
from model.reading.images import decode_image
from tests.kept_worker import draw
from tests.screens import layout, recipe_of
from tests.test_cli import run

WIDE = 'about = "a test"\nwidth_px = [300, 900]\nheight_px = [200, 900]\n'
SMALL = GenerateSettings(n=2, workers=1, format="coco", families=("checkbox_native",), screen_size="640x480")


def test_every_screen_is_whole_and_of_that_size_whatever_it_goes_through() -> None:
    recipe = replace(recipe_of(layout("{{ widget('checkbox').box }}", matter=WIDE)), screen_size=(640, 480))
    plans = [draw_screen(recipe, index) for index in range(60)]
    shown = {(plan.width_px, plan.height_px, plan.display.scale, plan.cut) for plan in plans}
    assert shown == {(640, 480, 1.0, WHOLE_SCREEN)}
    rescaled = [plan.degradation for plan in plans if plan.degradation.scale != 1]
    assert rescaled
    assert all(damage.scale < 1 and damage.enlarge_back for damage in rescaled)


def test_a_layout_takes_what_lies_in_its_ranges_unless_it_ends_where_its_content_does() -> None:
    layouts = load_layouts(("data_grid", "menu"))
    grid, menu = (layouts[name].declared for name in ("data_grid", "menu"))
    assert [grid.takes(size) for size in ((1920, 1080), (560, 360), (559, 360), (1920, 2000))] == [1, 1, 0, 0]
    assert not menu.takes((200, 200))


@pytest.mark.parametrize("size", ["1920", "1920x", "0x1080", "1920×1080", "-5x7", "1e3x9", "full"])
def test_what_is_no_size_is_one_line(size: str, tmp_path: Path) -> None:
    code, stdout, stderr = run("generate", tmp_path / "out", "--format", "coco", f"--screen-size={size}")
    assert (code, stdout) == (1, "")
    assert stderr.endswith(f"'{size}' is no size; write width and height as 1920x1080\n")
    assert stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_size_that_no_layout_takes_and_one_for_crops_are_refused(tmp_path: Path) -> None:
    def refused(words: str, **changes: object) -> None:
        with pytest.raises(InputError, match=words):
            generate(tmp_path / "out", SMALL.model_copy(update=changes))

    refused(
        "no screen of 640x480 px can be composed after layout 'mobile_form': it takes 320 to 480 x 480 to 1000 px",
        layouts=("mobile_form", "data_grid"),
    )
    refused("after layout 'menu': it ends where what is on it does", layouts=("menu",))
    refused("no layout takes screens of 9000x9000 px", screen_size="9000x9000")
    refused("the format folder draws crops: layouts and sizes are for screens", format="folder")
    assert not (tmp_path / "out").exists()


@pytest.mark.browser
def test_pictures_have_the_size_which_resuming_and_rendering_again_keep(tmp_path: Path) -> None:
    draw(tmp_path / "out", SMALL)
    listed = json.loads((tmp_path / "out" / "annotations.json").read_text(encoding="utf-8"))["images"]
    assert {(image["width"], image["height"]) for image in listed} == {(640, 480)}
    assert {decode_image(tmp_path / "out" / image["file_name"]).size for image in listed} == {(640, 480)}
    described = json.loads((tmp_path / "out" / "dataset.json").read_text(encoding="utf-8"))
    assert described["screen_size"] == [640, 480]
    assert described["command"].endswith("--family checkbox_native --screen-size 640x480")
    assert rerender(tmp_path / "out", listed[1]["file_name"]).same
    with pytest.raises(InputError, match=r"begun with other settings \(.*screen_size"):
        draw(tmp_path / "out", SMALL.model_copy(update={"screen_size": "800x600"}), resume=True)
