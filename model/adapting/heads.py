"""The last layer alone, fitted again to a few labels: what a fine-tuning comes to when nothing else may move."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from base.arrays import Doubles, Labels, Reals
from base.errors import InputError
from model.networks.trained_model import Model


@dataclass(frozen=True)
class Head:
    """A linear layer, `weights` (C, F) and `bias` (C,), over features standardised by `centre` and `scale`, (F,)."""

    weights: Doubles
    bias: Doubles
    centre: Doubles
    scale: Doubles

    def probabilities(self, features: Reals) -> Doubles:
        """Return probabilities, (..., C), of features, (..., F)."""
        standard = (features - self.centre) / self.scale
        result: Doubles = softmax(standard @ self.weights.T + self.bias, axis=-1)
        return result


def warm_head(model: Model, features: Reals) -> Head:
    """Return a model's own last layer, its temperature worked in; `features` (N, F) say what is usual.

    Raises:
        InputError: the model decides in two stages.
    """
    if model.background:
        raise InputError(
            "this fits the last layer again, and a model of two stages has none for all classes; name one that was "
            "trained without --two-stage"
        )
    linear = model.network.head
    weights = linear.weight.detach().double().numpy() / model.temperature
    bias = linear.bias.detach().double().numpy() / model.temperature
    centre, scale = features.mean(axis=0).astype(float), features.std(axis=0).astype(float)
    # A feature that hardly ever moves must not be blown up.
    scale = np.maximum(scale, 0.1 * scale.mean() + 1e-12)
    return Head(weights * scale, bias + weights @ centre, centre, scale)


def refit_head(head: Head, features: Reals, labels: Labels, *, pull: float) -> Head:
    """Return the head that fits labelled features best while it stays near `head`.

    Minimises the sum of cross-entropies plus half of `pull` times the squared distance from the weights of `head`, over
    standardised features: multinomial logistic regression whose Gaussian prior has the trained weights as its mean.
    With no labels it is `head` itself.

    Args:
        head: where to start and what to stay near.
        features: (N, F).
        labels: (N,), indices of classes.
        pull: how strongly; above 0.
    """
    if len(labels) == 0:
        return head
    standard = np.column_stack([(features - head.centre) / head.scale, np.ones(len(labels))])
    before = np.column_stack([head.weights, head.bias])
    targets = np.eye(len(before))[labels]

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        change = flat.reshape(before.shape)
        logs = log_softmax(standard @ (before + change).T, axis=1)
        gradient = (np.exp(logs) - targets).T @ standard + pull * change
        return float(-(targets * logs).sum() + pull / 2 * (change**2).sum()), gradient.ravel()

    found = minimize(loss, np.zeros(before.size), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    after = before + found.x.reshape(before.shape)
    return Head(after[:, :-1], after[:, -1], head.centre, head.scale)
