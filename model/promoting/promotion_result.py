"""What a promotion comes to: plain values, as JSON and in words."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from base.counting import counted
from base.intervals import Interval
from model.evaluation.compare import PairedCounts, mcnemar, paired_interval


@dataclass(frozen=True)
class PairedTest:
    """A new model against the one at work on the same pictures, and how quick both are.

    Attributes:
        counts: who is right where; `this` is the new model, `other` the one at work.
        speed: how many times as quick the new one is through the network, the median of the rounds' ratios.
        timed: pictures that speed was measured on.
        rounds: passes of each.
    """

    counts: PairedCounts
    speed: float
    timed: int
    rounds: int

    @property
    def p_value(self) -> float:
        """Return that of McNemar's exact test, two-sided."""
        return mcnemar(self.counts.only_this, self.counts.only_other)

    @property
    def interval(self) -> Interval:
        """Return Newcombe's paired 95 % interval of the difference in accuracy."""
        return paired_interval(self.counts)


@dataclass(frozen=True)
class PromotionRule:
    """When a new model takes the place of the one at work; see `decide`.

    `alpha` is the level of the paired test, `margin` how many points may be lost at worst by a quicker model, and
    `least_speed` how many times as quick that must be.
    """

    alpha: float
    margin: float
    least_speed: float

    def decide(self, test: PairedTest) -> tuple[bool, str]:
        """Return whether the new model is promoted, and why or why not.

        It is, where more of its answers are right and McNemar's exact test has a p-value below `alpha`; or where it is
        `least_speed` times as quick and the lower end of the 95 % interval of the difference is not below `-margin`.
        """
        counts, p_value, low = test.counts, test.p_value, 100 * test.interval[0]
        if counts.difference > 0 and p_value < self.alpha:
            return True, f"better: {100 * counts.difference:+.1f} points, p = {p_value:.2g}"
        if test.speed >= self.least_speed and low >= -self.margin:
            return True, f"quicker: {test.speed:.2f} times, and at worst {max(0.0, -low):.1f} points lower"
        return False, (
            f"neither better (p = {p_value:.2g}, {100 * counts.difference:+.1f} points; p below {self.alpha:g} is "
            f"asked for) nor quicker at no loss ({test.speed:.2f} times as quick, at worst {max(0.0, -low):.1f} points "
            f"lower; {self.least_speed:g} times and at most {self.margin:g} points are)"
        )


@dataclass(frozen=True)
class Promotion:
    """What came of trying a model.

    Attributes:
        model: as it was named, and its fingerprint.
        against: what it was compared with, likewise.
        test: the figures.
        left_out: pictures that one of the two had learned, and that were not used.
        unreadable: pictures that could not be read.
        promoted: whether it takes over, or would.
        reason: in words.
        version: of the registry, that the name stands for now; None where nothing was written.
        alias: the name.
    """

    model: str
    fingerprint: str
    against: str
    against_fingerprint: str
    test: PairedTest
    left_out: int
    unreadable: int
    promoted: bool
    reason: str
    version: str | None
    alias: str

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as JSON values."""
        values: dict[str, Any] = asdict(self)
        values["test"] |= {
            "difference": self.test.counts.difference,
            "interval": self.test.interval,
            "p_value": self.test.p_value,
        }
        return values

    def to_text(self) -> str:
        """Return what came out, in words."""
        return "\n".join(_lines(self))


def _lines(result: Promotion) -> Iterator[str]:
    counts, (low, high) = result.test.counts, result.test.interval
    this, other = (counts.both + counts.only_this) / counts.n, (counts.both + counts.only_other) / counts.n
    yield f"{result.model} ({result.fingerprint}) against {result.against} ({result.against_fingerprint})"
    yield (
        f"  right: {this:.1%} against {other:.1%} of {counted(counts.n, 'picture')}, difference "
        f"{counts.difference:+.1%} (95 % interval {low:+.1%} to {high:+.1%})"
    )
    yield (
        f"  only the new one right: {counts.only_this}, only the other: {counts.only_other}; "
        f"exact McNemar p = {result.test.p_value:.2g}"
    )
    yield (
        f"  speed: {result.test.speed:.2f} times as quick through the network (processor time, median of "
        f"{counted(result.test.rounds, 'round')} over {counted(result.test.timed, 'picture')})"
    )
    if result.left_out:
        yield f"  left out: {counted(result.left_out, 'picture')} that one of them has learned"
    yield f"{'promoted' if result.promoted else 'not promoted'}: {result.reason}"
    if result.version is not None:
        yield f"{result.alias} is {result.version}"
