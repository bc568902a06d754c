"""Labels that are probably wrong, pictures that nobody could decide, and classes with too few of them."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from active.faults.audited_set import AuditedSet
from active.faults.findings import FaultCheck, FaultFinding
from active.faults.outlier_faults import find_outliers
from active.faults.quality_faults import shows_too_little
from active.faults.shape_faults import find_odd_shapes
from active.suspects.label_errors import FEWEST_DOUBTED
from base.arrays import Reals
from base.counting import counted

SURE = -0.78
"""The margin below which a label is called wrong: a mere disagreement is more often the model's mistake."""

UNDECIDED = 0.15
"""The two likeliest classes are no farther apart where a picture is called undecidable."""

UNEVEN = 10
"""A class is called rare that has so many times fewer pictures than the largest."""


def find_wrong_labels(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find labels that models which never saw them are sure are others, of pictures that have no fault of their own."""
    found = audited.judgement.held_out
    if found is None:
        return
    strange = {finding.pictures[0] for find in (find_odd_shapes, find_outliers) for finding in find(audited)}
    for row in np.flatnonzero(found.margins < SURE).tolist():
        place, likely = found.places[row], int(found.probabilities[row].argmax())
        if place in strange or shows_too_little(audited.measured[place]):
            continue
        reason = (
            f"labelled {audited.label(place)}; {found.votes[row]:.0%} of the models that never saw it say "
            f"{found.classes[likely]}, {found.probabilities[row, likely]:.2f}"
        )
        yield FaultFinding((place,), reason, (1 - float(found.margins[row])) / 2, leave_out=True, ask=True)


def find_undecidable(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures of which models cannot tell which of two classes they show."""
    judgement, found = audited.judgement, audited.judgement.held_out
    if found is None:
        yield from _find_close(judgement.probabilities, list(judgement.examples), judgement.classes)
    else:
        yield from _find_close(found.probabilities, found.places, found.classes)


def _find_close(probabilities: Reals, places: Sequence[int], classes: Sequence[str]) -> Iterator[FaultFinding]:
    for place, row in zip(places, probabilities, strict=True):
        second, first = np.argsort(row)[-2:].tolist()
        gap = float(row[first] - row[second])
        if gap < UNDECIDED:
            reason = f"{classes[first]} {row[first]:.2f} or {classes[second]} {row[second]:.2f}"
            yield FaultFinding((place,), reason, 1 - gap, ask=True)


def find_imbalance(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find classes with few pictures, in the set and in its splits."""
    splits = sorted({audited.split(place) for place in audited.measured})
    counts = {split: Counter[str]() for split in splits}
    for place in audited.measured:
        counts[audited.split(place)][audited.label(place)] += 1
    whole = sum(counts.values(), Counter[str]())
    for label, count in sorted(whole.items()):
        most = max(whole.values())
        if count * UNEVEN <= most or count < FEWEST_DOUBTED:
            yield FaultFinding(
                (), f"{label} has {counted(count, 'picture')}, the largest class {most}", 1 - count / most
            )
        for split in splits:
            if split and not counts[split][label]:
                yield FaultFinding((), f"no picture of {label} is in {split}", 1.0)


LABEL_CHECK = FaultCheck(
    find_wrong_labels,
    meaning="is labelled otherwise than models that never saw it are sure of",
    misses="a wrong label that the model would give too; labels of looks that the model does not know; half of the "
    "labels of a look where they are wrong alike; labels of blank, blurred, pale and dark pictures, odd shapes and "
    "outliers; all of them in sets of fewer than 20 pictures",
    needs_labels=True,
)
UNDECIDABLE_CHECK = FaultCheck(
    find_undecidable,
    meaning="leaves models undecided between two classes",
    misses="what people cannot decide and the model is sure of; a calibrated model finds more",
)
BALANCE_CHECK = FaultCheck(
    find_imbalance,
    meaning="a class has few pictures, or none in a split",
    misses="looks, sites and kinds of widgets that are rare within a class",
    needs_labels=True,
)
