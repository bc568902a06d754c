"""Pictures that cannot be read, or that the model cannot take."""

from collections.abc import Iterator

from active.faults.audited_set import AuditedSet
from active.faults.findings import FaultCheck, FaultFinding


def find_unreadable(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find files that are no sound pictures, and pictures that no model is given."""
    for place, each in enumerate(audited.pictures):
        if each.error:
            yield FaultFinding((place,), each.error, 1.0, leave_out=True)
    for place, reason in audited.judgement.refused.items():
        yield FaultFinding((place,), f"the model cannot take it: {reason}", 0.9, leave_out=True)


UNREADABLE_CHECK = FaultCheck(
    find_unreadable,
    meaning="cannot be read",
    misses="damage that decoders do not see: a picture may be grey from the middle on",
)
