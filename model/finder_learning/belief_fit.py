"""How sure to be that a candidate is a widget: fitted on screenshots that neither network was trained on."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from base.arrays import Mask
from base.errors import InputError
from base.files import write_text
from model.finder_learning.known_screens import KnownScreen
from model.finding.box_arrays import intersection_over_union
from model.finding.cells import PossibleWidgets
from model.finding.finder_files import FINDER_FILE, Belief, read_finder_file
from model.finding.scanner import Scanner

ENOUGH = 0.5
"""The overlap (IoU) with a widget from which on a candidate is one."""

NEAR = 0.05
"""The overlap with what is ignored from which on a candidate that is no widget counts neither way."""


def fit_belief(scanner: Scanner, screens: Iterable[KnownScreen]) -> Belief:
    """Return the logistic regression of what is a widget on both networks' logits, by maximum likelihood.

    Raises:
        InputError: all candidates are widgets, or none is.
    """
    from sklearn.linear_model import LogisticRegression

    evidence, truths = [], []
    for screen in screens:
        image = screen.image()
        candidates = scanner.finder.candidates(image)
        known, counts = _is_widget(candidates, screen)
        logits = np.stack([candidates.scores, scanner.crop_logits(image, candidates)], axis=1)
        evidence.append(logits[counts])
        truths.append(known[counts])
    x, y = np.concatenate(evidence), np.concatenate(truths)
    if y.all() or not y.any():
        raise InputError(f"of {len(y)} candidates {int(y.sum())} are widgets: both kinds are needed to tell them apart")
    fitted = LogisticRegression(C=1e3).fit(x, y)
    score, crop = fitted.coef_[0].tolist()
    before = scanner.finder.card.belief
    return before.model_copy(update={"score": score, "crop": crop, "bias": float(fitted.intercept_[0])})


def save_belief(folder: Path, belief: Belief) -> None:
    """Put it into the finder.json of a folder."""
    card = read_finder_file(folder).model_copy(update={"belief": belief})
    write_text(folder / FINDER_FILE, card.model_dump_json(indent=2) + "\n")


def _is_widget(candidates: PossibleWidgets, screen: KnownScreen) -> tuple[Mask, Mask]:
    """Return which candidates are widgets, each widget once, and which count at all."""
    known, counts = np.zeros(len(candidates), bool), np.ones(len(candidates), bool)
    if not len(screen.boxes):
        return known, counts
    taken: set[int] = set()
    overlap = intersection_over_union(candidates.boxes.astype(np.float64), screen.boxes)
    best = overlap.argmax(1)
    near_ignored = np.any(overlap[:, screen.ignored] > NEAR, axis=1)
    for row, index in enumerate(best.tolist()):
        if overlap[row, index] < ENOUGH:
            counts[row] = not near_ignored[row]
        elif screen.ignored[index]:
            counts[row] = False
        elif index not in taken:
            taken.add(index)
            known[row] = True
    return known, counts
