"""Two models on the same pictures: who is right where, and whether that can be chance."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from base.arrays import Mask
from base.counting import counted
from base.intervals import Interval, wilson
from model.evaluation.judged import Judged


@dataclass(frozen=True)
class PairedCounts:
    """On how many pictures both models, only this one, only the other and neither are right."""

    both: int
    only_this: int
    only_other: int
    neither: int

    @property
    def n(self) -> int:
        """Return the number of pictures."""
        return self.both + self.only_this + self.only_other + self.neither

    @property
    def difference(self) -> float:
        """Return this model's accuracy less the other's."""
        return (self.only_this - self.only_other) / self.n


@dataclass(frozen=True)
class ClassDifference:
    """The two models' recall of a class; the difference is this model's less the other's, with its interval."""

    name: str
    recall: float
    other_recall: float
    difference: float
    interval: Interval
    n: int


@dataclass(frozen=True)
class Disagreement:
    """A picture on which one model is right and the other is not, or both are wrong in different ways."""

    path: Path
    label: str
    prediction: str
    other_prediction: str
    confidence: float
    other_confidence: float


@dataclass(frozen=True)
class Comparison:
    """This model against another one, `other` by name, on the same pictures.

    `p_value` is that of McNemar's exact test, two-sided; `interval` is Newcombe's paired 95 % interval of the
    difference in accuracy. In `differing` the other model's right answers come first, each kind most confident first.
    """

    other: str
    accuracy: float
    other_accuracy: float
    counts: PairedCounts
    difference: float
    interval: Interval
    p_value: float
    per_class: tuple[ClassDifference, ...]
    differing: tuple[Disagreement, ...]

    def lines(self) -> Iterator[str]:
        """Yield the comparison as lines of text."""
        counts, (low, high) = self.counts, self.interval
        yield (
            f"this model {self.accuracy:.1%}, {self.other} {self.other_accuracy:.1%}, on the same "
            f"{counted(counts.n, 'picture')}"
        )
        yield f"  difference {self.difference:+.1%} (95 % interval {low:+.1%} to {high:+.1%}), exact McNemar {self.p}"
        yield f"  {'':12}  other right  other wrong"
        yield f"  {'this right':12}  {counts.both:11}  {counts.only_this:11}"
        yield f"  {'this wrong':12}  {counts.only_other:11}  {counts.neither:11}"
        for row in self.per_class:
            low, high = row.interval
            recalls = f"{row.recall:.1%} against {row.other_recall:.1%}"
            yield f"  recall of {row.name}: {recalls}, {row.difference:+.1%} ({low:+.1%} to {high:+.1%})"

    @property
    def p(self) -> str:
        """Return the p-value in words."""
        return "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"


def mcnemar(only_this: int, only_other: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: a fair coin decides each picture that only one got right.

    1 where there is no such picture. McNemar (1947); exact as a sign test.
    """
    from scipy.stats import binomtest  # here, because it takes long to load and most who import this do not test

    decided = only_this + only_other
    return float(binomtest(only_this, decided, 0.5).pvalue) if decided else 1.0


def paired_interval(counts: PairedCounts) -> Interval:
    """Return the 95 % interval of the difference of two paired shares by Newcombe's (1998) method 10.

    The Wilson intervals of both, put together with the correlation of the pairs; recommended for its coverage by
    Fagerland, Lydersen & Laake (2014).
    """
    n = counts.n
    this, other = counts.both + counts.only_this, counts.both + counts.only_other
    (low, high), (other_low, other_high) = wilson(this, n), wilson(other, n)
    down, up, other_down, other_up = this / n - low, high - this / n, other / n - other_low, other_high - other / n
    phi = _correlation(counts)
    # Rounding can make a term that is zero slightly negative where the two are the same.
    below = math.sqrt(max(0.0, down**2 - 2 * phi * down * other_up + other_up**2))
    above = math.sqrt(max(0.0, up**2 - 2 * phi * up * other_down + other_down**2))
    return counts.difference - below, counts.difference + above


def _correlation(counts: PairedCounts) -> float:
    """Return the phi coefficient of the table, a positive one corrected for continuity; 0 where a margin is empty."""
    this, other = counts.both + counts.only_this, counts.both + counts.only_other
    margins = this * (counts.n - this) * other * (counts.n - other)
    if margins == 0:
        return 0.0
    product = counts.both * counts.neither - counts.only_this * counts.only_other
    corrected = max(product - counts.n / 2, 0.0) if product > 0 else product
    return corrected / math.sqrt(margins)


def compare(this: Judged, other: Judged, *, name: str) -> Comparison:
    """Compare two models' answers on the same pictures.

    Args:
        this: the model that is evaluated.
        other: the one it is compared with; its pictures are the same, its order of classes may be another.
        name: of the other model.
    """
    counts = _count(this.right, other.right)
    labels = np.array([example.label for example in this.examples])
    return Comparison(
        other=name,
        accuracy=float(this.right.mean()),
        other_accuracy=float(other.right.mean()),
        counts=counts,
        difference=counts.difference,
        interval=paired_interval(counts),
        p_value=mcnemar(counts.only_this, counts.only_other),
        per_class=tuple(
            _class_difference(label, this.right[labels == label], other.right[labels == label])
            for label in this.classes
            if label in labels
        ),
        differing=_differing(this, other),
    )


def _count(this: Mask, other: Mask) -> PairedCounts:
    both, only_this = int((this & other).sum()), int((this & ~other).sum())
    return PairedCounts(both, only_this, int((other & ~this).sum()), int((~this & ~other).sum()))


def _class_difference(name: str, this: Mask, other: Mask) -> ClassDifference:
    counts = _count(this, other)
    recalls = float(this.mean()), float(other.mean())
    return ClassDifference(name, *recalls, counts.difference, paired_interval(counts), counts.n)


def _differing(this: Judged, other: Judged) -> tuple[Disagreement, ...]:
    found = [
        Disagreement(example.path, example.label, answer, other_answer, float(sure), float(other_sure))
        for example, answer, other_answer, sure, other_sure in zip(
            this.examples,
            this.predicted,
            other.predicted,
            this.probabilities.max(1),
            other.probabilities.max(1),
            strict=True,
        )
        if answer != other_answer
    ]
    return tuple(sorted(found, key=_order))


def _order(item: Disagreement) -> tuple[int, float]:
    """Order by who is right (the other model, this one, neither), then by the confidence of this one."""
    rank = 0 if item.other_prediction == item.label else 1 if item.prediction == item.label else 2
    return rank, -item.confidence
