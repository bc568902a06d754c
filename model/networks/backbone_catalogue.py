"""The catalogue of backbones, by the names that `train --backbone` takes. It loads none of them."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from base.plugins import PluginCatalogue, takes

if TYPE_CHECKING:
    from model.networks.network import Backbone

Weights = Literal["none", "imagenet"]
"""What a network begins with: random weights, or published ones that were trained on ImageNet."""

MAJORITY = "majority"
"""The name of the dummy baseline, which does not learn by gradients."""

TIMM_PREFIX = "timm:"
"""What a name of timm's begins with."""

TRUNKS = {
    "resnet18": "residual",
    "resnet34": "residual",
    "resnet50": "residual",
    "mobilenet_v2": "mobile",
    "mobilenet_v3_small": "mobile",
    "convnext_tiny": "convnext",
    "efficientnet_b3": "mobile",
    "efficientnet_b5": "mobile",
    "vit_b_16": "transformer",
}
"""torchvision's name to how that network is fitted to crops, of `torchvision_backbones.FITTINGS`."""


def _torchvision(name: str, classes: int) -> "Backbone":
    from model.networks.torchvision_backbones import torchvision_backbone

    return torchvision_backbone(name, classes, pretrained=False)


BACKBONES: "PluginCatalogue[Callable[[int], Backbone]]" = PluginCatalogue(
    "backbone",
    {
        "small": "model.networks.small:small",
        "tiny": "model.networks.small:tiny",
        MAJORITY: "model.networks.majority:majority_network",
        **{name: partial(_torchvision, name) for name in TRUNKS},
    },
    group="boxwright.backbones",
    check=takes(1),
)
"""Name to builder; a builder takes the number of classes and returns the network with random weights."""
