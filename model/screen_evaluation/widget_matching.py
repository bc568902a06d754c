"""Which found box stands for which widget: one to one, the surest first."""

from dataclasses import dataclass

import numpy as np

from base.arrays import Doubles, Indices, Mask
from model.finding.box_arrays import (
    centre_distances,
    centres_inside,
    intersection_over_own,
    intersection_over_union,
)

LEAST_IOU = 0.5
"""The intersection over union from which a box counts as found."""

LEAST_IGNORED = 0.5
"""The share of a found box that must lie in what is ignored for it not to count, as COCO has it for its crowds."""

UNMATCHED = -1


@dataclass(frozen=True)
class BoxMatches:
    """What becomes of N found boxes beside M true ones.

    `widget_of` (N,) is the index of the true box or `UNMATCHED`; `ignored` (N,) tells which of those that have none lie
    on what counts neither way.
    """

    widget_of: Indices
    ignored: Mask


def match_best_first(fitness: Doubles, order: Indices) -> Indices:
    """Give each of N, in `order`, the fittest of M that is left; return its index, or `UNMATCHED`.

    Args:
        fitness: (N, M), above 0 where the two may be matched; the first of equals is taken.
        order: which of N chooses when.
    """
    open_fitness, chosen = fitness.copy(), np.full(len(fitness), UNMATCHED, np.intp)
    if not fitness.size:
        return chosen
    for row in order:
        best = int(open_fitness[row].argmax())
        if open_fitness[row, best] > 0:
            chosen[row] = best
            open_fitness[:, best] = 0
    return chosen


def match_by_overlap(found: Doubles, true: Doubles, ignore: Doubles, confidence: Doubles) -> BoxMatches:
    """Match boxes (N, 4) with those (M, 4) that they overlap at `LEAST_IOU`.

    What stands for no widget counts neither way where `LEAST_IGNORED` of it lies in a box to be ignored.
    """
    iou = intersection_over_union(found, true)
    chosen = match_best_first(np.where(iou >= LEAST_IOU, iou, 0), surest_first(confidence))
    on_ignored = (intersection_over_own(found, ignore) >= LEAST_IGNORED).any(1)
    return BoxMatches(chosen, (chosen == UNMATCHED) & on_ignored)


def match_by_centre(found: Doubles, true: Doubles, ignore: Doubles, confidence: Doubles) -> BoxMatches:
    """Match boxes (N, 4) with those (M, 4) that their centres lie in, the nearest centre first.

    What stands for no widget counts neither way where its centre lies in a box to be ignored.
    """
    nearness = np.where(centres_inside(found, true), 1 / (1 + centre_distances(found, true)), 0)
    chosen = match_best_first(nearness, surest_first(confidence))
    return BoxMatches(chosen, (chosen == UNMATCHED) & centres_inside(found, ignore).any(1))


def surest_first(confidence: Doubles) -> Indices:
    """Return the order of falling confidence; equals stay as they are."""
    return np.argsort(-confidence, kind="stable")
