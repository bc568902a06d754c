"""What the finder's network answers for each cell of a picture, and the widgets that follow from it."""

from dataclasses import dataclass

import numpy as np

from base.arrays import Floats, Indices, Mask
from model.finding.box_arrays import intersection_over_union

FOUND_KINDS = ("checkbox", "radio", "switch")
"""The kinds that are found, in the order of the answers."""

KIND_COUNT = len(FOUND_KINDS)

CELL_PX = 8
"""The side of a cell, on the picture that the network looks at."""

ALIGNMENT_PX = 32
"""Both sides of that picture are multiples of it."""

SIZE_UNIT_PX = 16.0
"""An answer of zero is a box of this side."""

LEAST_SIDE_PX, MOST_SIDE_PX = 13.0, 26.0
"""Between these sides, of a square as large, lie the widgets that are found on a picture; on the picture itself also
smaller ones, on the smallest that it is brought to also larger ones."""


@dataclass(frozen=True)
class PossibleWidgets:
    """What may be widgets, N of them.

    Attributes:
        scores: (N,), logits of being one.
        boxes: (N, 4), left, top, width, height in pixels.
        kinds: (N, KIND_COUNT), logits.
        enabled: (N,), logits of being one that can be used.
    """

    scores: Floats
    boxes: Floats
    kinds: Floats
    enabled: Floats

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return scores, boxes, kinds and enabled."""
        return self.scores, self.boxes, self.kinds, self.enabled

    def take(self, which: Indices) -> "PossibleWidgets":
        """Return some of them."""
        return PossibleWidgets(self.scores[which], self.boxes[which], self.kinds[which], self.enabled[which])

    def moved(self, right: float, down: float) -> "PossibleWidgets":
        """Return them on a picture of which theirs is a part, so many pixels from its left and its top."""
        boxes = self.boxes + np.array([right, down, 0, 0], np.float32)
        return PossibleWidgets(self.scores, boxes, self.kinds, self.enabled)

    def doubted(self, doubt: float) -> "PossibleWidgets":
        """Return them with so much taken from each logit."""
        return PossibleWidgets(self.scores - np.float32(doubt), self.boxes, self.kinds, self.enabled)

    def scaled(self, factor: float) -> "PossibleWidgets":
        """Return them on a picture so many times as large."""
        return PossibleWidgets(self.scores, self.boxes * np.float32(factor), self.kinds, self.enabled)


NO_CANDIDATES = PossibleWidgets(*(np.zeros(shape, np.float32) for shape in ((0,), (0, 4), (0, KIND_COUNT), (0,))))
"""No candidate at all."""


def decode_cells(answers: Floats, least: float) -> PossibleWidgets:
    """Return the candidates of a picture: the cells that say more than all around them.

    Args:
        answers: (channels, h, w), of the network.
        least: the smallest logit that is looked at.
    """
    scores = answers[0]
    rows, columns = np.nonzero((scores >= least) & (scores >= _highest_around(scores)))
    chosen = answers[:, rows, columns]
    centres = np.stack([columns, rows]) + np.float32(0.5) + chosen[1:3]
    sides = np.exp(np.clip(chosen[3:5], -4, 4)) * np.float32(SIZE_UNIT_PX)
    corners = centres * np.float32(CELL_PX) - sides / 2
    boxes = np.concatenate([corners, sides]).T
    return PossibleWidgets(chosen[0], boxes, chosen[5 : 5 + KIND_COUNT].T, chosen[5 + KIND_COUNT])


def hinted_cells(answers: Floats, least: float) -> Mask:
    """Return for each cell whether a widget may be there that is too small for this picture, (h, w)."""
    hinted: Mask = answers[-1] >= least
    return hinted


def _highest_around(scores: Floats) -> Floats:
    """Return the highest score of each cell and its eight neighbours."""
    padded = np.pad(scores, 1, constant_values=-np.inf)
    wide = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    highest: Floats = np.maximum(np.maximum(wide[:-2], wide[1:-1]), wide[2:])
    return highest


def suppress(found: PossibleWidgets, most_overlap: float) -> Indices:
    """Return which candidates to keep, best first: none of which overlaps a better one by more (IoU)."""
    overlap = intersection_over_union(found.boxes.astype(np.float64), found.boxes.astype(np.float64))
    kept: list[int] = []
    for index in np.argsort(-found.scores, kind="stable").tolist():
        if not (overlap[index, kept] > most_overlap).any():
            kept.append(index)
    return np.array(kept, np.intp)
