"""What models make of the pictures of an audit: those with labels are judged by models that never saw theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from active.suspects.cross_fitting import cross_fit_heads
from active.suspects.label_errors import FEWEST_DOUBTED, rank_labels
from base.arrays import Doubles, Floats, Labels
from base.progress import OnProgress
from model.adapting.heads import Head, warm_head
from model.adapting.score_cache import score_files
from model.labelled_folders.examples import Example
from model.networks.trained_model import Model

FITS = 3
"""How many models judge each picture."""

COLD_PULL = 30.0
"""How strongly the last layer of classes that the model does not know is held to knowing nothing."""


@dataclass(frozen=True)
class HeldOut:
    """What cross-fitted last layers make of labelled pictures, a row each.

    Attributes:
        places: of the pictures in the set.
        classes: in the order of the probabilities.
        labels: (N,), indices of classes.
        probabilities: (N, C), the mean over the fits.
        votes: (N,), the share of the fits that disagree with the label.
        margins: (N,), see `active.suspects.label_errors.rank_labels`.
    """

    places: tuple[int, ...]
    classes: tuple[str, ...]
    labels: Labels
    probabilities: Doubles
    votes: Doubles
    margins: Doubles


@dataclass(frozen=True)
class PictureJudgement:
    """What models make of the pictures that could be scored, a row each, and why others could not, by place.

    `features` are (N, F) and `probabilities` (N, C), in the order of the model's `classes`.
    """

    classes: tuple[str, ...]
    examples: dict[int, Example]
    features: Floats
    probabilities: Floats
    refused: Mapping[int, str]
    model: Model = field(repr=False, compare=False)
    seed: int = 0

    @cached_property
    def rows(self) -> dict[int, int]:
        """Return the row of each place."""
        return {place: row for row, place in enumerate(self.examples)}

    def state_of(self, place: int) -> str:
        """Return the most probable class of a picture; empty where the model has none."""
        row = self.rows.get(place)
        return "" if row is None else self.classes[int(self.probabilities[row].argmax())]

    @cached_property
    def held_out(self) -> HeldOut | None:
        """Return what is made of labelled pictures without a look at their labels; None for fewer than FEWEST_DOUBTED.

        Copies count once: else one would tell the label of another.
        """
        first = {(each.pixels, each.label): place for place, each in reversed(self.examples.items()) if each.label}
        names = sorted({label for _, label in first})
        if len(first) < FEWEST_DOUBTED or len(names) < 2:
            return None
        places = sorted(first.values())
        features = self.features[[self.rows[place] for place in places]]
        known = set(names) <= set(self.classes)
        classes = self.classes if known else tuple(names)
        head = warm_head(self.model, features) if known else _cold_head(features, len(classes))
        labels = np.array([classes.index(self.examples[place].label) for place in places], np.int64)
        pull = {} if known else {"pull": COLD_PULL}
        fits = cross_fit_heads(head, features, labels, repeats=FITS, seed=self.seed, **pull)
        return HeldOut(
            places=tuple(places),
            classes=classes,
            labels=labels,
            probabilities=fits.mean(0),
            votes=(fits.argmax(2) != labels).mean(0),
            margins=rank_labels(fits, labels)[1],
        )


def judge_pictures(
    pictures: Sequence[tuple[int, Example]], model: Model, *, seed: int = 0, on_progress: OnProgress | None = None
) -> PictureJudgement:
    """Score pictures, each content once.

    Args:
        pictures: places and examples whose content is known.
        model: one that has not learned their labels.
        seed: of the folds.
        on_progress: called with (scored, total).

    Raises:
        StoreError: the cache of scores cannot be used.
    """
    files = {example.content: example.path for _, example in pictures}
    scored = dict(zip(files, score_files(model, files, on_progress=on_progress), strict=True))
    refused = {place: error for place, each in pictures if (error := scored[each.content].error) is not None}
    kept = {place: each for place, each in pictures if place not in refused}
    read = [scored[each.content] for each in kept.values()]
    return PictureJudgement(
        classes=tuple(model.classes),
        examples=kept,
        features=np.array([each.features for each in read], np.float32),
        probabilities=np.array([each.probabilities for each in read], np.float32),
        refused=refused,
        model=model,
        seed=seed,
    )


def _cold_head(features: Floats, classes: int) -> Head:
    """Return a last layer that knows nothing of any class."""
    centre, scale = features.mean(axis=0).astype(float), features.std(axis=0).astype(float)
    scale = np.maximum(scale, 0.1 * scale.mean() + 1e-12)
    return Head(np.zeros((classes, features.shape[1])), np.zeros(classes), centre, scale)
