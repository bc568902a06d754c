"""The catalogue of networks: each turns a batch of pictures of any size into features, and features into logits."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

from generator.errors import unknown_choice
from model.torchvision_shim import import_torchvision


class Backbone(nn.Module):
    """A convolutional body with global pooling, and a linear head.

    Takes pictures as float (N, 3, H, W) in 0..1; any H and W from 32 px up.
    """

    def __init__(self, body: nn.Module, *, width: int, classes: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(width, classes)

    def features(self, pictures: Tensor) -> Tensor:
        """Return the penultimate features, (N, width)."""
        features: Tensor = self.body(pictures * 4 - 2)  # screenshots are mostly near black or white
        return features

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits, (N, classes)."""
        logits: Tensor = self.head(self.features(pictures))
        return logits


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


def _resnet18(classes: int) -> Backbone:
    network = import_torchvision().models.resnet18(weights=None)
    network.maxpool = nn.Identity()  # made for 224 px: with it, a 12 px box would be less than half a cell
    network.avgpool = MaxMeanPool()
    network.fc = nn.Identity()
    return Backbone(network, width=2 * 512, classes=classes)


def _mobilenet_v3_small(classes: int) -> Backbone:
    network = import_torchvision().models.mobilenet_v3_small(weights=None)
    network.features[0][0].stride = (1, 1)  # as above: made for 224 px
    network.avgpool = MaxMeanPool()
    network.classifier = nn.Identity()
    return Backbone(network, width=2 * 576, classes=classes)


BACKBONES: dict[str, Callable[[int], Backbone]] = {
    "small": _small,
    "tiny": _tiny,
    "resnet18": _resnet18,
    "mobilenet_v3_small": _mobilenet_v3_small,
}
"""Name to builder; a builder takes the number of classes and returns the network with random weights."""

BFLOAT16_HURTS = frozenset({"mobilenet_v3_small"})
"""Networks that train faster in float32 on a processor: bfloat16 depthwise convolutions are slow."""


def build_backbone(name: str, classes: int) -> Backbone:
    """Return a network of the catalogue with random weights, its memory laid out channels last.

    Raises:
        InputError: there is no such network.
        ModelError: it is torchvision's, and torchvision cannot be imported.
    """
    if name not in BACKBONES:
        raise unknown_choice("backbone", name, BACKBONES)
    return channels_last(BACKBONES[name](classes))


ModuleT = TypeVar("ModuleT", bound=nn.Module)


def channels_last(module: ModuleT) -> ModuleT:
    """Lay the weights out as the processor's convolutions like them best; return the module itself."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # absent from torch's own stubs
    return module
