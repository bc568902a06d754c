"""torchvision's networks as trunks for crops: made for 224 px, they reduce less here, and pool what is rare too."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import nn

from base.errors import ModelError, in_one_line
from model.networks.backbone_catalogue import TRUNKS
from model.networks.network import Backbone, MaxMeanPool, Standardize
from model.networks.published_weights import fetch_weights, read_weights
from model.networks.torchvision_shim import import_torchvision
from model.networks.vision_transformer import AnySizeTransformer

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Trunk:
    """A body that turns normalized pictures into features, (N, width)."""

    body: nn.Module
    width: int


def _residual(network: Any) -> Trunk:  # noqa: ANN401  # torchvision's classes are only known once it is imported
    network.maxpool = nn.Identity()  # with it, a 12 px box would be less than half a cell
    network.avgpool = MaxMeanPool()
    width = 2 * network.fc.in_features
    network.fc = nn.Identity()
    return Trunk(network, width)


def _fine_stem(network: Any, *, stride: int, padding: int) -> Trunk:  # noqa: ANN401  # as above
    """Halve the stride of the first convolution, so that a cell is 16 px and not 32."""
    stem = network.features[0][0]
    stem.stride, stem.padding = (stride, stride), (padding, padding)
    return Trunk(nn.Sequential(*network.features, MaxMeanPool()), 2 * _inputs(network.classifier))


def _convnext(network: Any) -> Trunk:  # noqa: ANN401  # as above
    trunk = _fine_stem(network, stride=2, padding=1)
    layers = list(trunk.body.children())
    return Trunk(nn.Sequential(*layers[:-1], network.classifier[0], layers[-1]), trunk.width)  # its last normalization


def _transformer(network: Any) -> Trunk:  # noqa: ANN401  # as above
    return Trunk(AnySizeTransformer(network), network.hidden_dim)


def _inputs(classifier: nn.Module) -> int:
    return next(layer.in_features for layer in classifier.modules() if isinstance(layer, nn.Linear))


FITTINGS: dict[str, Callable[[Any], Trunk]] = {
    "residual": _residual,
    "mobile": partial(_fine_stem, stride=1, padding=1),
    "convnext": _convnext,
    "transformer": _transformer,
}
"""What makes a trunk of a network of torchvision; ImageNet's weights fit whatever is done to it here."""


def torchvision_backbone(name: str, classes: int, *, pretrained: bool) -> Backbone:
    """Return a network of `TRUNKS`; see `torchvision_trunk`."""
    trunk = torchvision_trunk(name, pretrained=pretrained)
    normalization = Standardize(IMAGENET_MEAN, IMAGENET_STD)
    return Backbone(trunk.body, width=trunk.width, classes=classes, normalization=normalization)


def torchvision_trunk(name: str, *, pretrained: bool) -> Trunk:
    """Return the trunk of a network in `TRUNKS`, with random or with ImageNet's weights.

    Raises:
        ModelError: torchvision cannot be imported, or the file of weights is not what it should be.
        MissingError: the file of weights is not there and cannot be fetched.
    """
    models = import_torchvision().models
    path = fetch_weights(models.get_model_weights(name).DEFAULT.url) if pretrained else None
    network = models.get_model(name, weights=None)
    if path is not None:
        try:
            network.load_state_dict(read_weights(path))
        except RuntimeError as error:
            raise ModelError(f"{path} does not fit {name}: {in_one_line(error)}") from error
    return FITTINGS[TRUNKS[name]](network)
