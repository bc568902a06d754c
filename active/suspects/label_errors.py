"""Labels that may be wrong: those that cross-fitted models doubt, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from active.choosing.labelled import see
from active.choosing.queue import SecondLook
from active.store.events import SECOND_LOOK, Labelled, QueueItem
from active.store.store import LabelStore
from active.suspects.cross_fitting import HEAD_FOLDS, cross_fit_heads
from base.arrays import Doubles, Indices, Labels
from base.counting import counted
from base.errors import InputError
from model.adapting.heads import warm_head
from model.networks.trained_model import Model
from model.splitting.overlap import load_seen

FEWEST_DOUBTED = 20
"""Fewer labels than this teach a fold nothing that could be held against one of them."""


@dataclass(frozen=True)
class Suspect:
    """A label that may be wrong: `votes` of HEAD_FOLDS models that never saw it say otherwise.

    `margin` is the probability of the label less that of the likeliest other class, in [-1, 1]; `likely` is that class.
    `probabilities` are the mean over the models, in the order of the classes.
    """

    labelled: Labelled
    likely: str
    votes: int
    margin: float
    probabilities: tuple[float, ...]

    @property
    def reason(self) -> str:
        """Return in words why the label is doubted."""
        return (
            f"{SECOND_LOOK} this `{self.labelled.label}`; {self.votes} of {HEAD_FOLDS} folds disagree: "
            f"`{self.likely}` {max(self.probabilities):.2f}"
        )


def rank_labels(probabilities: Doubles, labels: Labels) -> tuple[Indices, Doubles]:
    """Return the rows by how doubtful their label is, most doubtful first, and the margin of each row, (N,).

    The margin is the normalized one of confident learning (Northcutt et al. 2021): the mean out-of-fold probability of
    the given label less that of the likeliest other class. Ties keep their order.

    Args:
        probabilities: (R, N, C), see `cross_fit_heads`.
        labels: (N,), indices of classes.
    """
    mean = probabilities.mean(axis=0)
    rows = np.arange(len(labels))
    others = mean.copy()
    others[rows, labels] = -1
    margins: Doubles = mean[rows, labels] - others.max(axis=1)
    return np.argsort(margins, kind="stable"), margins


def find_suspects(labelled: Sequence[Labelled], model: Model, *, seed: int = 0) -> list[Suspect]:
    """Return the labels that most of the cross-fitted models disagree with, most doubtful first.

    Only the last layer is fitted, on the features of `model`, which must not have been trained on these labels: it
    would have learned the wrong ones too. Fewer than FEWEST_DOUBTED labels give an empty list.

    Args:
        labelled: labels; those whose files are gone or changed, and of classes unknown to the model, are passed over.
        model: gives the features.
        seed: of the folds.
    """
    known = see(labelled, model)
    if len(known.labels) < FEWEST_DOUBTED:
        return []
    head = warm_head(model, known.features)
    probabilities = cross_fit_heads(head, known.features, known.labels, seed=seed)
    order, margins = rank_labels(probabilities, known.labels)
    votes = (probabilities.argmax(axis=2) != known.labels).sum(axis=0)
    mean = probabilities.mean(axis=0)
    return [
        Suspect(
            known.labelled[row],
            model.classes[int(mean[row].argmax())],
            int(votes[row]),
            float(margins[row]),
            tuple(mean[row].tolist()),
        )
        for row in order.tolist()
        if margins[row] < 0 and 2 * votes[row] > HEAD_FOLDS
    ]


def second_looks(suspects: Sequence[Suspect], classes: Sequence[str]) -> SecondLook:
    """Return what gives `build_queue` the most doubtful labels for a second look."""

    def take(count: int) -> list[QueueItem]:
        return [to_item(suspect, classes) for suspect in suspects[:count]]

    return take


def to_item(suspect: Suspect, classes: Sequence[str]) -> QueueItem:
    """Return the suspect as it is queued: scored by how much the models disagree, in [0, 1]."""
    return QueueItem(
        item=suspect.labelled.item,
        path=suspect.labelled.path,
        score=(1 - suspect.margin) / 2,
        reason=suspect.reason,
        predicted=suspect.likely,
        probabilities=dict(zip(classes, suspect.probabilities, strict=True)),
    )


@dataclass(frozen=True)
class Review:
    """The labels that are doubted, most doubtful first, and what speaks against believing that."""

    suspects: tuple[Suspect, ...]
    warnings: tuple[str, ...]


def review(store: LabelStore, model: Model, folder: Path) -> Review:
    """Doubt the labels of a store; those that were decided again after a second look are left alone.

    Args:
        store: the labels.
        model: gives the features; loaded from `folder`.
        folder: tells which pictures the model has learned.

    Raises:
        InputError: there are fewer labels than FEWEST_DOUBTED.
    """
    labelled = store.labels()
    known = [each for each in labelled if each.label in model.classes]
    if len(known) < FEWEST_DOUBTED:
        strange = len(labelled) - len(known)
        others = (
            f" ({counted(strange, 'more is', 'more are')} of classes that {folder} does not know)" if strange else ""
        )
        raise InputError(
            f"{counted(len(known), f'label{others} is', f'labels{others} are')} too few to doubt one by the "
            f"others; {FEWEST_DOUBTED} are needed"
        )
    seen = load_seen(folder)
    learned = 0 if seen is None else seen.count_known(each.item for each in labelled)
    warning = f"{folder} has learned {learned} of these pictures and will not doubt them; name another model"
    reviewed = store.reviewed()
    found = find_suspects(labelled, model)
    return Review(tuple(each for each in found if each.labelled.item not in reviewed), (warning,) * bool(learned))


def queue_suspects(store: LabelStore, suspects: Sequence[Suspect], model: Model) -> int:
    """Queue labels for a second look, and return how many."""
    items = [to_item(suspect, model.classes) for suspect in suspects]
    store.add_batch(
        classes=model.classes,
        strategy="label errors",
        model=model.fingerprint,
        items=items,
        second_look=[item.item for item in items],
    )
    return len(items)
