"""How sure to be that a candidate is a widget: fitted on screenshots that neither network was trained on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from base.arrays import Doubles, Mask
from base.errors import InputError
from base.files import write_text
from model.finder_learning.known_screens import KnownScreen
from model.finding.box_arrays import intersection_over_union
from model.finding.cells import PossibleWidgets
from model.finding.evidence import EVIDENCE, CropEvidence, gather_evidence
from model.finding.finder_files import FINDER_FILE, Belief, read_finder_file
from model.finding.scanner import Scanner

ENOUGH = 0.5
"""The overlap (IoU) with a widget from which on a candidate is one."""

NEAR = 0.05
"""The overlap with what is ignored from which on a candidate that is no widget counts neither way."""


def fit_belief(scanner: Scanner, screens: Iterable[KnownScreen]) -> Belief:
    """Return the logistic regressions of what is a widget, by maximum likelihood.

    The first is on both networks' logits, the second on all of `EVIDENCE`, for which the first counts the company.

    Raises:
        InputError: all candidates are widgets, or none is.
    """
    before = scanner.finder.card.belief
    seen = [_look_at(scanner, screen) for screen in screens]
    truth = np.concatenate([each.known[each.counts] for each in seen])
    if truth.all() or not truth.any():
        raise InputError(
            f"of {len(truth)} candidates {int(truth.sum())} are widgets: both kinds are needed to tell them apart"
        )
    logits = [np.stack([each.candidates.scores, each.crops.logits], axis=1) for each in seen]
    (score, crop), bias = _regress(logits, seen, truth)
    alone = before.model_copy(update={"score": score, "crop": crop, "bias": bias})
    weights, bias = _regress([gather_evidence(alone, each.candidates, each.crops) for each in seen], seen, truth)
    company = dict(zip(EVIDENCE, weights, strict=True)) | {"bias": bias}
    return alone.model_copy(update={"company": company})


@dataclass(frozen=True)
class _Seen:
    """The candidates of a screenshot, which of them are widgets, (N,), and which count at all, (N,)."""

    candidates: PossibleWidgets
    crops: CropEvidence
    known: Mask
    counts: Mask


def _look_at(scanner: Scanner, screen: KnownScreen) -> _Seen:
    image = screen.image()
    candidates = scanner.finder.candidates(image)
    crops = scanner.crop_evidence(scanner.read(image, candidates))
    return _Seen(candidates, crops, *_is_widget(candidates, screen))


def _regress(evidence: Sequence[Doubles], seen: Sequence[_Seen], truth: Mask) -> tuple[list[float], float]:
    """Return the weights of evidence and its bias."""
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate([each[one.counts] for each, one in zip(evidence, seen, strict=True)])
    fitted = LogisticRegression(C=1e3, max_iter=1000).fit(rows, truth)
    return fitted.coef_[0].tolist(), float(fitted.intercept_[0])


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
