"""Flip consistency: whether an answer changes with the state when nothing but the state does."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from base.intervals import Interval, wilson
from model.labelled_folders.folders import Example

RIGHT, SAME, SWAPPED, ELSEWHERE = "both right", "does not flip", "flips the wrong way", "one goes elsewhere"


@dataclass(frozen=True)
class Pair:
    """Two pictures that differ in their state alone, what they were taken for, and what that makes of the pair."""

    paths: tuple[Path, Path]
    labels: tuple[str, str]
    predictions: tuple[str, str]

    @property
    def outcome(self) -> str:
        """Return one of the four things that can happen to a pair."""
        if self.predictions == self.labels:
            return RIGHT
        if self.predictions[0] == self.predictions[1]:
            return SAME
        return SWAPPED if self.predictions == self.labels[::-1] else ELSEWHERE


@dataclass(frozen=True)
class FlipConsistency:
    """How `n` counterfactual pairs fared; `both_right` with Wilson's interval, `failed` are all but those."""

    n: int
    both_right: int
    interval: Interval
    same_answer: int
    swapped: int
    elsewhere: int
    failed: tuple[Pair, ...]

    def lines(self) -> Iterator[str]:
        """Yield the shares as lines of text."""
        low, high = self.interval
        share = self.both_right / self.n
        yield f"{self.n} counterfactual pairs: both right {share:.1%} (95 % interval {low:.1%} to {high:.1%})"
        counts = ((SAME, self.same_answer), (SWAPPED, self.swapped), (ELSEWHERE, self.elsewhere))
        yield "  " + ", ".join(f"{name} {count / self.n:.1%}" for name, count in counts)


def flip_consistency(examples: Sequence[Example], predicted: Sequence[str]) -> FlipConsistency | None:
    """Judge the counterfactual pairs among the examples; None where there are none.

    Two examples of one `pair` with different labels are one. A pair of which one picture is missing is passed over,
    and so is one of equal labels: it shows two looks of one state.
    """
    members: defaultdict[str, list[tuple[Example, str]]] = defaultdict(list)
    for example, prediction in zip(examples, predicted, strict=True):
        if example.pair:
            members[example.pair].append((example, prediction))
    pairs = [_pair(*found) for found in members.values() if len(found) == 2 and found[0][0].label != found[1][0].label]
    if not pairs:
        return None
    counts = Counter(pair.outcome for pair in pairs)
    return FlipConsistency(
        n=len(pairs),
        both_right=counts[RIGHT],
        interval=wilson(counts[RIGHT], len(pairs)),
        same_answer=counts[SAME],
        swapped=counts[SWAPPED],
        elsewhere=counts[ELSEWHERE],
        failed=tuple(pair for pair in pairs if pair.outcome != RIGHT),
    )


def _pair(one: tuple[Example, str], other: tuple[Example, str]) -> Pair:
    return Pair((one[0].path, other[0].path), (one[0].label, other[0].label), (one[1], other[1]))
