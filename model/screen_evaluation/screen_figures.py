"""The figures of what was found on screens, from tallies, with intervals by bootstrap over screens."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from base.arrays import Doubles, Floats, Mask, Tallies
from base.intervals import Interval
from model.screen_evaluation.screen_tallies import TallyRow

DRAWS = 1000
"""Samples of screens that an interval is from."""

LEAST_SCREENS = 2
"""With fewer there is no interval."""


@dataclass(frozen=True)
class ScreenFigure:
    """A figure and its 95 % interval; None where there is nothing to tell it by, or too few screens."""

    value: float | None
    interval: Interval | None


def screen_figures(counts: TallyRow) -> dict[str, Doubles]:
    """Return the figures of tallies summed over screens, of any shape; NaN where there is nothing to divide by.

    Precision is of screens that are complete; `end_to_end` takes a box for right only where its state is.
    """
    precision, recall = _share(counts.right_answers, counts.answers), _share(counts.hits, counts.widgets)
    centre_precision = _share(counts.right_centre_answers, counts.centre_answers)
    centre_recall = _share(counts.centred, counts.widgets)
    told_precision = _share(counts.told_answers, counts.stated_answers)
    told_recall = _share(counts.told, counts.stated)
    judged = counts.complete > 0
    return {
        "precision": precision,
        "recall": recall,
        "f1": _harmonic_mean(precision, recall, judged),
        "centre_precision": centre_precision,
        "centre_recall": centre_recall,
        "centre_f1": _harmonic_mean(centre_precision, centre_recall, judged),
        "kind_accuracy": _share(counts.kind_right, counts.kinded_hits),
        "state_accuracy": _share(counts.told, counts.stated_hits),
        "end_to_end_recall": told_recall,
        "end_to_end_f1": _harmonic_mean(told_precision, told_recall, judged),
        "false_per_screen": _share(counts.answers - counts.right_answers, counts.complete),
    }


def draw_screens(screens: int, *, seed: int, draws: int = DRAWS) -> Floats:
    """Return how often each screen is in each of `draws` samples with replacement, (draws, screens)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(screens, np.full(screens, 1 / screens), size=draws).astype(np.float32)


def with_intervals(counts: TallyRow, samples: Floats) -> dict[str, ScreenFigure]:
    """Return the figures of tallies by screen, with percentiles of those of the samples (Efron 1979)."""
    whole = screen_figures(TallyRow(*(np.asarray(column.sum()) for column in counts)))
    sums = np.rint(samples @ np.array(counts, np.float32).T).astype(np.intp)
    drawn = screen_figures(TallyRow(*sums.T))
    enough = samples.shape[1] >= LEAST_SCREENS
    return {name: _figure(float(value), drawn[name] if enough else None) for name, value in whole.items()}


def without(figures: Mapping[str, ScreenFigure], names: frozenset[str]) -> dict[str, ScreenFigure]:
    """Return the figures with those of some names unknown."""
    return {name: ScreenFigure(None, None) if name in names else figure for name, figure in figures.items()}


def _figure(value: float, drawn: Doubles | None) -> ScreenFigure:
    if np.isnan(value):
        return ScreenFigure(None, None)
    known = drawn[~np.isnan(drawn)] if drawn is not None else np.empty(0)
    if not len(known):
        return ScreenFigure(value, None)
    lower, upper = np.quantile(known, (0.025, 0.975))
    return ScreenFigure(value, (float(lower), float(upper)))


def _share(part: Tallies, whole: Tallies) -> Doubles:
    shares: Doubles = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
    return shares


def _harmonic_mean(precision: Doubles, recall: Doubles, judged: Mask) -> Doubles:
    """Return F1, which is 0 where nothing was found of what is there; NaN where neither is known, or is not judged."""
    known = judged & ~(np.isnan(precision) & np.isnan(recall))
    right, there = np.nan_to_num(precision), np.nan_to_num(recall)
    f1 = np.divide(2 * right * there, right + there, out=np.zeros(np.shape(right)), where=right + there > 0)
    return np.where(known, f1, np.nan)
