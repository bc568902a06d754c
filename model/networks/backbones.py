"""Building networks: each turns a batch of pictures of any size into features, and features into logits."""

from typing import TypeVar

import torch
from torch import nn

from base.errors import InputError, PluginError
from model.networks.backbone_catalogue import BACKBONES, TIMM_PREFIX, TRUNKS, Weights
from model.networks.network import Backbone
from model.networks.timm_backbones import timm_backbone
from model.networks.torchvision_backbones import torchvision_backbone

__all__ = ["BFLOAT16_HURTS", "Backbone", "build_backbone", "channels_last"]

BFLOAT16_HURTS = frozenset({"efficientnet_b3", "mobilenet_v3_small"})
"""Networks that train faster in float32 on a processor: bfloat16 depthwise convolutions are slow."""


def build_backbone(name: str, classes: int, *, weights: Weights = "none") -> Backbone:
    """Return a network, its memory laid out channels last; its head is random in any case.

    Args:
        name: of the catalogue, or `timm:` and one of timm's.
        classes: how many.
        weights: what the trunk begins with.

    Raises:
        InputError: there is no such network, it has no such weights, or what a distribution adds is none.
        ModelError: torchvision or timm is needed and cannot be imported, or a file of weights is unsound.
        MissingError: the file of weights is not there and cannot be fetched.
    """
    pretrained = weights == "imagenet"
    if name.startswith(TIMM_PREFIX):
        return channels_last(timm_backbone(name.removeprefix(TIMM_PREFIX), classes, pretrained=pretrained))
    build = BACKBONES.choose(name, others=[f"{TIMM_PREFIX}NAME"])
    if not pretrained:
        return channels_last(_require_backbone(build(classes), name))
    if name not in TRUNKS:
        raise InputError(f"there are no {weights} weights for {name}; networks that have them: {', '.join(TRUNKS)}")
    return channels_last(torchvision_backbone(name, classes, pretrained=True))


def _require_backbone(network: object, name: str) -> Backbone:
    if not isinstance(network, Backbone):
        raise PluginError(
            f"backbone '{name}' of {BACKBONES.provider(name)} is a {type(network).__name__}, and should be a "
            "boxwright.Backbone"
        )
    return network


_ModuleT = TypeVar("_ModuleT", bound=nn.Module)


def channels_last(module: _ModuleT) -> _ModuleT:
    """Lay the weights out as the processor's convolutions like them best; return the module itself."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # absent from torch's own stubs
    return module
