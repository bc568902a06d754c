"""From the nearest crops to sampling weights: how many times as often something comes there as it is drawn."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from generator.crops.manifest import ManifestRow
from generator.families.family import Family, Parameter
from generator.formats.factors import FACTORS
from generator.sampling.drawn_factors import DRAWN_FACTORS, say_value
from generator.sampling.sampling_weights import Limits, SamplingWeights

FAMILY_PULL, FACTOR_PULL, PARAMETER_PULL = 0.25, 3.0, 1.0
"""How many hard crops are held against what a handful of them says; there are hundreds of families, and few values."""

LEAST_TIMES, MOST_TIMES = 0.25, 8.0
"""Nothing is drawn more seldom, or more often, than so many times as much."""

WORTH_SAYING = 1.25
"""Times between this and its inverse are left out."""

FEWEST_TO_NARROW = 3.0
"""From so many hard crops near to a family on, ranges of its parameters are narrowed to what lies near them."""

TAIL = 0.1
"""The share of what lies near that is left out at either end of a narrowed range."""

WIDEST = 0.7
"""A range that would keep more than this share of itself stays as it is."""

NearRows = Sequence[tuple[ManifestRow, float]]
"""Crops that come near hard ones, and what each counts."""

Wishes = dict[str, Limits | Mapping[str, float]]
"""By parameter of one family: limits of a range, or times by value."""


def fit_weights(
    near: NearRows, drawn: Iterable[ManifestRow], families: Mapping[str, Family], *, base: float
) -> SamplingWeights:
    """Return what would be drawn how many times as often, so that more of it comes near to what is hard.

    Each is how much of something there is among the nearest crops over how much would be there by chance, both with
    FAMILY_PULL, FACTOR_PULL or PARAMETER_PULL added, and kept between LEAST_TIMES and MOST_TIMES: the posterior mean of
    a ratio of counts with a gamma prior around 1 (the gamma-Poisson shrinker, DuMouchel 1999).

    Args:
        near: the nearest crops; their weights add up to about as many as there are hard crops.
        drawn: all crops of the set that these are from, which is drawn as by default.
        families: by name, for what their parameters are drawn from; those that are missing get no wishes of them.
        base: the share that is to be drawn as ever.
    """
    rows = list(drawn)
    counts = _count((row.family, weight) for row, weight in near)
    return SamplingWeights(
        base=base,
        families=fit_times(counts, Counter(row.family for row in rows), pull=FAMILY_PULL),
        factors=_fit_factors(near, rows),
        parameters=_fit_parameters(near, rows, families),
    )


def fit_times(near: Mapping[str, float], usual: Mapping[str, float], *, pull: float) -> dict[str, float]:
    """Return how many times as often values are wanted, rounded, largest first; those about as often are left out.

    Args:
        near: what counts for each value, in hard crops.
        usual: how often each is drawn; need not add up to 1. Values that are not drawn at all are passed over.
        pull: in hard crops, how strongly times are held to 1.
    """
    count, total = sum(near.values()), sum(usual.values())
    times = {
        value: (near.get(value, 0.0) + pull) / (count * often / total + pull)
        for value, often in usual.items()
        if often > 0
    }
    bounded = {value: min(max(one, LEAST_TIMES), MOST_TIMES) for value, one in times.items()}
    worth = {value: one for value, one in bounded.items() if not 1 / WORTH_SAYING < one < WORTH_SAYING}
    return {value: round(one, 2) for value, one in sorted(worth.items(), key=lambda item: (-item[1], item[0]))}


def _fit_factors(near: NearRows, rows: Sequence[ManifestRow]) -> dict[str, dict[str, float]]:
    found = {}
    for name in DRAWN_FACTORS:
        value_of = FACTORS[name]
        counts = _count((value_of(row), weight) for row, weight in near)
        times = fit_times(counts, Counter(map(value_of, rows)), pull=FACTOR_PULL)
        if times:
            found[name] = times
    return found


def _count(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    counts: dict[str, float] = defaultdict(float)
    for value, weight in pairs:
        counts[value] += weight
    return counts


def _fit_parameters(near: NearRows, rows: Sequence[ManifestRow], families: Mapping[str, Family]) -> dict[str, Wishes]:
    close = defaultdict(list)
    for row, weight in near:
        close[row.family].append((json.loads(row.params), weight))
    usual = defaultdict(list)
    for row in rows:
        usual[row.family].append(json.loads(row.params))
    found: dict[str, Wishes] = {}
    for name, here in sorted(close.items()):
        declared = families[name].declared.params if name in families else {}
        fitted: dict[str, Limits | dict[str, float] | None] = {
            parameter: _fit_parameter(
                one,
                [(values[parameter], weight) for values, weight in here if parameter in values],
                [values[parameter] for values in usual[name] if parameter in values],
            )
            for parameter, one in declared.items()
        }
        wishes: Wishes = {parameter: wish for parameter, wish in fitted.items() if wish}
        if wishes:
            found[name] = wishes
    return found


def _fit_parameter(
    declared: Parameter, near: Sequence[tuple[object, float]], usual: Sequence[object]
) -> Limits | dict[str, float] | None:
    if declared.range is not None:
        return _narrow_range(declared.range, near)
    if declared.words is not None:
        return None
    counts = _count((say_value(value), weight) for value, weight in near)
    return fit_times(counts, Counter(map(say_value, usual)), pull=PARAMETER_PULL) or None


def _narrow_range(declared: Limits, near: Sequence[tuple[object, float]]) -> Limits | None:
    weights = np.array([weight for _, weight in near])
    if weights.sum() < FEWEST_TO_NARROW:
        return None
    values = np.array([value for value, _ in near], float)
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    low, high = (float(values[order][np.searchsorted(reached, share)]) for share in (TAIL, 1 - TAIL))
    if not low < high or high - low > WIDEST * (declared[1] - declared[0]):
        return None
    return low, high
