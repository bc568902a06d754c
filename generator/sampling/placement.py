"""Placement: what stands around a widget, and how a crop is cut."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from generator.families.family import Family
from generator.families.theme import Theme, script_of
from generator.families.words import draw_words
from generator.sampling.degrade import Degradation

PLACEMENTS = {"right": 0.56, "none": 0.19, "left": 0.09, "far": 0.07, "below": 0.05, "above": 0.04}
AROUND = {"": 80, "card": 9, "divider": 7, "field": 4}
"""What frames a cell, and how often."""

REACHES_PX = (6, 12, 16, 24, 36)
"""How far a crop may reach beyond its content, in CSS pixels; each side is drawn within one of them."""

LONG_REACH_PX = 70
"""How far a crop may reach to one side where it takes in empty room, as people's crops often do on the right."""

ZOOM = (0.6, 1.0)
"""How much smaller than its family draws it a widget may be: small ones are common, and hard."""

CUT = 0.07
"""How often a side of a crop cuts a little into its content."""


@dataclass(frozen=True)
class Neighbour:
    """Another widget of the same family beside the one that is cropped."""

    state: str
    text: str


@dataclass(frozen=True)
class Layout:
    """Where the label, the neighbours and the frame stand. `px` fields are CSS pixels.

    `wrap_px` is the width at which the label is broken into lines, 0 for one line; `top` says that the widget stands
    beside its first line. `zoom` makes the widget smaller beside its words. `covered` is the share of the widget, from
    below, that lies under a tooltip; `scrolled_px` the fraction of a CSS pixel by which scrolling put the cell off the
    grid.
    """

    placement: str
    text: str
    hint: str
    wrap_px: int
    top: bool
    zoom: float
    struck: bool
    frame: str
    width_px: int
    stacking: str
    spacing_px: int
    before: Neighbour | None
    after: Neighbour | None
    covered: float
    scrolled_px: float


BARE = Layout(
    placement="none",
    text="",
    hint="",
    wrap_px=0,
    top=False,
    zoom=1.0,
    struck=False,
    frame="",
    width_px=300,
    stacking="row",
    spacing_px=0,
    before=None,
    after=None,
    covered=0.0,
    scrolled_px=0.0,
)
"""A widget alone: no words, no neighbours, no frame."""


@dataclass(frozen=True)
class Window:
    """How the crop is cut: CSS pixels of margin around the content, and the share of the label that stays."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float
    label_share: float


@dataclass(frozen=True)
class View:
    """One crop of a cell: how it is cut and what it then goes through."""

    window: Window
    degradation: Degradation


def draw_layout(rng: random.Random, family: Family, theme: Theme, states: Sequence[str]) -> Layout:
    """Draw what stands around a widget of a family, whose neighbours may be in any of the states."""
    script = script_of(theme)
    beside = family.declared.label == "beside"
    placement = rng.choices(list(PLACEMENTS), weights=list(PLACEMENTS.values()))[0] if beside else "none"
    neighbours = _draw_neighbours(rng, states, theme)
    wraps = rng.random() < (0.5 if placement == "far" else 0.13)
    length = rng.choice((4, 6, 9, 14) if wraps else (1, 2, 2, 3, 5, 9))
    hinted = placement in ("right", "far", "left") and rng.random() < (0.3 if placement == "far" else 0.09)
    return Layout(
        placement=placement,
        text=draw_words(rng, script, 1, length),
        hint=draw_words(rng, script, 3, 9) if hinted else "",
        wrap_px=rng.randint(60, 260) if wraps else 0,
        top=rng.random() < 0.5,
        # A library's widget keeps the size that its style sheet gives it.
        zoom=round(rng.uniform(*ZOOM), 2) if rng.random() < 0.5 and not family.library else 1.0,
        struck=rng.random() < 0.03,
        frame=rng.choices(list(AROUND), weights=list(AROUND.values()))[0],
        width_px=rng.randint(180, 700),
        # Families with words of their own may be wide, and two side by side would overlap.
        stacking=rng.choice(("column", "column", "row")) if beside else "column",
        spacing_px=rng.randint(2, 18),
        before=neighbours[0],
        after=neighbours[1],
        covered=round(rng.uniform(0.1, 0.4), 2) if rng.random() < 0.02 else 0.0,
        scrolled_px=round(rng.random(), 2) if rng.random() < 0.2 else 0.0,
    )


def _draw_neighbours(
    rng: random.Random, states: Sequence[str], theme: Theme
) -> tuple[Neighbour | None, Neighbour | None]:
    """Draw what stands before and after; their states are drawn apart from the cell's own."""
    drawn = [Neighbour(rng.choice(states), draw_words(rng, script_of(theme), 1, 3)) for _ in range(2)]
    if rng.random() > 0.22:
        return None, None
    present = rng.choice(((True, False), (False, True), (True, True)))
    return drawn[0] if present[0] else None, drawn[1] if present[1] else None


def draw_window(rng: random.Random) -> Window:
    """Draw a cut: mostly a few pixels of ground on each side, now and then a slice off the content."""
    reach = rng.choice(REACHES_PX)
    left, top, right, bottom = (round(_draw_margin(rng, reach), 1) for _ in range(4))
    if rng.random() < 0.2:
        right = round(rng.uniform(0, LONG_REACH_PX), 1)
    label_share = 1.0 if rng.random() < 0.75 else round(rng.uniform(0.02, 1.0), 2)
    return Window(left, top, right, bottom, label_share)


def _draw_margin(rng: random.Random, reach: int) -> float:
    return rng.uniform(-2.5, 0) if rng.random() < CUT else rng.uniform(0, reach)
