"""Our own networks, made for these crops: small residual networks that look for the widget, without torchvision."""

import torch
from torch import Tensor, nn

from model.networks.locating import LocatingBackbone


class _Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut; at first it passes its input on."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        last = nn.BatchNorm2d(channels)
        nn.init.zeros_(last.weight)
        self.convolutions = nn.Sequential(
            *_convolution(channels, channels), nn.Conv2d(channels, channels, 3, padding=1, bias=False), last
        )

    def forward(self, maps: Tensor) -> Tensor:
        return torch.relu(maps + self.convolutions(maps))


def _convolution(channels_in: int, channels_out: int, *, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    ]


def _residual_network(classes: int, *, stem: int, stages: tuple[tuple[int, int], ...]) -> LocatingBackbone:
    """Build a residual network; the stem and each stage halve the maps: three stages end at one cell every 16 px.

    Args:
        classes: how many.
        stem: channels of the first convolution.
        stages: channels and number of residual blocks of each.
    """
    layers = _convolution(3, stem, stride=2)
    channels = stem
    for width, blocks in stages:
        layers += [*_convolution(channels, width, stride=2), *(_Residual(width) for _ in range(blocks))]
        channels = width
    return LocatingBackbone(nn.Sequential(*layers), channels=channels, classes=classes)


def small(classes: int) -> LocatingBackbone:
    """Build `small`: 0.9 million parameters."""
    # Multiples of 16 channels fill the processor's vectors: 40 and 80 take 1.5 times as long and give no more.
    return _residual_network(classes, stem=16, stages=((32, 1), (64, 2), (128, 2)))


def tiny(classes: int) -> LocatingBackbone:
    """Build `tiny`: 0.1 million parameters, for where every millisecond counts."""
    return _residual_network(classes, stem=12, stages=((20, 1), (32, 1), (56, 1)))
