"""The catalogue of networks: each turns a batch of pictures of any size into features, and features into logits."""

from collections.abc import Callable
from functools import partial
from typing import Literal, TypeVar

import torch
from torch import nn

from base.errors import InputError, unknown_choice
from model.networks.majority import MAJORITY, majority_network
from model.networks.network import Backbone, Standardize
from model.networks.small import small, tiny
from model.networks.timm_backbones import PREFIX, timm_backbone
from model.networks.torchvision_backbones import IMAGENET_MEAN, IMAGENET_STD, TRUNKS, torchvision_trunk

__all__ = ["BACKBONES", "BFLOAT16_HURTS", "Backbone", "Weights", "build_backbone", "channels_last"]

Weights = Literal["none", "imagenet"]
"""What a network begins with: random weights, or published ones that were trained on ImageNet."""


def _torchvision(name: str, classes: int, *, pretrained: bool = False) -> Backbone:
    trunk = torchvision_trunk(name, pretrained=pretrained)
    normalization = Standardize(IMAGENET_MEAN, IMAGENET_STD)
    return Backbone(trunk.body, width=trunk.width, classes=classes, normalization=normalization)


BACKBONES: dict[str, Callable[[int], Backbone]] = {
    "small": small,
    "tiny": tiny,
    MAJORITY: majority_network,
    **{name: partial(_torchvision, name) for name in TRUNKS},
}
"""Name to builder; a builder takes the number of classes and returns the network with random weights."""

BFLOAT16_HURTS = frozenset({"efficientnet_b3", "mobilenet_v3_small"})
"""Networks that train faster in float32 on a processor: bfloat16 depthwise convolutions are slow."""


def build_backbone(name: str, classes: int, *, weights: Weights = "none") -> Backbone:
    """Return a network, its memory laid out channels last; its head is random in any case.

    Args:
        name: of the catalogue, or `timm:` and one of timm's.
        classes: how many.
        weights: what the trunk begins with.

    Raises:
        InputError: there is no such network, or it has no such weights.
        ModelError: torchvision or timm is needed and cannot be imported, or a file of weights is unsound.
        MissingError: the file of weights is not there and cannot be fetched.
    """
    pretrained = weights == "imagenet"
    if name.startswith(PREFIX):
        return channels_last(timm_backbone(name.removeprefix(PREFIX), classes, pretrained=pretrained))
    if name not in BACKBONES:
        raise unknown_choice("backbone", name, (*BACKBONES, f"{PREFIX}NAME"))
    if not pretrained:
        return channels_last(BACKBONES[name](classes))
    if name not in TRUNKS:
        raise InputError(f"there are no {weights} weights for {name}; networks that have them: {', '.join(TRUNKS)}")
    return channels_last(_torchvision(name, classes, pretrained=True))


_ModuleT = TypeVar("_ModuleT", bound=nn.Module)


def channels_last(module: _ModuleT) -> _ModuleT:
    """Lay the weights out as the processor's convolutions like them best; return the module itself."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # absent from torch's own stubs
    return module
