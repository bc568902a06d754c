"""Acquisition functions: how much a label of each picture would be worth, from the model's probabilities alone."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]

Strategy = Callable[[Array, np.random.Generator], Array]
"""Takes probabilities (N, classes) and a generator; returns scores (N,), higher where a label is worth more."""


def random(probabilities: Array, rng: np.random.Generator) -> Array:
    """Score every picture alike, in random order: the baseline that the others have to beat."""
    return rng.random(len(probabilities))


def least_confidence(probabilities: Array, _rng: np.random.Generator) -> Array:
    """Return how far the likeliest class is from certain, in [0, 1 - 1/classes]."""
    likeliest: Array = probabilities.max(axis=1)
    return 1 - likeliest


def margin(probabilities: Array, _rng: np.random.Generator) -> Array:
    """Return how close the two likeliest classes are, in [0, 1]; 1 is a tie."""
    ascending = np.sort(probabilities, axis=1)
    return 1 - (ascending[:, -1] - ascending[:, -2])


def entropy(probabilities: Array, _rng: np.random.Generator) -> Array:
    """Return the entropy of the prediction in nats, in [0, log(classes)]."""
    logs = np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    total: Array = (probabilities * logs).sum(axis=1)
    return -total


STRATEGIES: dict[str, Strategy] = {
    "random": random,
    "least_confidence": least_confidence,
    "margin": margin,
    "entropy": entropy,
}
