"""Pictures that are like none of the others."""

from collections.abc import Iterator

import numpy as np

from active.faults.audited_set import AuditedSet
from active.faults.findings import FaultCheck, FaultFinding
from base.arrays import Doubles, Floats
from model.gap.measures import STATISTICS

NEIGHBOURS_COUNTED = 5
"""How far a picture is off is measured to this of its neighbours: a few odd ones alike are odd all the same."""

FAR = 4.5
"""Median absolute deviations beyond the median from which on a picture is an outlier."""

FEWEST_NEIGHBOURS = 30
"""Fewer pictures than this say nothing of what is usual."""

CLIPPED = 4.0
"""Standard deviations beyond which a single number says no more."""

ROWS_AT_A_TIME = 500

_FRAMED = ("width_px", "height_px", "aspect")
_USED = [place for place, name in enumerate(STATISTICS) if name not in _FRAMED and not name.startswith("margin_")]
_LONG_TAILS = [name.endswith("_px") or name == "colours" for name in STATISTICS]


def find_outliers(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures whose colours, edges and framing are far from those of all others."""
    spare = {place for group in audited.copies for place in group[1:]}
    places = [place for place in audited.measured if place not in spare]
    if len(places) < FEWEST_NEIGHBOURS:
        return
    far = _distances(np.array([audited.measured[place].statistics for place in places]))
    middle = float(np.median(far))
    spread = max(float(np.median(np.abs(far - middle))), 1e-6)
    for place, distance in zip(places, far.tolist(), strict=True):
        if distance > middle + FAR * spread:
            reason = f"{distance / middle:.1f} times as far from the others as is usual"
            yield FaultFinding((place,), reason, 1 - middle / distance, ask=True)


def _distances(statistics: Floats) -> Doubles:
    """Return how far the NEIGHBOURS_COUNTED-th nearest other is of each row of (N, S), as (N,)."""
    values = np.where(_LONG_TAILS, np.log1p(statistics), statistics)[:, _USED]
    standard = ((values - values.mean(0)) / (values.std(0) + 1e-6)).clip(-CLIPPED, CLIPPED)
    squares = (standard**2).sum(1)
    found = np.empty(len(standard))
    for start in range(0, len(standard), ROWS_AT_A_TIME):
        rows = slice(start, start + ROWS_AT_A_TIME)
        apart = squares[rows, None] + squares - 2 * standard[rows] @ standard.T
        found[rows] = np.sqrt(np.partition(apart, NEIGHBOURS_COUNTED, axis=1)[:, NEIGHBOURS_COUNTED].clip(0))
    return found


OUTLIER_CHECK = FaultCheck(
    find_outliers,
    meaning="is like none of the others",
    misses="six or more odd pictures that are alike; odd ones whose colours, edges and framing are usual, whatever "
    "they show; all of them in sets of fewer than 30 pictures",
)
