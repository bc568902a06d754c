"""Cells: everything that decides how one crop will look, drawn before anything is rendered."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.degrade import Degradation, draw_degradation
from generator.family import Family, Value
from generator.library import on_look
from generator.seeds import rng_for
from generator.theme import Theme, draw_theme, script_of
from generator.words import draw_words

PLACEMENTS = {"right": 0.56, "none": 0.19, "left": 0.09, "far": 0.07, "below": 0.05, "above": 0.04}
MARGIN_PX = 24
"""Empty ground around each cell, in CSS pixels: the most that a crop can reach beyond the content."""

LOOK = "look"
"""The parameter that every family of a library has: the name of one of its looks."""


@dataclass(frozen=True)
class Neighbour:
    """Another widget of the same family beside the one that is cropped."""

    state: str
    text: str


@dataclass(frozen=True)
class Layout:
    """Where the label, the neighbours and the frame stand. `px` fields are CSS pixels.

    `covered` is the share of the widget, from below, that lies under a tooltip.
    """

    placement: str
    text: str
    hint: str
    struck: bool
    frame: str
    width_px: int
    stacking: str
    spacing_px: int
    before: Neighbour | None
    after: Neighbour | None
    covered: float


@dataclass(frozen=True)
class Window:
    """How the crop is cut: CSS pixels of margin around the content, and the share of the label that stays."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float
    label_share: float


@dataclass(frozen=True)
class Cell:
    """One crop's complete specification; no randomness is left in it."""

    index: int
    family: str
    kind: str
    state: str
    theme: Theme
    params: Mapping[str, Value]
    layout: Layout
    window: Window
    degradation: Degradation


@dataclass(frozen=True)
class Palette:
    """What a cell may draw from: the families and what this machine's browser can show."""

    families: Mapping[str, Family]
    fonts: tuple[str, ...]
    scripts: tuple[str, ...]


def draw_cell(palette: Palette, *, seed: int, index: int) -> Cell:
    """Draw the cell of that index; each factor has its own generator, so none depends on another's draws."""
    state = rng_for(seed, index, "state").choice(states_of(palette.families))
    family = _draw_family(rng_for(seed, index, "family"), palette.families, state)
    theme = draw_theme(rng_for(seed, index, "theme"), fonts=palette.fonts, scripts=palette.scripts)
    params = family.draw_params(rng_for(seed, index, "params"), script_of(theme))
    if family.library:
        looks = family.library.looks
        rng = rng_for(seed, index, "look")
        params[LOOK] = rng.choices(list(looks), weights=[look.weight for look in looks.values()])[0]
        theme = on_look(theme, looks[str(params[LOOK])])
    return Cell(
        index=index,
        family=family.name,
        kind=family.declared.kind,
        state=state,
        theme=theme,
        params=params,
        layout=_draw_layout(rng_for(seed, index, "layout"), family, theme),
        window=_draw_window(rng_for(seed, index, "window")),
        degradation=draw_degradation(rng_for(seed, index, "degradation")),
    )


def states_of(families: Mapping[str, Family]) -> tuple[str, ...]:
    """Return every state that some family can show, in order of first mention."""
    return tuple(dict.fromkeys(state for family in families.values() for state in family.declared.states))


def _draw_family(rng: random.Random, families: Mapping[str, Family], state: str) -> Family:
    able = [family for family in families.values() if state in family.declared.states]
    return rng.choices(able, weights=[family.declared.weight for family in able])[0]


def _draw_layout(rng: random.Random, family: Family, theme: Theme) -> Layout:
    script = script_of(theme)
    beside = family.declared.label == "beside"
    placement = rng.choices(list(PLACEMENTS), weights=list(PLACEMENTS.values()))[0] if beside else "none"
    neighbours = _draw_neighbours(rng, family.declared.states, theme)
    return Layout(
        placement=placement,
        text=draw_words(rng, script, 1, rng.choice((1, 2, 2, 3, 5, 9))),
        hint=draw_words(rng, script, 3, 9) if placement == "right" and rng.random() < 0.07 else "",
        struck=rng.random() < 0.03,
        frame=rng.choices(("", "card", "divider", "field"), weights=(80, 9, 7, 4))[0],
        width_px=rng.randint(180, 700),
        # Families with words of their own may be wide, and two side by side would overlap.
        stacking=rng.choice(("column", "column", "row")) if beside else "column",
        spacing_px=rng.randint(2, 18),
        before=neighbours[0],
        after=neighbours[1],
        covered=round(rng.uniform(0.1, 0.4), 2) if rng.random() < 0.02 else 0.0,
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


def _draw_window(rng: random.Random) -> Window:
    """Draw the cut: mostly a few pixels of ground on each side, now and then a slice off the content."""
    reach = rng.choice((4, 8, 12, 20, MARGIN_PX))
    left, top, right, bottom = (round(_draw_margin(rng, reach), 1) for _ in range(4))
    label_share = 1.0 if rng.random() < 0.6 else round(rng.uniform(0.02, 1.0), 2)
    return Window(left, top, right, bottom, label_share)


def _draw_margin(rng: random.Random, reach: int) -> float:
    return rng.uniform(-2.5, 0) if rng.random() < 0.12 else rng.uniform(0, reach)
