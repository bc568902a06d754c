"""What is said of the widgets on a screen, by where they lie and what lies over them."""

import io

import numpy as np
import pytest
from PIL import Image

from generator.families.screen_layout import load_layouts
from generator.rendering.studio import Studio
from generator.screens.rows import Screenshot
from generator.screens.screen_plan import LONGEST_PX, MOST_PX, WHOLE_SCREEN, draw_screen
from generator.screens.screenshots import render_screen
from tests.families import BOX, family
from tests.screens import MATTER, corners, layout, only, paint, recipe_of

pytestmark = pytest.mark.browser

TEN = family(text=BOX.replace("[12, 30]", "[10, 10]"))
AT = "<div style='display:flex;position:absolute;left:{}px;top:{}px'>{{{{ widget('checkbox', 'Wi-Fi').box }}}}</div>"


def test_the_box_is_that_of_what_is_painted(studio: Studio) -> None:
    seen = only(paint(AT.format(50, 40), studio, families=(TEN,)))
    assert corners(seen.box) == (50, 40, 64, 54)  # ten pixels and a border of two on each side
    assert (seen.visible, seen.ignored) == (1.0, False)


def test_room_around_the_indicator_does_not_belong_to_it(studio: Studio) -> None:
    roomy = family(text=BOX.replace("<i></i>", '<span style="display:block;padding:9px"><i></i></span>'))
    seen = only(paint(AT.format(50, 40), studio, families=(roomy,)))
    assert seen.box.x == 59
    marked = family(
        text=BOX.replace("<i></i>", '<b style="display:block;padding:9px;background:#08f"><i data-indicator></i></b>')
    )
    assert only(paint(AT.format(50, 40), studio, families=(marked,))).box.x == 59


@pytest.mark.parametrize(("left", "kept", "ignored"), [(-2, 12, False), (-6, 8, True), (292, 8, True)])
def test_what_the_edge_cuts_is_boxed_by_what_is_left_and_ignored_when_little_is(
    left: int, kept: int, ignored: bool, studio: Studio
) -> None:
    seen = only(paint(AT.format(left, 40), studio, families=(TEN,)))
    assert (seen.box.width, seen.ignored) == (kept, ignored)
    assert seen.visible == pytest.approx(kept / 14, abs=0.01)


def test_what_is_off_the_screen_or_covered_is_not_said(studio: Studio) -> None:
    cover = "<div style='position:absolute;inset:0;background:#fff'></div>"
    assert paint(AT.format(400, 40), studio).seen == {}
    assert paint(AT.format(50, 40) + cover, studio).seen == {}
    clipped = f"<div style='position:relative;width:40px;height:90px;overflow:hidden'>{AT.format(50, 40)}</div>"
    assert paint(clipped, studio).seen == {}


def test_what_is_half_covered_is_ignored(studio: Studio) -> None:
    cover = "<div style='position:absolute;left:57px;top:0;width:90px;height:90px;background:#ccc'></div>"
    seen = only(paint(AT.format(50, 40) + cover, studio, families=(TEN,)))
    assert 0.3 < seen.visible < 0.7
    assert seen.ignored


def test_what_lies_in_the_shade_of_a_dialog_is_ignored(studio: Studio) -> None:
    veil = "<div data-veil style='position:absolute;inset:0;background:#0008'></div>"
    seen = only(paint(AT.format(50, 40) + veil, studio))
    assert (seen.veiled, seen.ignored) == (True, True)


def test_what_hardly_differs_from_the_ground_is_ignored_and_what_does_not_at_all_is_not_said(studio: Studio) -> None:
    faint = family(text=BOX.replace("{{ t.ink }}", "#f4f4f4").replace('t.ink if on else "transparent"', '"#f4f4f4"'))
    assert only(paint(AT.format(50, 40), studio, families=(faint,))).ignored
    clear = family(text=BOX.replace("{{ t.ink }}", "#ffffff").replace('t.ink if on else "transparent"', '"#ffffff"'))
    assert paint(AT.format(50, 40), studio, families=(clear,)).seen == {}


def test_the_label_is_where_its_words_are(studio: Studio) -> None:
    row = "<p style='margin:20px'>{{ w.box }}<b style='margin-left:100px'>{{ w.label }}</b></p>"
    label = only(paint("{% set w = widget('checkbox', 'Wi-Fi') %}" + row, studio)).label
    assert label is not None
    assert label.text == "Wi-Fi"
    assert label.box.x > 110
    assert label.box.width < 100
    assert only(paint(AT.format(50, 40), studio)).label is None


def test_what_scrolls_is_scrolled_and_boxes_go_with_it(studio: Studio) -> None:
    above, below = (f"<div style='height:{height}px'></div>" for height in (200, 400))
    body = above + "<p style='margin:0'>{{ widget('checkbox') }}</p>" + below
    assert paint(body, studio).seen == {}
    seen = only(paint(body, studio, scrolled=0.4))
    assert seen.box.y < 50


def test_a_screen_that_fits_is_as_large_as_what_is_on_it(studio: Studio) -> None:
    fits = layout("<div style='width:120px;height:60px;background:#eee'></div>", matter="fits = true\n" + MATTER)
    [shot] = render_screen(recipe_of(fits), 0, studio)
    assert isinstance(shot, Screenshot)
    scaled = (round(120 * shot.row.scale), round(60 * shot.row.scale))
    if not shot.row.degradation["jpeg"] and shot.row.degradation["scale"] == 1:
        assert (shot.row.width, shot.row.height) == scaled


def test_a_part_of_a_screen_and_a_damaged_one_keep_their_boxes(studio: Studio) -> None:
    recipe = recipe_of(*load_layouts(("data_grid_dense",)).values(), n=60)
    plans = [draw_screen(recipe, index) for index in range(60)]
    part = next(index for index, plan in enumerate(plans) if plan.cut != WHOLE_SCREEN)
    resized = next(index for index, plan in enumerate(plans) if plan.degradation.scale < 1)
    for index in (part, resized):
        [shot] = render_screen(recipe, index, studio)
        assert isinstance(shot, Screenshot)
        objects = shot.row.objects
        assert False in objects.ignored
        pixels = np.asarray(Image.open(io.BytesIO(shot.png)).convert("RGB"))
        assert pixels.shape[:2] == (shot.row.height, shot.row.width)
        for (x, y, width, height), ignored in zip(objects.bbox, objects.ignored, strict=True):
            assert 0 <= x < x + width <= shot.row.width + 0.1
            around = pixels[max(0, round(y) - 3) : round(y + height) + 3, max(0, round(x) - 3) : round(x + width) + 3]
            assert ignored or around.std() > 5


def test_no_picture_is_larger_than_a_large_screen() -> None:
    recipe = recipe_of(*load_layouts().values(), n=200)
    for index in range(200):
        plan = draw_screen(recipe, index)
        scale = plan.display.scale
        assert plan.width_px * plan.height_px * scale**2 <= MOST_PX
        assert max(plan.width_px, plan.height_px) * scale <= LONGEST_PX
