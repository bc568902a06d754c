import pytest

from generator.crops.page import Crop, Rejected, render_page
from generator.crops.recipe import Recipe
from generator.rendering.studio import Studio
from tests.families import BOX, family, palette

pytestmark = pytest.mark.browser


def test_both_states_of_a_pair_have_the_same_style_cut_and_place(studio: Studio) -> None:
    items = list(render_page(Recipe(palette(), seed=0, n=24, pairs=True), 0, studio))
    rows = [item.row for item in items if isinstance(item, Crop)]
    assert len(rows) == 24
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        assert first.group == second.group
        assert (first.slot, first.theme, first.window, first.degradation) == (
            second.slot,
            second.theme,
            second.window,
            second.degradation,
        )
        if first.family == "box":
            assert {first.label, second.label} == {"checked", "unchecked"}
            assert (first.params, first.width, first.height) == (second.params, second.width, second.height)


def test_a_pair_that_looks_alike_is_rejected_and_counted(studio: Studio) -> None:
    alike = palette(family("alike", BOX.replace('t.ink if on else "transparent"', '"#fafafa" if on else "#fbfbfb"')))
    items = list(render_page(Recipe(alike, seed=0, n=10, pairs=True), 0, studio))
    assert len(items) == 5
    for item in items:
        assert isinstance(item, Rejected)
        assert (item.family, item.changed) == ("alike", 0.0)
        assert set(item.states) == {"checked", "unchecked"}


def test_views_of_a_widget_share_its_group_and_nothing_else_does(studio: Studio) -> None:
    rows = [
        item.row for item in render_page(Recipe(palette(), seed=0, n=11, views=3), 0, studio) if isinstance(item, Crop)
    ]
    assert [row.group for row in rows] == [f"0-{index // 3}" for index in range(11)]
    assert len({row.sha256 for row in rows}) > 8
