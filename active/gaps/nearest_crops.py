"""Nearest crops: what the generator draws that comes nearest to hard crops, and how much that says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from active.gaps.hard_crops import HardCrop
from model.gap.coverage import Neighbours, find_neighbours
from model.gap.crop_statistics import Described
from model.labelled_folders.examples import Example
from model.running.readings import Reading

LOOKED_AT = 8
"""So many times as many neighbours are looked at as are taken, to find enough of the right state."""

OTHER_KIND = 0.5
"""What a neighbour counts that shows another kind of widget than the real crop."""


@dataclass(frozen=True)
class NearestCrop:
    """A synthetic crop by its place, and what it counts as evidence for how a hard crop could be drawn."""

    place: int
    weight: float


@dataclass(frozen=True)
class MatchedCrop:
    """A hard crop and the synthetic ones nearest to it; `uncovered` says that even these are far off.

    The weights add up to the doubt, shared out among crops that look nearly the same: forty copies of one widget
    must not count forty times.
    """

    crop: HardCrop
    nearest: tuple[NearestCrop, ...]
    uncovered: bool
    alike: int
    group: int


def find_nearest(
    hard: Sequence[HardCrop], real: Described, synthetic: Described, *, count: int, seed: int
) -> tuple[MatchedCrop, ...]:
    """Return the `count` synthetic crops that look most like each hard crop, in the order of the hard crops.

    How alike two crops look, the model's features and plain statistics say half and half, as for `boxwright score`.
    Where there is a label, only crops that show this state are taken, if there are any about: to the features of a
    model that is wrong, what it takes the crop for lies nearest. Of those taken, the ones of the kind that the model
    sees, and with a box of the size that it finds, count most.
    """
    chosen = real.take(np.array([each.place for each in hard], np.intp))
    found = find_neighbours(chosen, synthetic, count=LOOKED_AT * count, seed=seed)
    matched = {
        item.real: _match(hard[item.real], item, chosen.readings[item.real], synthetic, count=count) for item in found
    }
    return tuple(matched[number] for number in range(len(hard)))


def _match(crop: HardCrop, item: Neighbours, reading: Reading, synthetic: Described, *, count: int) -> MatchedCrop:
    right = [place for place in item.nearest if not crop.label or synthetic.examples[place].label == crop.label]
    taken = (right or item.nearest)[:count]
    heavy = [_agreement(reading, synthetic.examples[place]) for place in taken]
    share = crop.doubt / item.alike / sum(heavy)
    nearest = tuple(NearestCrop(place, share * one) for place, one in zip(taken, heavy, strict=True))
    return MatchedCrop(crop, nearest, item.uncovered, item.alike, item.group)


def _agreement(reading: Reading, drawn: Example) -> float:
    agreed = OTHER_KIND if reading.kind and drawn.kind and reading.kind != drawn.kind else 1.0
    if reading.box and drawn.box:
        sizes = [max(1.0, box[2]) * max(1.0, box[3]) for box in (reading.box, drawn.box)]
        agreed *= math.exp(-abs(math.log(sizes[0] / sizes[1])) / 2)
    return agreed
