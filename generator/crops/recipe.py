"""Recipes: everything that decides the bytes of a data set, and how its crops are numbered and spread over pages."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from base.seeds import rng_for
from generator.families.screen_layout import ScreenLayout
from generator.rendering.painter_names import CHROMIUM, FIREFOX
from generator.rendering.studio import Display
from generator.rendering.text_rendering import SMOOTH, WITHOUT_FRINGES
from generator.sampling.cell import Cell, Palette, draw_cell, draw_counterpart, in_other_states
from generator.sampling.drawn_factors import DEVICE_SCALES

SLOTS_A_PAGE = 200

COARSE = (1.0, 1.25)
"""The scales of screens on which text is not always smooth; Chromium draws in no subpixels on denser ones."""

COARSE_TEXT = {SMOOTH: 0.4, "subpixel": 0.22, "hinted": 0.13, "hinted subpixel": 0.13, "aliased": 0.12}
"""How often a coarse screen draws text in each way."""

PAINTER_TEXT = {CHROMIUM: tuple(COARSE_TEXT), FIREFOX: WITHOUT_FRINGES}
"""The ways to draw text that each painter can show."""

CHROMIUM_ALONE: Mapping[str, float] = {CHROMIUM: 1.0}


@dataclass(frozen=True)
class Recipe:
    """What a data set is drawn from. `n` counts crops.

    Crop i shows style i // (variants * views), and of it, variant after variant, all views. With `pairs` a style has
    two variants, which differ in the state alone, in the same slot of the same page. `layouts` are what screens are
    composed after; crops need none. `screen_size` is the width and height in pixels that every screen has, where they
    are not drawn. `painters` are what pages of crops are painted by, with the share of each.
    """

    palette: Palette
    seed: int
    n: int
    views: int = 1
    pairs: bool = False
    slots_a_page: int = SLOTS_A_PAGE
    layouts: Mapping[str, ScreenLayout] = field(default_factory=dict)
    screen_size: tuple[int, int] | None = None
    painters: Mapping[str, float] = field(default_factory=lambda: CHROMIUM_ALONE)

    @property
    def variants(self) -> int:
        """Return how many states of each style are shown."""
        return 2 if self.pairs else 1

    @property
    def _crops_a_style(self) -> int:
        return self.variants * self.views

    @property
    def _crops_a_page(self) -> int:
        return self.slots_a_page * self._crops_a_style

    def pages(self) -> range:
        """Return the numbers of all pages."""
        return range(-(-self.n // self._crops_a_page))

    def count(self, page: int) -> int:
        """Return how many crops a page has."""
        return min(self._crops_a_page, self.n - page * self._crops_a_page)

    def slots(self, page: int) -> list[tuple[Cell, ...]]:
        """Draw the page's slots: the cells that become crops, then those that they are only compared with."""
        first = page * self.slots_a_page
        styles = range(first, first + -(-self.count(page) // self._crops_a_style))
        cells = (draw_cell(self.palette, seed=self.seed, style=style, views=self.views) for style in styles)
        painter = self.painter(page)
        return [self._slot(cell, painter) for cell in cells]

    def _slot(self, cell: Cell, painter: str) -> tuple[Cell, ...]:
        family = self.palette.families[cell.family]
        shown = (cell, draw_counterpart(cell, family, seed=self.seed)) if self.pairs else (cell,)
        # The states of the catalogue are proven to look different in Chromium; in another painter nothing is.
        if family.is_proven and painter == CHROMIUM:
            return shown
        return shown + in_other_states(cell, family, shown=[each.state for each in shown])

    def index(self, style: int, *, variant: int, view: int) -> int:
        """Return the number of a crop."""
        return (style * self.variants + variant) * self.views + view

    def display(self, page: int) -> Display:
        """Draw what a page is shown on."""
        rng = rng_for(self.seed, page, "screen")
        names = [f"{scale:g}" for scale in DEVICE_SCALES]
        weights = self.palette.weights.mixed("device scale", names, DEVICE_SCALES.values())
        scale = rng.choices(list(DEVICE_SCALES), weights=weights)[0]
        return draw_display(rng, scale, self.painter(page))

    def painter(self, page: int) -> str:
        """Draw what a page is painted by."""
        names = list(self.painters)
        return rng_for(self.seed, page, "painter").choices(names, weights=[self.painters[name] for name in names])[0]


def draw_display(rng: random.Random, scale: float, painter: str = CHROMIUM) -> Display:
    """Draw how text is drawn on a screen of that scale, in one of the ways that the painter can show."""
    if scale not in COARSE:
        return Display(scale)
    ways = PAINTER_TEXT[painter]
    return Display(scale, rng.choices(ways, weights=[COARSE_TEXT[way] for way in ways])[0])
