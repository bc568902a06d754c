"""Coverage: which real crops no synthetic crop resembles, measured by how alike synthetic crops are to each other."""

from dataclasses import dataclass

import numpy as np

from base.arrays import Floats
from model.gap.crop_statistics import Described
from model.gap.likeness import distances, group_alike, look_vectors

NEIGHBOURS = 5
YARDSTICK = 3000
UNCOVERED = 0.95
"""A real crop counts as uncovered when it is farther off than this share of synthetic crops are from the others."""


@dataclass(frozen=True)
class Neighbours:
    """A real crop and the synthetic crops that look most like it, as indices, nearest first.

    `percentile` is the share of synthetic crops that are nearer to their own nearest, 0 to 1; `agreement` the share of
    the neighbours that have the real crop's label; `alike` the number of real crops that are nearly this one.
    """

    real: int
    percentile: float
    nearest: tuple[int, ...]
    distances: tuple[float, ...]
    agreement: float
    group: int
    alike: int

    @property
    def uncovered(self) -> bool:
        """Tell whether nothing synthetic is like this crop."""
        return self.percentile > UNCOVERED


def find_neighbours(
    real: Described, synthetic: Described, *, count: int = NEIGHBOURS, seed: int = 0
) -> tuple[Neighbours, ...]:
    """Return each real crop's nearest synthetic ones, `count` of them, the uncovered crops first.

    A distance of `look_vectors` is made readable by the distances of synthetic crops from their nearest of another
    group: a crop beyond nearly all of those looks like nothing that was drawn.
    """
    theirs = look_vectors(synthetic, synthetic)
    ours = look_vectors(real, synthetic)
    yardstick = _yardstick(theirs, synthetic, seed=seed)
    groups = group_alike(ours)
    sizes = np.bincount(groups)
    labels = np.array([example.label for example in synthetic.examples])
    found = []
    for index, row in enumerate(distances(ours, theirs)):
        nearest = np.argsort(row, kind="stable")[:count]
        found.append(
            Neighbours(
                real=index,
                percentile=float(np.searchsorted(yardstick, row[nearest[0]]) / len(yardstick)),
                nearest=tuple(int(place) for place in nearest),
                distances=tuple(float(row[place]) for place in nearest),
                agreement=float((labels[nearest] == real.examples[index].label).mean()),
                group=int(groups[index]),
                alike=int(sizes[groups[index]]),
            )
        )
    return tuple(sorted(found, key=lambda item: (-item.percentile, -item.distances[0])))


def _yardstick(vectors: Floats, synthetic: Described, *, seed: int) -> Floats:
    """Return, sorted, how far a sample of the synthetic crops are from their nearest of another group."""
    _, groups = np.unique([example.group for example in synthetic.examples], return_inverse=True)
    chosen = np.random.default_rng(seed).permutation(len(vectors))[:YARDSTICK]
    nearest = [
        np.where(groups[index] == groups, np.inf, distances(vectors[[index]], vectors)[0]).min() for index in chosen
    ]
    return np.sort(np.array(nearest, np.float32))
