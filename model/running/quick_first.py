"""Two ways to run one network in turn: the quick one sees all pictures, the exact one those it leaves in doubt."""

from collections.abc import Sequence

import numpy as np

from base.arrays import Pixels
from model.running.scorer import Scorer, Scores

SURE_FROM = 0.9
"""The confidence from which what eight bits say is taken.

It lies beyond the limit below which the box looks closer, so that floats decide who gets one. On 3,000 synthetic
crops, none of which had set the ranges, eight bits named another class than floats only where they gave less than 0.54
to the class that they named.
"""


def quick_first(quick: Scorer, exact: Scorer, *, sure_from: float = SURE_FROM) -> Scorer:
    """Return a scorer that gives what `quick` says of a picture, and what `exact` says where that is in doubt.

    Each picture is decided on by itself, so that its result does not depend on its company.
    """

    def score(pixels: Sequence[Pixels]) -> Scores:
        found = quick(pixels)
        doubtful = np.flatnonzero(found.probabilities.max(axis=1) < sure_from)
        if doubtful.size:
            better = exact([pixels[index] for index in doubtful.tolist()])
            for name, table in vars(found).items():
                if table is not None:
                    table[doubtful] = getattr(better, name)
        return found

    return score
