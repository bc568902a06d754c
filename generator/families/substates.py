"""Substates: what some looks of a family's first state show, as a dash for indeterminate, as a class of its own."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace

import jinja2
import jinja2.meta

from base.errors import InputError, TemplateError, unknown_choice
from generator.families.family import SUFFIX, Family, ParameterValue

MOST_DRAWN = 500
"""How often parameters are drawn anew until one of them shows a state."""


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)


@functools.lru_cache(maxsize=256)
def _compiled(condition: str) -> jinja2.environment.TemplateExpression:
    return _environment().compile_expression(condition, undefined_to_none=False)


def with_substates(families: Mapping[str, Family], names: Iterable[str]) -> dict[str, Family]:
    """Return the families with those of the substates that they declare as further states.

    Raises:
        InputError: no family declares a substate of that name, or a family has a state that is called so.
        TemplateError: the condition of one is no expression of the family's parameters.
    """
    wanted = tuple(dict.fromkeys(names))
    declared = {name for family in families.values() for name in family.declared.substates}
    for name in wanted:
        if name not in declared:
            raise unknown_choice("substate", name, declared) if declared else _no_substates(name)
    return {name: _give_substates(family, wanted) for name, family in families.items()}


def _no_substates(name: str) -> InputError:
    return InputError(f"unknown substate '{name}': none of the families that are drawn from declares any")


def _give_substates(family: Family, wanted: Iterable[str]) -> Family:
    declared = family.declared
    own = {name: declared.substates[name] for name in wanted if name in declared.substates}
    for name, condition in own.items():
        _require_expression(family, name, condition)
    states = (*declared.states, *own)
    return replace(family, declared=declared.model_copy(update={"states": states}), substates=own) if own else family


def _require_expression(family: Family, name: str, condition: str) -> None:
    where = f"{family.name}{SUFFIX}: substates: {name}"
    try:
        names = jinja2.meta.find_undeclared_variables(_environment().parse("{{ " + condition + " }}"))
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{where}: {error.message}") from error
    if strange := sorted(names - set(family.declared.params)):
        raise TemplateError(f"{where}: {strange[0]} is no parameter; there are {', '.join(family.declared.params)}")


def shows(family: Family, state: str, params: Mapping[str, ParameterValue]) -> bool:
    """Tell whether a style of these parameters can show a state: a substate where its condition is met, and no other.

    States after the first are shown by every style.
    """
    met = [name for name, condition in family.substates.items() if _compiled(condition)(**params)]
    if state in family.substates:
        return met[:1] == [state]
    return state != family.declared.states[0] or not met


def states_shown(family: Family, params: Mapping[str, ParameterValue]) -> tuple[str, ...]:
    """Return the states that a style of these parameters can show."""
    states = family.declared.states
    return tuple(state for state in states if shows(family, state, params)) if family.substates else states
