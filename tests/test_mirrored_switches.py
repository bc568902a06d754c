"""Switches on right-to-left pages: as on others, or mirrored."""

import random
from dataclasses import replace

import numpy as np
import pytest

from base.arrays import Pixels
from generator.families.family import load_families
from generator.families.theme import draw_theme
from generator.rendering.sheet import sheet_html
from generator.rendering.studio import Display, Studio
from generator.sampling.cell import Cell, Palette, draw_cell
from generator.sampling.placement import BARE

FAMILIES = {name: family for name, family in load_families().items() if "t.mirrored" in family.source}

PALETTES = [Palette({name: family}, ("sans-serif",), ("latin",)) for name, family in FAMILIES.items()]

DISPLAY = Display(2.0)


def test_about_half_of_the_right_to_left_themes_mirror_switches_and_no_other() -> None:
    themes = [draw_theme(random.Random(seed), fonts=("serif",), scripts=("latin", "hebrew")) for seed in range(2000)]
    mirrored = [theme.mirrored for theme in themes if theme.direction == "rtl"]
    assert 0.4 < np.mean(mirrored) < 0.6
    assert not any(theme.mirrored for theme in themes if theme.direction == "ltr")


@pytest.mark.browser
@pytest.mark.parametrize("state", ["checked", "unchecked"])
def test_a_mirrored_switch_has_its_thumb_at_the_other_side(state: str, studio: Studio) -> None:
    cells = [_bare(palette, style, state) for palette in PALETTES for style in range(4)]
    plain, mirrored = (_painted(cells, studio, mirrored=mirrored) for mirrored in (False, True))
    assert plain
    for cell, one, other in zip(cells, plain, mirrored, strict=True):
        assert _apart(one[:, ::-1], other) < 0.5 * _apart(one, other), (cell.family, cell.style)


def _bare(palette: Palette, style: int, state: str) -> Cell:
    return replace(draw_cell(palette, seed=0, style=style), state=state, layout=BARE)


def _painted(cells: list[Cell], studio: Studio, *, mirrored: bool) -> list[Pixels]:
    """Return each cell's widget as painted on a right-to-left page."""
    slots = [(replace(cell, theme=replace(cell.theme, direction="rtl", mirrored=mirrored)),) for cell in cells]
    [capture] = studio.capture(sheet_html(slots, FAMILIES, whole=True), count=len(slots), display=DISPLAY)
    boxes = [placed.widget.scaled(DISPLAY.scale, DISPLAY.scale).rounded() for placed in capture.placed]
    return [capture.pixels[int(box.y) : int(box.bottom), int(box.x) : int(box.right)] for box in boxes]


def _apart(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(float) - other).mean())
