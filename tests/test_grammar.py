"""What the families that compose a look promise: variety, states that differ, and a place in the whole."""

import re
from collections.abc import Mapping

import pytest

from generator.crops.page import Crop, Rejected, render_page
from generator.crops.recipe import Recipe
from generator.families.family import Family, load_families
from generator.families.theme import distance
from generator.rendering.sheet import render_widget
from generator.rendering.studio import Studio
from generator.sampling.cell import Cell, Palette, draw_cell
from tests.families import palette

FAMILIES = load_families()
GRAMMAR = {name: family for name, family in FAMILIES.items() if "_grammar.html" in family.source}
WIDGETS = {name: family for name, family in GRAMMAR.items() if family.declared.kind != "none"}


def with_words(catalogue: Mapping[str, Family]) -> Palette:
    return Palette(catalogue, fonts=("sans-serif",), scripts=("latin",))


def drawn(family: Family, style: int) -> tuple[str, str, Cell]:
    """Return the HTML of a style in both states, and the style."""
    cell = draw_cell(palette(family), seed=0, style=style)
    return *(render_widget(family, state=state, cell=cell) for state in ("checked", "unchecked")), cell


def test_every_kind_of_look_is_composed() -> None:
    assert {family.declared.kind for family in GRAMMAR.values()} == {"checkbox", "radio", "switch", "none"}


def test_widgets_of_the_grammar_are_compared_in_both_states() -> None:
    assert WIDGETS
    assert not any(family.is_proven for family in WIDGETS.values())


@pytest.mark.parametrize("name", GRAMMAR)
def test_hardly_two_styles_are_composed_alike(name: str) -> None:
    shared = ("hand", "size_px", "height_px")
    looks = [draw_cell(with_words({name: GRAMMAR[name]}), seed=0, style=style).params for style in range(300)]
    composed = {tuple(value for key, value in look.items() if key not in shared) for look in looks}
    assert len(composed) > 290


@pytest.mark.parametrize("family", WIDGETS.values(), ids=WIDGETS)
def test_every_style_can_be_composed_and_differs_in_its_states(family: Family) -> None:
    for style in range(250):
        on, off, cell = drawn(family, style)
        assert on != off, dict(cell.params)
        assert "&lt;" not in on + off, dict(cell.params)


def test_marks_stand_out_from_what_they_lie_on() -> None:
    colours = re.compile(r'fill="(#[0-9a-f]{6})"')
    family = FAMILIES["radio_grammar"]
    for style in range(250):
        on, _, cell = drawn(family, style)
        if cell.params["shape"] == "bitmap" and cell.params["tell"] == "mark":
            face, *_, pen = colours.findall(on.replace('fill="none"', f'fill="{cell.theme.ground}"'))
            assert distance(face, pen) > 0.15, dict(cell.params)


@pytest.mark.browser
@pytest.mark.parametrize("family", WIDGETS.values(), ids=WIDGETS)
def test_hardly_any_style_is_left_out(family: Family, studio: Studio) -> None:
    recipe = Recipe(with_words({family.name: family}), seed=1, n=240)
    items = [item for page in recipe.pages() for item in render_page(recipe, page, studio)]
    rejected = [item for item in items if isinstance(item, Rejected)]
    assert len(rejected) <= 5
    assert len(rejected) + sum(isinstance(item, Crop) for item in items) == 240


def test_a_disabled_box_of_the_browser_is_mixed_when_it_is_on() -> None:
    seen = 0
    for style in range(600):
        on, off, cell = drawn(FAMILIES["checkbox_grammar"], style)
        if cell.params["shape"] == "native" and cell.params["faded"]:
            seen += 1
            assert re.search(r"<input type=.checkbox. checked disabled data-indeterminate>", on)
            assert re.search(r"<input type=.checkbox. +disabled +>", off)
    assert seen > 1
