"""The catalogue of losses: each sums over the pictures of a batch. Listing them loads no torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Optional

from base.plugins import PluginCatalogue, takes

if TYPE_CHECKING:
    from torch import Tensor

FOCUS = 2.0
"""The focal loss's gamma, as its authors recommend."""

ROBUSTNESS = 0.7
"""The generalized cross-entropy's q, as its authors recommend; towards 0 it is the cross-entropy."""

Loss = Callable[["Tensor", "Tensor", Optional["Tensor"], float], "Tensor"]
"""Takes logits, float (N, C), labels, (N,), weights of the classes, (C,) or None, and the label smoothing."""


def cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float) -> Tensor:
    """Return torch's cross-entropy, summed."""
    from torch.nn import functional

    return functional.cross_entropy(logits, labels, weights, label_smoothing=smoothing, reduction="sum")


def focal(logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float) -> Tensor:
    """Return the cross-entropy with less weight on what is right already: Lin et al. 2017, arXiv:1708.02002."""
    logs = logits.log_softmax(1)
    return -(_targets(logits, labels, weights, smoothing) * (1 - logs.exp()) ** FOCUS * logs).sum()


def generalized_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float) -> Tensor:
    """Return a loss that wrong labels pull at less: Zhang and Sabuncu 2018, arXiv:1805.07836."""
    # log_softmax keeps the gradient finite where a probability is 0
    powers = (ROBUSTNESS * logits.log_softmax(1)).exp()
    return (_targets(logits, labels, weights, smoothing) * (1 - powers) / ROBUSTNESS).sum()


def _targets(logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float) -> Tensor:
    """Return smoothed one-hot labels, (N, C), weighted by class, as in torch's cross-entropy."""
    from torch.nn import functional

    classes = logits.shape[1]
    targets = functional.one_hot(labels, classes) * (1 - smoothing) + smoothing / classes
    return targets if weights is None else targets * weights


LOSSES: PluginCatalogue[Loss] = PluginCatalogue(
    "loss",
    {"cross_entropy": cross_entropy, "focal": focal, "generalized_cross_entropy": generalized_cross_entropy},
    group="boxwright.losses",
    check=takes(4),
)
