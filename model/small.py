"""Our own networks, made for these crops: a small residual network without torchvision."""

import torch
from torch import Tensor, nn

from model.backbone import Backbone


class MaxMeanPool(nn.Module):
    """Concatenates the global maximum, which finds a small widget anywhere, and the mean, which sees the whole."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return (N, 2C) of maps (N, C, H, W)."""
        return torch.cat([maps.amax((2, 3)), maps.mean((2, 3))], dim=1)


class _Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            *_convolution(channels, channels),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, maps: Tensor) -> Tensor:
        return torch.relu(maps + self.convolutions(maps))


def _convolution(channels_in: int, channels_out: int, *, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    ]


def _residual_network(classes: int, *, stem: int, stages: tuple[int, ...]) -> Backbone:
    """Build a residual network; the stem and each stage halve the maps: three stages end at one cell every 16 px."""
    layers = _convolution(3, stem, stride=2)
    channels = stem
    for stage in stages:
        layers += [*_convolution(channels, stage, stride=2), _Residual(stage)]
        channels = stage
    return Backbone(nn.Sequential(*layers, MaxMeanPool()), width=2 * channels, classes=classes)


def _small(classes: int) -> Backbone:
    # Multiples of 16 channels fill the processor's vectors: 40 and 80 take 1.5 times as long and give no more.
    return _residual_network(classes, stem=16, stages=(32, 64, 128))


def _tiny(classes: int) -> Backbone:
    return _residual_network(classes, stem=12, stages=(20, 32, 56))
