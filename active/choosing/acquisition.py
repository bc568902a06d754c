"""Acquisition functions: how much a label of each picture would be worth, from the model's probabilities alone."""

import numpy as np

from base.arrays import Reals

Generator = np.random.Generator


def random(probabilities: Reals, rng: Generator) -> Reals:
    """Score every picture alike, in random order: the baseline that the others have to beat."""
    return rng.random(len(probabilities))


def least_confidence(probabilities: Reals, _rng: Generator) -> Reals:
    """Return how far the likeliest class is from certain, in [0, 1 - 1/classes]."""
    likeliest: Reals = probabilities.max(axis=1)
    return 1 - likeliest


def margin(probabilities: Reals, _rng: Generator) -> Reals:
    """Return how close the two likeliest classes are, in [0, 1]; 1 is a tie."""
    ascending = np.sort(probabilities, axis=1)
    return 1 - (ascending[:, -1] - ascending[:, -2])


def entropy(probabilities: Reals, _rng: Generator | None = None) -> Reals:
    """Return the entropy of the prediction in nats, in [0, log(classes)]; any leading shape, classes last."""
    logs = np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    total: Reals = (probabilities * logs).sum(axis=-1)
    return -total


def power_margin(probabilities: Reals, rng: Generator) -> Reals:
    """Return the logarithm of the margin score, perturbed by Gumbel noise; the best of it are a weighted sample.

    The k highest are k draws without replacement, in proportion to the margin score: power sampling with exponent 1
    of Kirsch et al. 2023, "Stochastic Batch Acquisition". What looks alike is not drawn all at once.
    """
    logs: Reals = np.log(np.maximum(margin(probabilities, rng), np.finfo(np.float64).tiny))
    return logs + rng.gumbel(size=len(logs))


def mutual_information(variations: Reals) -> Reals:
    """Return in nats how much the variations of each picture disagree, (N,): BALD, Houlsby et al. 2011.

    Args:
        variations: (V, N, classes), probabilities of V changed versions of each picture.
    """
    shared: Reals = entropy(variations.mean(axis=0)) - entropy(variations).mean(axis=0)
    return shared.clip(0)
