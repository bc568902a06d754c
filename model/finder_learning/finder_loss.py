"""What the finder's network is taught by."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from model.finder_learning.known_screens import UNKNOWN_KIND
from model.finder_learning.tiles import Targets
from model.finding.cells import CELL_PX, KIND_COUNT, SIZE_UNIT_PX

BOX_WEIGHT, SIZE_WEIGHT, KIND_WEIGHT, ENABLED_WEIGHT, HINT_WEIGHT = 2.0, 0.3, 0.3, 0.15, 0.5


def finder_loss(answers: Tensor, targets: Sequence[Targets]) -> Tensor:
    """Return what the answers cost, as one number to be made small.

    The score of a cell is to be the IoU of its box (quality focal loss, arXiv 2006.04388); boxes are taught by GIoU and
    by the logarithms of their sides.

    Args:
        answers: (N, outputs, h, w), of the network.
        targets: of the N tiles.
    """
    counted = [np.full(len(each.cells), number, np.int64) for number, each in enumerate(targets)]
    numbers = torch.from_numpy(np.concatenate(counted))
    cells = torch.from_numpy(np.concatenate([each.cells for each in targets]))
    scores, wanted = answers[:, 0], torch.zeros_like(answers[:, 0])
    loss = torch.zeros(())
    if len(cells):
        chosen = answers[numbers, :, cells[:, 0], cells[:, 1]].float()
        loss, quality = _widget_loss(chosen, cells, targets)
        wanted[numbers, cells[:, 0], cells[:, 1]] = quality
    weights = torch.from_numpy(np.stack([each.weights for each in targets]))
    loss = loss + _focal(scores, wanted, weights) / max(1.0, float(wanted.sum()))
    hints = torch.from_numpy(np.stack([each.hints for each in targets]))
    present = hints.clamp(min=0)
    surprise = _focal(answers[:, -1], present, (hints >= 0) * (1 + 3 * present))
    return loss + HINT_WEIGHT * surprise / max(1.0, float(present.sum()))


def _widget_loss(chosen: Tensor, cells: Tensor, targets: Sequence[Targets]) -> tuple[Tensor, Tensor]:
    """Return what the answers of cells that hold a widget cost, (P, outputs), and what their scores are to be, (P,)."""
    boxes = torch.from_numpy(np.concatenate([each.boxes for each in targets]))
    closeness = torch.from_numpy(np.concatenate([each.closeness for each in targets]))
    kinds = torch.from_numpy(np.concatenate([each.kinds for each in targets]))
    enabled = torch.from_numpy(np.concatenate([each.enabled for each in targets]))
    centres = (cells.flip(1) + 0.5 + chosen[:, 1:3]) * CELL_PX
    sizes = chosen[:, 3:5].clamp(-4, 4).exp() * SIZE_UNIT_PX
    overlap, giou = _giou(torch.cat([centres, sizes], 1), boxes)
    loss = BOX_WEIGHT * (1 - giou).mean()
    loss = loss + SIZE_WEIGHT * functional.l1_loss(chosen[:, 3:5], (boxes[:, 2:] / SIZE_UNIT_PX).log())
    loss = loss + SIZE_WEIGHT * functional.l1_loss(centres / CELL_PX, boxes[:, :2] / CELL_PX)
    told = kinds != UNKNOWN_KIND
    if told.any():
        loss = loss + KIND_WEIGHT * functional.cross_entropy(chosen[told, 5 : 5 + KIND_COUNT], kinds[told])
    usable = chosen[:, 5 + KIND_COUNT]
    loss = loss + ENABLED_WEIGHT * functional.binary_cross_entropy_with_logits(usable, enabled)
    return loss, overlap.detach() * (0.5 + 0.5 * closeness)


def _focal(logits: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Return the weighed sum of how surprising the logits are, those that are nearly right counted hardly at all."""
    focus = (wanted - logits.sigmoid()).abs().square()
    surprise = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (surprise * focus * weights).sum()


def _giou(found: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Return IoU and generalized IoU (arXiv 1902.09630) of boxes by centre and size, (P, 4) each."""
    low_a, high_a = found[:, :2] - found[:, 2:] / 2, found[:, :2] + found[:, 2:] / 2
    low_b, high_b = known[:, :2] - known[:, 2:] / 2, known[:, :2] + known[:, 2:] / 2
    shared = (torch.minimum(high_a, high_b) - torch.maximum(low_a, low_b)).clamp(min=0).prod(1)
    union = found[:, 2:].prod(1) + known[:, 2:].prod(1) - shared
    hull = (torch.maximum(high_a, high_b) - torch.minimum(low_a, low_b)).prod(1)
    iou = shared / union
    return iou, iou - (hull - union) / hull
