"""Near-duplicates: pictures that a model takes for the same thing, by their features and within one class."""

from collections.abc import Sequence

import numpy as np

from base.arrays import Labels, Mask, Reals, Tallies

SIMILAR_FROM = 0.9
"""The cosine of features from which on two pictures are near-duplicates, unless the settings say otherwise."""

CHUNK = 100
"""Rows compared with all others at a time: a pool of 50,000 takes 20 MB."""


class Duplicates:
    """Which rows are near-duplicates of a row that was claimed; the first to claim a row keeps it."""

    def __init__(self, features: Reals, classes: Labels, *, similarity: float) -> None:
        """Compare by features (N, F), only within equal `classes` (N,), from a cosine of `similarity` on."""
        self._directions = directions(features, classes)
        self._classes = classes
        self._similarity = similarity
        self._owner = np.full(len(features), -1)

    def is_claimed(self, row: int) -> bool:
        """Tell whether the row is like one that was claimed."""
        return bool(self._owner[row] >= 0)

    @property
    def free(self) -> Mask:
        """Return which rows are like none that was claimed, (N,)."""
        return self._owner < 0

    def claim(self, row: int) -> None:
        """Claim a row and all that are like it."""
        alike = self._alike([row])[:, 0]
        alike[row] = True  # rounding, or a similarity above 1
        self._owner[alike & self.free] = row

    def like_any(self, rows: Sequence[int]) -> Mask:
        """Return which rows are like one of `rows`, (N,), without claiming them."""
        found = np.zeros(len(self._owner), bool)
        for start in range(0, len(rows), CHUNK):
            found |= self._alike(rows[start : start + CHUNK]).any(axis=1)
        return found

    def counts(self, *, without: Sequence[int]) -> Tallies:
        """Return for each row how many it claimed, (N,), the rows in `without` not counted."""
        others = np.delete(self._owner, without)
        return np.bincount(others[others >= 0], minlength=len(self._owner))

    def _alike(self, rows: Sequence[int]) -> Mask:
        alike: Mask = self._directions @ self._directions[rows].T >= self._similarity
        alike &= self._classes[:, None] == self._classes[rows]
        return alike


def directions(features: Reals, classes: Labels) -> Reals:
    """Return unit vectors (N, F + 1) whose products are similarities, comparable within one class.

    A trained network moves all that it takes for one class close together: compared raw, a tick and a switch are
    alike to 0.99. Standardised within their class, what is left is how they differ from the class's usual look.
    """
    # The last column stays 1: where all rows are equal, it is what makes them alike.
    standard = np.ones((len(features), features.shape[1] + 1), np.float32)
    for label in np.unique(classes):
        rows = classes == label
        members = features[rows]
        noise = 1e-3 * np.sqrt(np.mean(members**2)) + np.finfo(np.float32).tiny
        standard[rows, :-1] = (members - members.mean(axis=0)) / (members.std(axis=0) + noise)
    lengths: Reals = np.linalg.norm(standard, axis=1, keepdims=True)
    return standard / lengths
