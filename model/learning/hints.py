"""What the generator knows beside the class, as a further loss: the widget's kind and its box."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from model.networks.locating import BOX_UNIT_PX, Sight, decode_boxes

UNKNOWN = -1
"""The kind of a picture of which nobody said it."""

PLACE_WEIGHT, KIND_WEIGHT, BOX_WEIGHT = 1.0, 0.3, 0.1
"""What the parts of the loss count beside the class's."""


@dataclass(frozen=True)
class Hints:
    """What is known of N pictures on one canvas.

    Attributes:
        kinds: (N,), int64, indices of `model.networks.widget_kinds.KINDS` or UNKNOWN.
        boxes: (N, 4), float32, left, top, width and height of the widget in pixels of the canvas; a width of zero where
            there is none, or nobody knows where.
    """

    kinds: Tensor
    boxes: Tensor

    def to(self, device: torch.device) -> "Hints":
        """Return the hints on a device."""
        return Hints(self.kinds.to(device), self.boxes.to(device))


def hint_loss(sight: Sight, hints: Hints, canvas: tuple[int, int]) -> Tensor:
    """Return the sum over the pictures of how badly kind, place and box are seen, as far as they are known.

    Args:
        sight: what the network made of the pictures.
        hints: what is known of them.
        canvas: their height and width.
    """
    loss = KIND_WEIGHT * functional.cross_entropy(
        sight.kind.float(), hints.kinds, ignore_index=UNKNOWN, reduction="sum"
    )
    target = cell_shares(hints.boxes, (sight.place.shape[1], sight.place.shape[2]), canvas)
    seen = target.sum(1) > 0
    if not seen.any():
        return loss
    surprise = -(target * sight.place.float().flatten(1).log_softmax(1))[seen].sum()
    found = decode_boxes(sight.place[seen], sight.box[seen], canvas)
    return loss + PLACE_WEIGHT * surprise + BOX_WEIGHT * _box_error(found, hints.boxes[seen])


def cell_shares(boxes: Tensor, cells: tuple[int, int], canvas: tuple[int, int]) -> Tensor:
    """Return how a box's area is shared among the cells of a grid, (N, h * w); zeros for a box that is not on it."""
    shares = []
    for start, length, count in ((1, canvas[0], cells[0]), (0, canvas[1], cells[1])):
        edges = torch.arange(count + 1, device=boxes.device) * (length / count)
        low, high = boxes[:, start, None], boxes[:, start, None] + boxes[:, start + 2, None]
        shares.append((torch.minimum(high, edges[1:]) - torch.maximum(low, edges[:-1])).clamp(min=0))
    area = (shares[0][:, :, None] * shares[1][:, None, :]).flatten(1)
    return area / area.sum(1, keepdim=True).clamp(min=1e-6)


def _box_error(found: Tensor, boxes: Tensor) -> Tensor:
    """Return the sum of the distances between centres, in units of the box's side, and between sizes, as logarithms."""
    size, found_size = boxes[:, 2:], found[:, 2:]
    side = size.prod(1, keepdim=True).sqrt().clamp(min=BOX_UNIT_PX / 4)
    centre = (found[:, :2] + found_size / 2 - boxes[:, :2] - size / 2) / side
    ratio = found_size.log() - size.clamp(min=1).log()
    both = torch.cat([centre, ratio], dim=1)
    return functional.smooth_l1_loss(both, torch.zeros_like(both), reduction="sum")
