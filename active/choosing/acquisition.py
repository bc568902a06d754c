"""Acquisition functions: how much a label of each picture would be worth, from the model's probabilities alone."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]

Generator = np.random.Generator


def random(probabilities: Array, rng: Generator) -> Array:
    """Score every picture alike, in random order: the baseline that the others have to beat."""
    return rng.random(len(probabilities))


def least_confidence(probabilities: Array, _rng: Generator) -> Array:
    """Return how far the likeliest class is from certain, in [0, 1 - 1/classes]."""
    likeliest: Array = probabilities.max(axis=1)
    return 1 - likeliest


def margin(probabilities: Array, _rng: Generator) -> Array:
    """Return how close the two likeliest classes are, in [0, 1]; 1 is a tie."""
    ascending = np.sort(probabilities, axis=1)
    return 1 - (ascending[:, -1] - ascending[:, -2])


def entropy(probabilities: Array, _rng: Generator | None = None) -> Array:
    """Return the entropy of the prediction in nats, in [0, log(classes)]; any leading shape, classes last."""
    logs = np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    total: Array = (probabilities * logs).sum(axis=-1)
    return -total


def power_margin(probabilities: Array, rng: Generator) -> Array:
    """Return the logarithm of the margin score, perturbed by Gumbel noise; the best of it are a weighted sample.

    The k highest are k draws without replacement, in proportion to the margin score: power sampling with exponent 1
    of Kirsch et al. 2023, "Stochastic Batch Acquisition". What looks alike is not drawn all at once.
    """
    logs: Array = np.log(np.maximum(margin(probabilities, rng), np.finfo(np.float64).tiny))
    return logs + rng.gumbel(size=len(logs))


def mutual_information(views: Array) -> Array:
    """Return in nats how much the views of each picture disagree, (N,): BALD, Houlsby et al. 2011.

    Args:
        views: (V, N, classes), probabilities of V changed versions of each picture.
    """
    shared: Array = entropy(views.mean(axis=0)) - entropy(views).mean(axis=0)
    return shared.clip(0)
