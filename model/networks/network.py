"""A network of the catalogue: pictures of any size in, features and logits out."""

import torch
from torch import Tensor, nn


class Stretch(nn.Module):
    """Brings 0..1 to -2..2: screenshots are mostly near black or white."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the pictures stretched."""
        return pictures * 4 - 2


class Standardize(nn.Module):
    """Subtracts the mean and divides by the standard deviation of each channel, which are saved with the weights."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the pictures standardized."""
        return (pictures - self.mean) / self.std


class MaxMeanPool(nn.Module):
    """Concatenates the global maximum, which finds a small widget anywhere, and the mean, which sees the whole."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return (N, 2C) of maps (N, C, H, W)."""
        return torch.cat([maps.amax((2, 3)), maps.mean((2, 3))], dim=1)


class Backbone(nn.Module):
    """A body (the trunk) that ends in global pooling, and a linear head.

    Takes pictures as float (N, 3, H, W) in 0..1; any H and W from 32 px up.
    """

    def __init__(self, body: nn.Module, *, width: int, classes: int, normalization: nn.Module | None = None) -> None:
        super().__init__()
        self.normalization = normalization or Stretch()
        self.body = body
        self.head = nn.Linear(width, classes)

    def features(self, pictures: Tensor) -> Tensor:
        """Return the penultimate features, (N, width)."""
        features: Tensor = self.body(self.normalization(pictures))
        return features

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits, (N, classes)."""
        logits: Tensor = self.head(self.features(pictures))
        return logits
