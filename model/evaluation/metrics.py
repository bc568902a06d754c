"""The figures of a classification: scores of probabilities and their calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from base.arrays import Doubles, Labels, Mask, Probabilities
from base.intervals import Interval, wilson

BINS = 15
"""Bins of the calibration error: the number that Guo et al. (2017) use and most papers after them."""

SMALLEST = float(np.finfo(np.float32).tiny)
"""What a probability of 0 counts as in a logarithm."""


@dataclass(frozen=True)
class CalibrationBin:
    """Pictures of like confidence: the mean of it, and the share of them that is right with Wilson's interval."""

    confidence: float
    accuracy: float
    interval: Interval
    n: int


def brier_score(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean squared distance from the truth, 0 to 2, summed over the classes (Brier 1950)."""
    truth = np.eye(probabilities.shape[1])[labels]
    return float(np.square(probabilities - truth).sum(1).mean())


def negative_log_likelihood(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean of -ln of the probability of the label."""
    of_the_label = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(of_the_label.clip(SMALLEST, None)).mean())


def confusion_counts(predicted: Labels, labels: Labels, classes: int) -> Labels:
    """Return how often each label, a row, was taken for each class, a column: (classes, classes)."""
    counts: Labels = np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)
    return counts


def macro_f1(predicted: Labels, labels: Labels) -> float:
    """Return the mean F1 of the classes that are a label or a prediction of any picture."""
    met = np.union1d(predicted, labels)
    hits = np.array([((predicted == name) & (labels == name)).sum() for name in met])
    named = np.array([(predicted == name).sum() + (labels == name).sum() for name in met])
    return float((2 * hits / named).mean())


def top_k_accuracy(probabilities: Probabilities, labels: Labels, k: int) -> float:
    """Return the share of pictures whose label is among the k most probable classes; ties go to the first ones."""
    ranked = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float((ranked == labels[:, None]).any(1).mean())


def calibration_bins(probabilities: Probabilities, labels: Labels, *, bins: int = BINS) -> tuple[CalibrationBin, ...]:
    """Split the pictures by confidence into bins of as equal size as can be, least confident first.

    Equal mass instead of equal width (Nguyen & O'Connor 2015): a good classifier's confidences crowd near 1, where
    equal widths would put nearly all into one bin. Fewer pictures than bins give fewer bins.
    """
    confidence = probabilities.max(1)
    right = _mean_of_ties(confidence, probabilities.argmax(1) == labels)
    chunks = np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(labels)))
    return tuple(_bin(confidence[chunk], right[chunk]) for chunk in chunks)


def _mean_of_ties(confidence: Doubles, right: Mask) -> Doubles:
    """Share what is right evenly among equal confidences, so that the order of the pictures decides nothing."""
    _, place, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    shared: Doubles = (np.bincount(place, weights=right) / counts)[place]
    return shared


def _bin(confidence: Doubles, right: Doubles) -> CalibrationBin:
    accuracy = float(right.mean())
    return CalibrationBin(float(confidence.mean()), accuracy, wilson(round(right.sum()), len(right)), len(right))


def calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """Return the expected calibration error: the bins' gaps of confidence and accuracy, weighed by size."""
    total = sum(each.n for each in bins)
    return sum(each.n * abs(each.confidence - each.accuracy) for each in bins) / total


def chance_calibration_error(
    probabilities: Probabilities, *, bins: int = BINS, draws: int = 100, seed: int = 0
) -> float:
    """Return the calibration error that a perfectly calibrated model of these confidences shows by chance.

    The mean over outcomes drawn from the confidences (consistency resampling, Bröcker & Smith 2007): on few pictures
    the calibration error is never 0, and a figure near this one says nothing against the model.
    """
    confidence = probabilities.max(1)
    rng = np.random.default_rng(seed)
    chunks = np.array_split(np.sort(confidence), min(bins, len(confidence)))
    outcomes = [rng.random((draws, len(chunk))) < chunk for chunk in chunks]
    gaps = [len(c) * np.abs(o.mean(1) - c.mean()) for c, o in zip(chunks, outcomes, strict=True)]
    return float(np.sum(gaps, axis=0).mean() / len(confidence))
