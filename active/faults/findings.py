"""What a check finds, and what a check is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from active.faults.audited_set import AuditedSet


@dataclass(frozen=True)
class FaultFinding:
    """Something wrong with a picture, or with the whole set.

    Attributes:
        pictures: places in the set: the picture at fault, then those that it is compared with; none for the set.
        reason: in words.
        doubt: how sure it is, in [0, 1]; the surest come first.
        leave_out: a cleaned list goes without the picture.
        ask: a person should look at it.
    """

    pictures: tuple[int, ...]
    reason: str
    doubt: float
    leave_out: bool = False
    ask: bool = False


@dataclass(frozen=True)
class FaultCheck:
    """A check: `meaning` says what it finds, `misses` what gets past it, both for people."""

    find: Callable[[AuditedSet], Iterator[FaultFinding]]
    meaning: str
    misses: str
    needs_labels: bool = False
