"""How far two pictures differ: what a person has a chance to see."""

import numpy as np

from base.arrays import Mask, Pixels

VISIBLE_LEVELS = 24
"""How many of 255 levels a pixel's channel must change by for a person to have a chance to see it."""

SMALLEST_CHANGE = 0.01
"""The share of the widget's pixels that must change so for two states to count as different."""


def visible_change(first: Pixels, second: Pixels) -> Mask:
    """Return which pixels of two pictures of one size, (H, W, 3), visibly differ, as booleans (H, W)."""
    levels = np.abs(first.astype(np.int16) - second.astype(np.int16)).max(axis=2)
    changed: Mask = levels > VISIBLE_LEVELS
    return changed


def changed_share(first: Pixels, second: Pixels, *, area: float) -> float:
    """Return the number of pixels that visibly differ as a share of `area`, 1 at most; 1 where the sizes differ."""
    if first.shape != second.shape:
        return 1.0
    return min(1.0, float(visible_change(first, second).sum()) / max(1.0, area))
