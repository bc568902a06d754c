"""Cells: everything that decides how one crop will look, drawn before anything is rendered."""

import itertools
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from base.errors import TemplateError
from base.seeds import rng_for
from generator.families.family import Family, ParameterValue
from generator.families.lineage import on_look
from generator.families.substates import MOST_DRAWN, shows, states_shown
from generator.families.theme import Theme, draw_theme, script_of
from generator.families.words import Script
from generator.sampling.degrade import draw_degradation
from generator.sampling.placement import Layout, View, draw_layout, draw_window
from generator.sampling.sampling_weights import ORDINARY, Generators, SamplingWeights, draw_weighed, weigh_family

LOOK = "look"
"""The parameter that every family of a component library has: the name of one of its looks."""


@dataclass(frozen=True)
class Cell:
    """A style in one state and the crops to be cut from it; no randomness is left in it."""

    style: int
    family: str
    kind: str
    state: str
    theme: Theme
    params: Mapping[str, ParameterValue]
    layout: Layout
    views: tuple[View, ...]


@dataclass(frozen=True)
class Palette:
    """What a cell may draw from: the families, what this machine's browser can show, and what is drawn more often."""

    families: Mapping[str, Family]
    fonts: tuple[str, ...]
    scripts: tuple[str, ...]
    weights: SamplingWeights = ORDINARY

    @cached_property
    def by_state(self) -> Mapping[str, tuple[Sequence[Family], Sequence[float]]]:
        """Return the families that can show each state, and their summed weights; states in order of first mention."""
        states = dict.fromkeys(state for family in self.families.values() for state in family.declared.states)
        able = {state: [f for f in self.families.values() if state in f.declared.states] for state in states}
        return {
            state: (several, list(itertools.accumulate(family.declared.weight for family in several)))
            for state, several in able.items()
        }

    @cached_property
    def weighed(self) -> "Palette":
        """Return the palette with the families as its weights would have them drawn."""
        families = {name: weigh_family(family, self.weights) for name, family in self.families.items()}
        return replace(self, families=families)


def draw_cell(palette: Palette, *, seed: int, style: int, views: int = 1) -> Cell:
    """Draw the cell of a style; each factor has its own generator, so none depends on another's draws.

    With weights, the base share of the styles is as it is without.
    """
    if not palette.weights.is_followed(rng_for(seed, style, "weights")):
        return _draw(palette, ORDINARY, seed=seed, style=style, views=views)
    return _draw(palette.weighed, palette.weights, seed=seed, style=style, views=views)


def _draw(palette: Palette, weights: SamplingWeights, *, seed: int, style: int, views: int) -> Cell:
    rngs = partial(rng_for, seed, style)
    state = rngs("state").choice(list(palette.by_state))
    able, summed = palette.by_state[state]
    family = rngs("family").choices(able, cum_weights=summed)[0]
    draw = partial(draw_theme, fonts=palette.fonts, scripts=palette.scripts)
    theme = draw_weighed(weights, "theme", draw, partial(rngs, "theme"))
    params = draw_params(family, state, rngs("params"), script_of(theme))
    if family.dressed_by:
        looks = family.dressed_by.looks
        params[LOOK] = rngs("look").choices(list(looks), [look.weight for look in looks.values()])[0]
        theme = on_look(theme, looks[str(params[LOOK])])
    return Cell(
        style=style,
        family=family.name,
        kind=family.declared.kind,
        state=state,
        theme=theme,
        params=params,
        layout=_draw_layout(weights, rngs, family, theme, states_shown(family, params)),
        views=tuple(_draw_view(weights, rngs, number) for number in range(views)),
    )


def draw_params(family: Family, state: str, rng: random.Random, script: Script) -> dict[str, ParameterValue]:
    """Draw parameters with which a family shows a state.

    Raises:
        TemplateError: hardly any do.
    """
    for _ in range(MOST_DRAWN):
        params = family.draw_params(rng, script)
        if shows(family, state, params):
            return params
    raise TemplateError(f"{family.name}: hardly any parameters show '{state}'; see its substates")


def draw_counterpart(cell: Cell, family: Family, *, seed: int) -> Cell:
    """Return the same style in another state, and nothing else changed.

    A family of one state has none; its counterpart has other parameters, so that both halves of the pairs are as
    varied.
    """
    others = [state for state in states_shown(family, cell.params) if state != cell.state]
    if others:
        return replace(cell, state=rng_for(seed, cell.style, "counterpart").choice(others))
    params = family.draw_params(rng_for(seed, cell.style, "params", "counterpart"), script_of(cell.theme))
    return replace(cell, params={**cell.params, **params})


def in_other_states(cell: Cell, family: Family, *, shown: Iterable[str]) -> tuple[Cell, ...]:
    """Return the same style in each state of the family's that is not `shown`, and nothing else changed."""
    states = states_shown(family, cell.params)
    return tuple(replace(cell, state=state) for state in states if state not in set(shown))


def _draw_layout(
    weights: SamplingWeights, rngs: Generators, family: Family, theme: Theme, states: Sequence[str]
) -> Layout:
    draw = partial(draw_layout, family=family, theme=theme, states=states)
    return draw_weighed(weights, "layout", draw, partial(rngs, "layout"))


def _draw_view(weights: SamplingWeights, rngs: Generators, number: int) -> View:
    return View(
        draw_weighed(weights, "window", draw_window, partial(rngs, "window", number)),
        draw_weighed(weights, "degradation", draw_degradation, partial(rngs, "degradation", number)),
    )
