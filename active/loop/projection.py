"""What the next labels are likely to bring: a learning curve fitted to the labels so far, and drawn further."""

from dataclasses import dataclass

import numpy as np

from active.suspects.cross_fitting import HEAD_FOLDS, HEAD_PULL, deal_evenly
from base.arrays import Doubles, Labels, Reals
from base.counting import counted
from model.adapting.heads import Head, refit_head

FEWEST_LABELS = 30
FEWEST_AUDIT = 8
"""With fewer labels, or fewer of them drawn at random, nothing is projected."""

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the training part of a fold, on which heads are fitted for the learning curve."""

REPEATS = 3
RESAMPLES = 1000
SCALES = (5.0, 20.0, 80.0)
EXPONENTS = (0.25, 0.5, 1.0)
"""Inverse power laws that are tried: err(n) = c + a (1 + n / scale) ^ -exponent."""


@dataclass(frozen=True)
class Evidence:
    """What a projection rests on.

    Attributes:
        head: the last layer of a model that has learned none of the labels.
        features: (N, F), that model's, of the labelled pictures.
        labels: (N,), indices of classes.
        audit: how many labels of the random audit the present model gets wrong without having learned them, of how
            many.
    """

    head: Head
    features: Reals
    labels: Labels
    audit: tuple[int, int]


@dataclass(frozen=True)
class Projection:
    """Accuracy that the next `labels` labels are expected to add, in points, with a 95 % interval.

    `gain` and its bounds are None where there is too little to go by; `missing` then says what.
    """

    labels: int
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    missing: str = ""

    @property
    def _next(self) -> str:
        return "the next label" if self.labels == 1 else f"the next {self.labels} labels"

    def to_text(self) -> str:
        """Return the expectation in words."""
        if self.gain is None or self.low is None or self.high is None:
            return f"{self._next}: too early to say, {self.missing}"
        gain, low, high = (round(value, 1) + 0.0 for value in (self.gain, self.low, self.high))  # no -0.0
        return f"{self._next}: about {gain:+.1f} points ({low:.1f} to {high:.1f})"


def project(evidence: Evidence, *, labels: int, seed: int = 0) -> Projection:
    """Return what `labels` more labels of the kind so far would bring.

    An inverse power law is fitted to cross-validated errors at growing shares of the labels and extrapolated, as
    Figueroa et al. 2012, "Predicting sample size required for classification performance", do; a warm start asks for
    the offset in n (POW4 of Viering & Loog 2021, "The Shape of Learning Curves"). Labelled pictures are harder than
    the pool, so the curve gives only the share of the errors that goes away. Of how many errors there are on the pool
    the random audit tells: a Beta posterior with Jeffreys' prior. The interval is of the product, the curve
    bootstrapped over pictures.
    """
    wrong, audited = evidence.audit
    count = len(evidence.labels)
    if count < FEWEST_LABELS or audited < FEWEST_AUDIT:
        return Projection(labels, missing=f"with {counted(count, 'label')}, {audited} of them drawn at random")
    rng = np.random.default_rng((seed, count))
    sizes, errors = measure_curve(evidence, rng)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count
    share = _share_gone(drawn @ errors, sizes, now=count, then=count + labels, smoothing=0.5 / count)
    gains = 100 * rng.beta(wrong + 0.5, audited - wrong + 0.5, size=RESAMPLES) * share
    low, high = np.percentile(gains, (2.5, 97.5))
    return Projection(labels, float(gains.mean()), float(low), float(high))


def measure_curve(evidence: Evidence, rng: np.random.Generator) -> tuple[Doubles, Doubles]:
    """Return numbers of labels learned, (S,), and the share of repeats in which each picture was then wrong, (N, S)."""
    count = len(evidence.labels)
    errors = np.zeros((count, len(SHARES)))
    kept = count - count // HEAD_FOLDS
    for _ in range(REPEATS):
        dealt = deal_evenly(evidence.labels, folds=HEAD_FOLDS, rng=rng)
        for fold in range(HEAD_FOLDS):
            held_out, learned = dealt == fold, rng.permutation(np.flatnonzero(dealt != fold))
            for place, share in enumerate(SHARES):
                rows = learned[: round(share * len(learned))]
                head = refit_head(evidence.head, evidence.features[rows], evidence.labels[rows], pull=HEAD_PULL)
                said = head.probabilities(evidence.features[held_out]).argmax(axis=1)
                errors[held_out, place] += said != evidence.labels[held_out]
    return np.array(SHARES) * kept, errors / REPEATS


def _share_gone(curves: Doubles, sizes: Doubles, *, now: int, then: int, smoothing: float) -> Doubles:
    """Return for each curve, (B, S), which share of its errors at `now` labels is gone at `then`, in [-1, 1].

    Of the laws the one that leaves the smallest squares is taken for each curve.
    """
    best = np.full(len(curves), np.inf)
    share = np.zeros(len(curves))
    for scale in SCALES:
        for exponent in EXPONENTS:
            law = (1 + np.append(sizes, (now, then)) / scale) ** -exponent
            known = np.column_stack([np.ones(len(sizes)), law[: len(sizes)]])
            fitted, *_ = np.linalg.lstsq(known, curves.T, rcond=None)
            left = np.square(curves.T - known @ fitted).sum(axis=0)
            at_now = np.maximum(fitted[0] + fitted[1] * law[-2], 0) + smoothing
            gone = fitted[1] * (law[-2] - law[-1]) / at_now
            better = left < best
            best[better], share[better] = left[better], gone[better]
    return share.clip(-1, 1)
