"""Sampling weights: what is to be drawn more often than it is, or less, and how that is done."""

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, TypeVar

from pydantic import Field, field_validator

from base.errors import InputError, unknown_choice
from base.settings import Settings
from generator.families.family import Family, Parameter
from generator.sampling.drawn_factors import DRAWN_FACTORS, YES_NO, DrawnPart, say_value

CANDIDATES = 16
"""How many draws of a part one is chosen from, where its factors are weighed."""

LEAST_BASE = 0.1
"""The least share that is drawn as ever: who learns from what is hard alone forgets the rest."""

SMALLEST_STEP = 0.01
"""Fractions are drawn to this."""

Times = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
"""How many times as often."""

Limits = tuple[float, float]
"""The lowest and the highest value of a parameter."""

Generators = Callable[..., random.Random]
"""Returns the generator that belongs to the names it is given."""

_Drawn = TypeVar("_Drawn")


class SamplingWeights(Settings):
    """What is drawn how many times as often as by default, in all but the share `base` of the styles.

    Attributes:
        base: the share that is drawn as ever.
        families: times by family; those not named are drawn 1 time as often.
        factors: times by factor of `generator.sampling.drawn_factors.DRAWN_FACTORS` and value.
        parameters: by family and parameter: limits of a range, or times by value of a choice or chance.
    """

    base: float = Field(default=0.5, ge=LEAST_BASE, le=1)
    families: Mapping[str, Times] = Field(default={})
    factors: Mapping[str, Mapping[str, Times]] = Field(default={})
    parameters: Mapping[str, Mapping[str, Limits | Mapping[str, Times]]] = Field(default={})

    @field_validator("factors")
    @classmethod
    def _are_known(cls, factors: Mapping[str, Mapping[str, float]]) -> Mapping[str, Mapping[str, float]]:
        for name, times in factors.items():
            if name not in DRAWN_FACTORS:
                raise unknown_choice("factor", name, DRAWN_FACTORS)
            for value in times:
                if value not in DRAWN_FACTORS[name].values:
                    raise unknown_choice(f"value of {name}", value, DRAWN_FACTORS[name].values)
        return factors

    @property
    def changes_anything(self) -> bool:
        """Tell whether anything is drawn otherwise than by default."""
        return self.base < 1 and bool(self.families or self.factors or self.parameters)

    def named_families(self) -> tuple[str, ...]:
        """Return the families that are named, sorted."""
        return tuple(sorted({*self.families, *self.parameters}))

    def of_families(self, names: Iterable[str]) -> "SamplingWeights":
        """Return the weights without what is said of other families."""
        chosen = set(names)
        return SamplingWeights(
            base=self.base,
            families={name: times for name, times in self.families.items() if name in chosen},
            factors=self.factors,
            parameters={name: wishes for name, wishes in self.parameters.items() if name in chosen},
        )

    def is_followed(self, rng: random.Random) -> bool:
        """Draw whether a style is drawn by the weights, or as ever."""
        return self.changes_anything and rng.random() >= self.base

    def mixed(self, factor: str, values: Sequence[str], often: Iterable[float]) -> list[float]:
        """Return how often each value of a factor comes in all, given how often it comes by default."""
        shares = list(often)
        times = self.factors.get(factor, {})
        if not times:
            return shares
        weighed = [share * times.get(value, 1.0) for value, share in zip(values, shares, strict=True)]
        return [
            self.base * share / sum(shares) + (1 - self.base) * one / sum(weighed)
            for share, one in zip(shares, weighed, strict=True)
        ]


ORDINARY = SamplingWeights(base=1.0)
"""All is drawn as often as by default."""


def draw_weighed(
    weights: SamplingWeights, part: DrawnPart, draw: Callable[[random.Random], _Drawn], rngs: Generators
) -> _Drawn:
    """Draw a part so that the values of its factors come as many times as often as the weights say.

    One of CANDIDATES draws is taken in proportion to its weight, the product over its factors: sampling-importance
    resampling (Rubin 1987). What is rare by default comes a little less often than asked, because not every handful has
    one.

    Args:
        weights: where they weigh no factor of the part, the first draw is returned.
        part: what is drawn.
        draw: draws it.
        rngs: the part's generators.
    """
    wished = [
        (DRAWN_FACTORS[name], times) for name, times in weights.factors.items() if DRAWN_FACTORS[name].part == part
    ]
    if not wished:
        return draw(rngs())
    candidates = [draw(rngs(*(("candidate", number) if number else ()))) for number in range(CANDIDATES)]
    heavy = [
        math.prod(times.get(factor.value_of(vars(candidate)), 1.0) for factor, times in wished)
        for candidate in candidates
    ]
    return rngs("chosen").choices(candidates, weights=heavy)[0]


def weigh_family(family: Family, weights: SamplingWeights) -> Family:
    """Return the family as the weights would have it drawn: its weight, and what its parameters are drawn from.

    Raises:
        InputError: the weights name a parameter or a value that it has not.
    """
    times, wishes = weights.families.get(family.name, 1.0), weights.parameters.get(family.name, {})
    declared = family.declared
    for name in wishes:
        if name not in declared.params:
            raise unknown_choice(f"parameter of {family.name}", name, declared.params)
    params = {
        name: _weigh_parameter(f"{family.name}: {name}", one, wishes[name]) if name in wishes else one
        for name, one in declared.params.items()
    }
    return replace(family, declared=declared.model_copy(update={"weight": declared.weight * times, "params": params}))


def _weigh_parameter(where: str, parameter: Parameter, wish: Limits | Mapping[str, float]) -> Parameter:
    if parameter.range is not None:
        return _narrow(where, parameter.range, wish)
    if not isinstance(wish, Mapping) or parameter.words is not None:
        has = "is drawn from words" if parameter.words is not None else "has no range"
        raise InputError(f"{where} {has}; it cannot be given {wish!r}")
    values = [say_value(value) for value in parameter.choice] if parameter.choice is not None else list(YES_NO)
    for value in wish:
        if value not in values:
            raise unknown_choice(f"value of {where}", value, values)
    if parameter.choice is None:
        share = parameter.chance or 0.0
        yes, no = share * wish.get("yes", 1.0), (1 - share) * wish.get("no", 1.0)
        return Parameter(chance=yes / (yes + no))
    own = parameter.weights or (1.0,) * len(values)
    weighed = tuple(one * wish.get(value, 1.0) for value, one in zip(values, own, strict=True))
    return parameter.model_copy(update={"weights": weighed})


def _narrow(where: str, declared: Limits, wish: Limits | Mapping[str, float]) -> Parameter:
    if isinstance(wish, Mapping):
        raise InputError(f"{where} has a range; give [lowest, highest], not {dict(wish)}")
    low, high = max(declared[0], wish[0]), min(declared[1], wish[1])
    if low > high:
        raise InputError(f"{where} is from {declared[0]:g} to {declared[1]:g}; {list(wish)} leaves nothing of that")
    if _are_whole(declared) and not _are_whole((low, high)):
        raise InputError(f"{where} is a whole number; give [lowest, highest] as such, not {list(wish)}")
    if not _are_whole(declared) and _are_whole((low, high)):
        # Between whole numbers, whole numbers are drawn.
        low, high = max(declared[0], low - SMALLEST_STEP), min(declared[1], high + SMALLEST_STEP)
    return Parameter(range=(low, high))


def _are_whole(limits: Limits) -> bool:
    return all(limit == int(limit) for limit in limits)
