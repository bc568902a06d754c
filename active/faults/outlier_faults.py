"""Pictures that are like none of the others."""

import math
from collections.abc import Iterator

import numpy as np

from active.faults.audited_set import AuditedSet
from active.faults.findings import FaultCheck, FaultFinding
from active.faults.quality_faults import has_too_little_contrast
from active.faults.shape_faults import find_odd_shapes
from base.arrays import Doubles, Floats
from model.gap.measures import STATISTICS

NEIGHBOURS_COUNTED = 5
"""How far a picture is off is measured to this of its neighbours: a few odd ones alike are odd all the same."""

POWER = 0.5
"""Differences are raised to this and added up: what is unusual in many ways is farther off than what is so in one.

In many dimensions powers below 1 also tell near from far better (Aggarwal, Hinneburg and Keim 2001).
"""

TAIL = 0.9
FAR = 2.2
"""An outlier is so many times as far beyond the median as the TAIL quantile of the set is."""

FEWEST_NEIGHBOURS = 30
"""Fewer pictures than this say nothing of what is usual."""

CLIPPED = 6.0
"""Standard deviations beyond which a single number says no more."""

MOST_NEIGHBOURS = 2000
"""Of larger sets every n-th picture stands for all, so that the time grows with their number and not its square."""

ROWS_AT_A_TIME = 500

_FRAMED = ("width_px", "height_px", "aspect")
_USED = [place for place, name in enumerate(STATISTICS) if name not in _FRAMED and not name.startswith("margin_")]
_LONG_TAILS = [name.endswith("_px") or name == "colours" for name in STATISTICS]


def find_outliers(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures whose colours, edges and framing are far from those of all others, for no reason told elsewhere."""
    spare = {place for group in audited.copies for place in group[1:]}
    told = spare | {finding.pictures[0] for finding in find_odd_shapes(audited)}
    measured = audited.measured.items()
    places = [place for place, each in measured if place not in told and not has_too_little_contrast(each)]
    if len(places) < FEWEST_NEIGHBOURS:
        return
    far = _distances(np.array([audited.measured[place].statistics for place in places]))
    middle, tail = np.quantile(far, [0.5, TAIL]).tolist()
    for place, distance in zip(places, far.tolist(), strict=True):
        if distance > middle + FAR * max(tail - middle, 1e-6):
            reason = f"{distance / middle:.1f} times as far from the others as is usual"
            yield FaultFinding((place,), reason, 1 - middle / distance, ask=True)


def _distances(statistics: Floats) -> Doubles:
    """Return how far the NEIGHBOURS_COUNTED-th nearest other is of each row of (N, S), as (N,)."""
    values = np.where(_LONG_TAILS, np.log1p(statistics), statistics)[:, _USED]
    standard = ((values - values.mean(0)) / (values.std(0) + 1e-6)).clip(-CLIPPED, CLIPPED)
    others = np.arange(0, len(standard), math.ceil(len(standard) / MOST_NEIGHBOURS))
    found = np.empty(len(standard))
    for start in range(0, len(standard), ROWS_AT_A_TIME):
        rows = np.arange(start, min(start + ROWS_AT_A_TIME, len(standard)))
        apart = np.zeros((len(rows), len(others)))
        for column in standard.T:
            apart += np.abs(column[rows, None] - column[others]) ** POWER
        apart[rows[:, None] == others] = np.inf  # itself is no neighbour
        found[rows] = np.partition(apart, NEIGHBOURS_COUNTED - 1, axis=1)[:, NEIGHBOURS_COUNTED - 1]
    return found


OUTLIER_CHECK = FaultCheck(
    find_outliers,
    meaning="is like none of the others",
    misses="six or more odd pictures that are alike; odd ones whose colours, edges and framing are usual, whatever "
    "they show, or whose noise and compression the others share; blank, pale and dark pictures and odd shapes, which "
    "other checks find; most where more than some 3 in 100 are odd; all of them in sets of fewer than 30 pictures",
)
