"""Networks that look for the widget first and read its state where they expect it, and what they see on the way."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from model.networks.network import Backbone
from model.networks.widget_kinds import KINDS

BOX_UNIT_PX = 16
"""A box head's output of zero is a box of this side."""


class Sight(NamedTuple):
    """What a locating network makes of N pictures, all but the features before any softmax.

    `logits` (N, classes), `features` (N, F), `kind` (N, kinds), `place` (N, h, w): where the widget is, in cells of the
    last maps, `box` (N, 4): see `decode_boxes`.
    """

    logits: Tensor
    features: Tensor
    kind: Tensor
    place: Tensor
    box: Tensor


class LocatingBackbone(Backbone):
    """A body whose last maps are pooled by maximum, by mean, and by attention to where the widget is.

    The attention is trained with the boxes of generated crops, and so are a head for the widget's kind and one for its
    box. A widget may be a hundredth of its crop: the class alone is a slow teacher of where to look.

    Takes pictures as float (N, 3, H, W) in 0..1; any H and W from 32 px up.
    """

    def __init__(self, body: nn.Module, *, channels: int, classes: int) -> None:
        super().__init__(body, width=3 * channels, classes=classes)
        self.place = nn.Conv2d(channels, 1, 1)
        self.kind = nn.Linear(3 * channels, len(KINDS))
        self.box = nn.Linear(channels, 4)

    def features(self, pictures: Tensor) -> Tensor:
        """Return the penultimate features, (N, width)."""
        return self.sight(pictures).features

    def sight(self, pictures: Tensor) -> Sight:
        """Return all that the network sees."""
        maps = self.body(self.normalization(pictures))
        place = self.place(maps).squeeze(1)
        attention = place.flatten(1).softmax(1)
        attended = (maps.flatten(2) * attention.unsqueeze(1)).sum(2)
        features = torch.cat([maps.amax((2, 3)), maps.mean((2, 3)), attended], dim=1)
        return Sight(self.head(features), features, self.kind(features), place, self.box(attended))


def decode_boxes(place: Tensor, box: Tensor, canvas: tuple[int, int]) -> Tensor:
    """Return boxes in pixels of the canvas, (N, 4): left, top, width, height.

    The centre is the mean of the cells, weighed by the softmax of `place`, moved by the first two values of `box` in
    units of BOX_UNIT_PX; the others are the logarithms of width and height in that unit.

    Args:
        place: (N, h, w), as in `Sight`.
        box: (N, 4), as in `Sight`.
        canvas: height and width of the pictures.
    """
    attention = place.float().flatten(1).softmax(1).view(place.shape)
    centres = []
    for across, along, length in ((1, 2, canvas[1]), (2, 1, canvas[0])):
        cells = place.shape[along]
        middles = (torch.arange(cells, device=place.device) + 0.5) * (length / cells)
        centres.append((attention.sum(across) * middles).sum(1))
    box = box.float()
    centre = torch.stack(centres, dim=1) + box[:, :2] * BOX_UNIT_PX
    size = box[:, 2:].clamp(-4, 4).exp() * BOX_UNIT_PX
    return torch.cat([centre - size / 2, size], dim=1)
