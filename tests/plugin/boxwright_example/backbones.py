"""A backbone: a single convolution over tiles, and the strongest answer to each of its channels."""

from torch import nn

from boxwright import Backbone

TILE_PX = 8
CHANNELS = 24


def mosaic(classes: int) -> Backbone:
    """Build the network, with random weights."""
    body = nn.Sequential(nn.Conv2d(3, CHANNELS, TILE_PX, TILE_PX), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten())
    return Backbone(body, width=CHANNELS, classes=classes)
