"""The dummy baseline: answers with the most frequent class, whatever the picture shows."""

import numpy as np
import torch
from torch import Tensor, nn

from base.arrays import Doubles, Labels
from model.networks.network import Backbone

_FEWEST = 1e-6
"""Counts for a class that is not there, whose probability would have no logarithm."""


class _One(nn.Module):
    """Gives one feature, the same for all pictures."""

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.ones_like(pictures[:, 0, 0, :1])


def majority_network(classes: int) -> Backbone:
    """Return a network that finds all classes equally likely."""
    network = Backbone(_One(), width=1, classes=classes)
    nn.init.zeros_(network.head.weight)
    nn.init.zeros_(network.head.bias)
    return network


@torch.no_grad()
def count_classes(network: Backbone, labels: Labels) -> Doubles:
    """Make a network of `majority_network` find each class as likely as it is frequent.

    Args:
        network: changed in place.
        labels: indices of classes, (N,), at least one.

    Returns:
        The logarithm of each class's share, (C,).
    """
    counts = np.bincount(labels, minlength=network.head.out_features)
    log_shares: Doubles = np.log(np.maximum(counts, _FEWEST) / counts.sum())
    network.head.bias.copy_(torch.from_numpy(log_shares))
    return log_shares
