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


def finder_loss(answers: Tensor, targets: Sequence[Targets]) -> tuple[Tensor, dict[str, float]]:
    """Quality focal loss (arXiv 2006.04388): a cell's score is to be the IoU of its box; GIoU and log sizes for boxes."""
    numbers = torch.from_numpy(np.concatenate([np.full(len(t.cells), i) for i, t in enumerate(targets)]).astype(np.int64))
    cells = torch.from_numpy(np.concatenate([t.cells for t in targets]))
    weights = torch.from_numpy(np.stack([t.weights for t in targets]))
    scores = answers[:, 0]
    wanted = torch.zeros_like(scores)
    parts: dict[str, Tensor] = {}
    if len(cells):
        chosen = answers[numbers, :, cells[:, 0], cells[:, 1]].float()
        boxes = torch.from_numpy(np.concatenate([t.boxes for t in targets]))
        closeness = torch.from_numpy(np.concatenate([t.closeness for t in targets]))
        centres = (cells.flip(1) + 0.5 + chosen[:, 1:3]) * CELL_PX
        sizes = chosen[:, 3:5].clamp(-4, 4).exp() * SIZE_UNIT_PX
        quality, giou = _giou(torch.cat([centres, sizes], 1), boxes)
        wanted[numbers, cells[:, 0], cells[:, 1]] = quality.detach() * (0.5 + 0.5 * closeness)
        parts["box"] = BOX_WEIGHT * (1 - giou).mean()
        parts["size"] = SIZE_WEIGHT * (
            functional.l1_loss(chosen[:, 3:5], (boxes[:, 2:] / SIZE_UNIT_PX).log())
            + functional.l1_loss(centres / CELL_PX, boxes[:, :2] / CELL_PX)
        )
        kinds = torch.from_numpy(np.concatenate([t.kinds for t in targets]))
        told = kinds != UNKNOWN_KIND
        if told.any():
            said = chosen[told, 5 : 5 + KIND_COUNT]
            parts["kind"] = KIND_WEIGHT * functional.cross_entropy(said, kinds[told])
        enabled = torch.from_numpy(np.concatenate([t.enabled for t in targets]))
        parts["enabled"] = ENABLED_WEIGHT * functional.binary_cross_entropy_with_logits(chosen[:, 5 + KIND_COUNT], enabled)
    focus = (wanted - scores.sigmoid()).abs().square()
    each = functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none") * focus * weights
    parts["score"] = each.sum() / max(1.0, float(wanted.sum()))
    hints = torch.from_numpy(np.stack([t.hints for t in targets]))
    asked = (hints >= 0).float()
    surprise = functional.binary_cross_entropy_with_logits(answers[:, -1], hints.clamp(min=0), reduction="none")
    focus = (hints.clamp(min=0) - answers[:, -1].sigmoid()).abs().square()
    parts["hint"] = HINT_WEIGHT * (surprise * focus * asked * (1 + 3 * hints.clamp(min=0))).sum() / max(1.0, float((hints > 0).sum()))
    return sum(parts.values(), torch.zeros(())), {name: float(value.detach()) for name, value in parts.items()}


def _giou(found: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Return IoU and generalized IoU (arXiv 1902.09630) of boxes by centre and size, (P, 4) each."""
    low_a, high_a = found[:, :2] - found[:, 2:] / 2, found[:, :2] + found[:, 2:] / 2
    low_b, high_b = known[:, :2] - known[:, 2:] / 2, known[:, :2] + known[:, 2:] / 2
    shared = (torch.minimum(high_a, high_b) - torch.maximum(low_a, low_b)).clamp(min=0).prod(1)
    union = found[:, 2:].prod(1) + known[:, 2:].prod(1) - shared
    hull = (torch.maximum(high_a, high_b) - torch.minimum(low_a, low_b)).prod(1)
    iou = shared / union
    return iou, iou - (hull - union) / hull
