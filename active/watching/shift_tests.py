"""The tests of a watch: what may have changed, in features, answers, confidences and plain properties."""

from dataclasses import dataclass

import numpy as np

from active.watching.observation import ObservedPictures, standardised
from active.watching.two_samples import Dealing, energy_distances, largest_steps, share_distances
from base.arrays import Doubles, Floats
from base.intervals import holm
from model.gap.measures import STATISTICS

MOST_NAMED = 5
"""Properties that are named, those that changed most first."""


@dataclass(frozen=True)
class Change:
    """A number that was compared: its median, or share, lately and in the reference, and how far they are apart."""

    name: str
    lately: float
    reference: float
    distance: float


@dataclass(frozen=True)
class ShiftTest:
    """A test: its p-value, that corrected for all tests together, and what changed most, the most first."""

    name: str
    p_value: float
    corrected: float
    statistic: float
    changes: tuple[Change, ...]

    def is_alarm(self, alpha: float) -> bool:
        """Tell whether chance does not explain it."""
        return self.corrected <= alpha


def run_shift_tests(
    lately: ObservedPictures, reference: ObservedPictures, *, permutations: int, rng: np.random.Generator
) -> tuple[ShiftTest, ...]:
    """Compare two observations by one model.

    All tests share one dealing: `features` by their energy distance, `predictions` by the shares of the answers,
    `confidence` by Kolmogorov's and Smirnov's distance, and `properties` by the largest of these distances over the
    plain statistics of pictures (Westfall & Young 1993). Holm's correction is over the four.
    """
    dealing = Dealing.of(len(lately), len(reference), count=permutations, rng=rng)
    features = np.concatenate(standardised(lately.features, reference.features))
    energy = energy_distances(features / np.sqrt(features.shape[1]), dealing)
    shares = share_distances(np.concatenate([lately.predicted, reference.predicted]), dealing)
    sure = np.concatenate([lately.confidences, reference.confidences])[:, None]
    confidence = largest_steps(sure, dealing)[0]
    steps = largest_steps(np.concatenate([lately.statistics, reference.statistics]), dealing)
    statistics = {"features": energy, "predictions": shares, "confidence": confidence, "properties": steps.max(0)}
    changes: dict[str, tuple[Change, ...]] = {
        "features": (),
        "predictions": _share_changes(lately, reference),
        "confidence": (_change("confidence", lately.confidences, reference.confidences, confidence[0]),),
        "properties": _property_changes(lately, reference, steps[:, 0]),
    }
    p_values = {name: dealing.p_value(found) for name, found in statistics.items()}
    corrected = holm(p_values)
    return tuple(
        ShiftTest(name, p_values[name], corrected[name], float(found[0]), changes[name])
        for name, found in statistics.items()
    )


def _share_changes(lately: ObservedPictures, reference: ObservedPictures) -> tuple[Change, ...]:
    count = len(lately.classes)
    shares = [np.bincount(each.predicted, minlength=count) / len(each) for each in (lately, reference)]
    found = [
        Change(name, float(ours), float(theirs), abs(float(ours - theirs)))
        for name, ours, theirs in zip(lately.classes, *shares, strict=True)
    ]
    return tuple(sorted(found, key=lambda change: -change.distance))


def _property_changes(lately: ObservedPictures, reference: ObservedPictures, steps: Doubles) -> tuple[Change, ...]:
    found = [
        _change(name, lately.statistics[:, column], reference.statistics[:, column], steps[column])
        for column, name in enumerate(STATISTICS)
    ]
    return tuple(sorted(found, key=lambda change: -change.distance)[:MOST_NAMED])


def _change(name: str, ours: Floats, theirs: Floats, distance: float) -> Change:
    return Change(name, float(np.median(ours)), float(np.median(theirs)), float(distance))
