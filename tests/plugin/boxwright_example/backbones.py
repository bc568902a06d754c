"""A backbone: a single convolution over tiles, and what it finds anywhere and in the mean."""

from torch import nn

from model.networks.network import Backbone, MaxMeanPool

TILE_PX = 8
CHANNELS = 24


def mosaic(classes: int) -> Backbone:
    """Build the network, with random weights."""
    body = nn.Sequential(nn.Conv2d(3, CHANNELS, TILE_PX, TILE_PX), nn.ReLU(), MaxMeanPool())
    return Backbone(body, width=2 * CHANNELS, classes=classes)
