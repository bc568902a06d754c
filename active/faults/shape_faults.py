"""Pictures of an odd size or ratio: too small to show a widget, or unlike all others of the set."""

from collections.abc import Iterator

import numpy as np

from active.faults.audited_set import AuditedSet
from active.faults.findings import FaultCheck, FaultFinding

SMALLEST_PX = 10
"""A shorter side than this has no room for a box and its mark."""

LONGEST = 25.0
"""A picture is odd that is so many times as wide as high, or as high as wide; rows with a widget reach 20."""

TIMES_AS_LARGE = 12.0
"""Odd is a side that is so many times as long, or as short, as the median of the set."""


def find_odd_shapes(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures that are very small, very long, or of a very different size than the rest."""
    sides = {place: measures.size for place, measures in audited.measured.items()}
    usual = np.median([np.sqrt(width * height) for width, height in sides.values()]) if sides else 1.0
    for place, (width, height) in sides.items():
        times = float(np.sqrt(width * height) / usual)
        ratio = max(width, height) / min(width, height)
        size = f"{width} x {height} px"
        if min(width, height) < SMALLEST_PX:
            yield FaultFinding((place,), f"{size}: a side is below {SMALLEST_PX} px", 1.0, leave_out=True)
        elif ratio > LONGEST:
            yield FaultFinding((place,), f"{size}: one side is {ratio:.0f} times the other", 0.9, ask=True)
        elif max(times, 1 / times) > TIMES_AS_LARGE:
            words = f"{times:.0f} times as long" if times > 1 else f"{1 / times:.0f} times as short"
            yield FaultFinding((place,), f"{size}: its sides are {words} as is usual here", 0.8, ask=True)


SHAPE_CHECK = FaultCheck(
    find_odd_shapes,
    meaning="is very small, very long, or of quite another size than the rest",
    misses="crops that cut through their widget; whole screens among crops, below 12 times their size",
)
