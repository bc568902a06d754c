"""A backbone: the mean colours of eight times eight tiles."""

from torch import nn

from model.networks.network import Backbone

TILES = 8


def mosaic(classes: int) -> Backbone:
    """Build a network that is linear in the colours of the tiles."""
    body = nn.Sequential(nn.AdaptiveAvgPool2d(TILES), nn.Flatten())
    return Backbone(body, width=3 * TILES * TILES, classes=classes)
