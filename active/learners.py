"""Learners of a simulation: the last layer fitted again, which takes milliseconds, or a true fine-tuning."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field

from active.acquisition import Array
from active.duplicates import Indices
from active.replay import Learner, Look
from active.strategies import VIEWS, Candidates
from generator.errors import InputError
from generator.progress import OnProgress
from generator.settings import Settings
from model.checkpoint import Model
from model.folders import Example
from model.heads import refit_head, warm_head
from model.images import content_hash
from model.score_cache import Scored, score_files
from model.train import train
from model.train_settings import TrainSettings


@dataclass(frozen=True)
class Division:
    """Which examples are the pool, (N,), and which the test part, (T,); there may be some that are in neither."""

    pool: Indices
    test: Indices


Learners = Callable[[Division], Learner]
"""Makes the learner of a division."""


class FineTuning(Settings):
    """How the true mode trains: from the warm start each round, on all labels so far; half of an epoch is real."""

    synthetic: Path | None = Field(default=None, description="generated crops that are learned from too")
    synthetic_per_epoch: int = Field(default=100, ge=1)
    epochs: int = Field(default=4, ge=1)
    learning_rate: float = Field(default=5e-4, gt=0)
    init_share: float = Field(
        default=0.5, ge=0, lt=1, description="share of the warm start in the weights that are kept"
    )


def refitting(
    model: Model, examples: Sequence[Example], *, pull: float, views: bool, on_progress: OnProgress
) -> Learners:
    """Score all examples once and return learners that fit the last layer alone; see `model.heads.refit_head`.

    Args:
        model: the warm start.
        examples: all of the pool and the test part.
        pull: how strongly the last layer is held to its old weights.
        views: score changed versions too, for the strategies that compare them.
        on_progress: called with (done, total).
    """
    items = _hash(examples)
    files = {item: example.path for item, example in zip(items, examples, strict=True)}
    features = np.stack([by.features for by in _in_order(score_files(model, files, on_progress=on_progress), items)])
    seen = score_files(model, files, views=VIEWS, on_progress=on_progress) if views else None
    seen_features = np.stack([by.features for by in _in_order(seen, items)], axis=1) if seen else None
    labels = np.array([model.classes.index(example.label) for example in examples], dtype=np.intp)

    def prepare(division: Division) -> Learner:
        warm = warm_head(model, features[division.pool])
        pool, own = features[division.pool], labels[division.pool]

        def learn(labelled: Indices) -> Look:
            head = refit_head(warm, pool[labelled], own[labelled], pull=pull)
            others = None if seen_features is None else head.probabilities(seen_features[:, division.pool])
            return Look(
                Candidates(head.probabilities(pool), pool, views=others),
                head.probabilities(features[division.test]),
            )

        return learn

    return prepare


def fine_tuning(
    model: Model, folder: Path, examples: Sequence[Example], *, settings: FineTuning, views: bool
) -> Learners:
    """Return learners that train all layers, from the run folder `folder` on, as `boxwright train --init` does."""
    items = _hash(examples)

    def score(trained: Model, rows: Indices, scratch: Path, *, changed: bool = False) -> tuple[Array, Array]:
        files = {items[row]: examples[row].path for row in rows}
        scored = score_files(trained, files, views=VIEWS if changed else 0, folder=scratch)
        read = _in_order(scored, [items[row] for row in rows])
        axis = 1 if changed else 0
        return np.stack([each.probabilities for each in read], axis), np.stack([each.features for each in read], axis)

    def prepare(division: Division) -> Learner:
        def learn(labelled: Indices) -> Look:
            with tempfile.TemporaryDirectory() as name:
                scratch = Path(name)
                asked = [examples[row] for row in division.pool[labelled]]
                trained = _train(folder, asked, scratch, settings) if asked else model
                changed = score(trained, division.pool, scratch, changed=True)[0] if views else None
                pool = Candidates(*score(trained, division.pool, scratch), views=changed)
                return Look(pool, score(trained, division.test, scratch)[0])

        return learn

    return prepare


def _train(folder: Path, labelled: Sequence[Example], scratch: Path, settings: FineTuning) -> Model:
    real = scratch / "labelled"
    for number, example in enumerate(labelled):
        (real / example.label).mkdir(parents=True, exist_ok=True)
        (real / example.label / f"{number:05}{example.path.suffix}").symlink_to(example.path.resolve())
    chosen = TrainSettings(
        init=folder,
        epochs=settings.epochs,
        init_share=settings.init_share,
        learning_rate=settings.learning_rate,
        synthetic_per_epoch=settings.synthetic_per_epoch,
        real_share=0.5,
        val_share=0.0,
        checkpoints=0,
    )
    return train(settings.synthetic, real, out=scratch / "run", settings=chosen).model


def _hash(examples: Sequence[Example]) -> list[str]:
    return [content_hash(example.path) for example in examples]


def _in_order(scored: Sequence[Scored], items: Sequence[str]) -> list[Scored]:
    """Return one result for each item, some of which may be equal.

    Raises:
        InputError: a picture cannot be read.
    """
    known = {each.item: each for each in scored}
    broken = [each for each in scored if each.error is not None]
    if broken:
        raise InputError(f"{len(broken)} pictures cannot be read, the first: {broken[0].error}")
    return [known[item] for item in items]
