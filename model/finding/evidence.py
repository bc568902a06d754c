"""What speaks for a candidate being a widget: what both networks say of it, and the company that it is in."""

from dataclasses import dataclass

import numpy as np

from base.arrays import Doubles, Mask
from model.finding.cells import PossibleWidgets
from model.finding.finder_files import Belief

EVIDENCE = ("score", "crop", "state", "alike", "in_line", "others")
"""The finder's logit; the logit, of what reads crops, that it is a widget; how sure that is of the state, 0 to 1; and
how many widgets there seem to be besides, as ln(1 + number): of its size and form, of these in a row or a column with
it, and in all."""

LIKE_SIZE, LIKE_FORM = 0.12, 0.25
"""Boxes are alike whose sides, and whose widths over heights, differ by no more than this in their logarithms."""

IN_LINE_PX = 3.0
"""Boxes are in line whose left, upper or right edges differ by less."""


@dataclass(frozen=True)
class CropEvidence:
    """What the network that reads crops makes of N candidates.

    Attributes:
        logits: (N,), that it is a widget; 0 where the network does not tell.
        certainties: (N,), the probability of its state, if it is one.
    """

    logits: Doubles
    certainties: Doubles


def confidences(belief: Belief, candidates: PossibleWidgets, crops: CropEvidence) -> Doubles:
    """Return the probability of each candidate that it is a widget, (N,)."""
    if not belief.company:
        return confidences_alone(belief, candidates, crops)
    weights = np.array([belief.company.get(name, 0.0) for name in EVIDENCE])
    return _logistic(gather_evidence(belief, candidates, crops) @ weights + belief.company.get("bias", 0.0))


def confidences_alone(belief: Belief, candidates: PossibleWidgets, crops: CropEvidence) -> Doubles:
    """Return the same by both networks' logits, without a look at the other candidates, (N,)."""
    return _logistic(belief.score * candidates.scores.astype(np.float64) + belief.crop * crops.logits + belief.bias)


def gather_evidence(belief: Belief, candidates: PossibleWidgets, crops: CropEvidence) -> Doubles:
    """Return what speaks for each candidate, (N, len(EVIDENCE)): widgets seldom stand alone, look-alikes often do."""
    likely = confidences_alone(belief, candidates, crops)
    boxes = candidates.boxes.astype(np.float64)
    others = ~np.eye(len(boxes), dtype=bool)
    alike = others & _are_alike(boxes)
    counted = [np.log1p(which @ likely) for which in (alike, alike & _are_in_line(boxes), others)]
    return np.stack([candidates.scores.astype(np.float64), crops.logits, crops.certainties, *counted], axis=1)


def _are_alike(boxes: Doubles) -> Mask:
    logarithms = np.log(np.maximum(boxes[:, 2:], 1e-6))
    sizes, forms = logarithms.mean(1), logarithms[:, 0] - logarithms[:, 1]
    near = np.abs(sizes[:, None] - sizes) < LIKE_SIZE
    alike: Mask = near & (np.abs(forms[:, None] - forms) < LIKE_FORM)
    return alike


def _are_in_line(boxes: Doubles) -> Mask:
    edges = np.stack([boxes[:, 0], boxes[:, 1], boxes[:, 0] + boxes[:, 2]])
    near: Mask = np.any(np.abs(edges[:, :, None] - edges[:, None, :]) < IN_LINE_PX, axis=0)
    return near


def _logistic(logits: Doubles) -> Doubles:
    probabilities: Doubles = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
    return probabilities
