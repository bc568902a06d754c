"""A strategy: the pictures in the order in which they lie in the pool."""

import numpy as np

from boxwright import Candidates, Picks


def first_come(candidates: Candidates, count: int, rng: np.random.Generator) -> Picks:
    """Take the first so many rows; all scores are alike."""
    rows = np.arange(min(count, len(candidates)))
    return Picks(rows, np.ones(len(rows)))
