"""What a watch finds: plain values, as JSON and in words."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from active.watching.foreign_cluster import ForeignCluster
from active.watching.observation import ObservedPictures
from active.watching.shift_tests import ShiftTest
from base.counting import counted
from model.reading.images import Unreadable


@dataclass(frozen=True)
class Limit:
    """A figure that must not be beyond a stated limit: at least it, or at most it."""

    name: str
    value: float
    limit: float
    is_least: bool

    @property
    def is_alarm(self) -> bool:
        """Tell whether the figure is on the wrong side."""
        return self.value < self.limit if self.is_least else self.value > self.limit

    def to_text(self) -> str:
        """Return it in words."""
        asked = "at least" if self.is_least else "at most"
        return f"{self.name}: {self.value:,.4g}, {asked} {self.limit:,.4g} is asked for"


@dataclass(frozen=True)
class Watched:
    """A watch: tests, limits, and what is most foreign.

    `lately` and `reference` are the pictures that were compared, drawn from more where there were more; `total` says
    of how many they were.
    """

    lately: ObservedPictures
    reference: ObservedPictures
    total: tuple[int, int]
    tests: tuple[ShiftTest, ...]
    limits: tuple[Limit, ...]
    cluster: ForeignCluster | None
    alpha: float
    unreadable: tuple[Unreadable, ...]

    @property
    def alarms(self) -> tuple[str, ...]:
        """Return the names of what is beyond chance, or beyond a limit."""
        tests = [test.name for test in self.tests if test.is_alarm(self.alpha)]
        return (*tests, *(limit.name for limit in self.limits if limit.is_alarm))

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as JSON values."""
        cluster = self.cluster
        return {
            "alarms": list(self.alarms),
            "model": self.lately.fingerprint,
            "lately": len(self.lately),
            "reference": len(self.reference),
            "total": {"lately": self.total[0], "reference": self.total[1]},
            "alpha": self.alpha,
            "tests": [asdict(test) | {"alarm": test.is_alarm(self.alpha)} for test in self.tests],
            "limits": [asdict(limit) | {"alarm": limit.is_alarm} for limit in self.limits],
            "foreign": None
            if cluster is None
            else {
                "pictures": [str(self.lately.paths[row]) for row in cluster.members],
                "in_reference": cluster.in_reference,
                "excess": cluster.excess,
            },
            "unreadable": [{"path": str(each.path), "reason": each.reason} for each in self.unreadable],
        }

    def to_text(self) -> str:
        """Return what was found, in words."""
        return "\n".join(_lines(self))


def _lines(found: Watched) -> Iterator[str]:
    ours, theirs = len(found.lately), len(found.reference)
    yield f"{_drawn(ours, found.total[0])} of late, {_drawn(theirs, found.total[1])} of the reference"
    yield f"{'':12} {'p':>6}  corrected"
    for test in found.tests:
        alarm = "  ALARM" if test.is_alarm(found.alpha) else ""
        yield f"{test.name:12} {test.p_value:6.3f}  {test.corrected:9.3f}{alarm}"
        if alarm:
            yield from (f"  {line}" for line in change_lines(test))
    for limit in found.limits:
        yield limit.to_text() + ("  ALARM" if limit.is_alarm else "")
    if found.alarms and found.cluster is not None:
        yield cluster_line(found)
    if found.unreadable:
        yield f"could not be read: {counted(len(found.unreadable), 'picture')}"
    yield f"alarm: {', '.join(found.alarms)}" if found.alarms else f"quiet, at a level of {found.alpha:g} for all tests"


def change_lines(test: ShiftTest) -> Iterator[str]:
    """Yield what changed, lately and in the reference."""
    for change in test.changes:
        yield f"{change.name}: {change.lately:.3g}, in the reference {change.reference:.3g}"


def cluster_line(found: Watched) -> str:
    """Return in words how foreign the most foreign cluster is; there is one."""
    assert found.cluster is not None
    ours, theirs = len(found.cluster.members) / len(found.lately), found.cluster.in_reference / len(found.reference)
    first = found.lately.paths[found.cluster.members[0]]
    return f"most foreign: {ours:.0%} of late are of a cluster with {theirs:.0%} of the reference, as {first}"


def _drawn(count: int, total: int) -> str:
    return counted(count, "picture") if count == total else f"{count:,} of {counted(total, 'picture')}"
