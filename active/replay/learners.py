"""Learners of a simulation: the last layer fitted again, which takes milliseconds, or a true fine-tuning."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import Field

from active.choosing.strategies import VARIATIONS, Candidates
from active.replay.replay import Learner, Observation
from base.arrays import Indices, Reals
from base.cluster import Cluster
from base.counting import counted
from base.errors import InputError
from base.progress import OnProgress
from base.settings import Settings
from model.adapting.finetune import fine_tune
from model.adapting.heads import refit_head, warm_head
from model.adapting.score_cache import Scored, score_files
from model.adapting.variations import draw_variations
from model.labelled_folders.folders import Example, read_examples
from model.learning.batches import BALANCES, NOTHING, Mixture, TrainingSet, decode_examples
from model.learning.training_settings import TrainSettings
from model.networks.trained_model import Model
from model.running.scorer import Scorer
from model.running.torch_scorer import scorer


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
    epochs: int = Field(default=20, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    init_share: float = Field(
        default=0.5, ge=0, lt=1, description="share of the warm start in the weights that are kept"
    )

    def training(self, start: Path) -> TrainSettings:
        """Return the settings of a training from the run folder `start`."""
        return TrainSettings(
            init=start,
            init_share=self.init_share,
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            synthetic_per_epoch=self.synthetic_per_epoch,
            real_share=0.5,
        )


def refitting(
    model: Model,
    examples: Sequence[Example],
    *,
    pull: float,
    variations: bool,
    cluster: Cluster | None = None,
    on_progress: OnProgress,
) -> Learners:
    """Score all examples once and return learners that fit the last layer alone; see `model.adapting.heads.refit_head`.

    Args:
        model: the warm start.
        examples: all of the pool and the test part.
        pull: how strongly the last layer is held to its old weights.
        variations: score changed versions too, for the strategies that compare them.
        cluster: what scores, instead of this process.
        on_progress: called with (done, total).
    """
    items = _hash(examples)
    files = {item: example.path for item, example in zip(items, examples, strict=True)}
    score = partial(score_files, model, files, cluster=cluster, on_progress=on_progress)
    features = np.stack([by.features for by in _in_order(score(), items)])
    seen = score(variations=VARIATIONS) if variations else None
    seen_features = np.stack([by.features for by in _in_order(seen, items)], axis=1) if seen else None
    labels = np.array([model.classes.index(example.label) for example in examples], dtype=np.intp)

    def prepare(division: Division) -> Learner:
        warm = warm_head(model, features[division.pool])
        pool, own = features[division.pool], labels[division.pool]

        def learn(labelled: Indices) -> Observation:
            head = refit_head(warm, pool[labelled], own[labelled], pull=pull)
            others = None if seen_features is None else head.probabilities(seen_features[:, division.pool])
            return Observation(
                Candidates(head.probabilities(pool), pool, variations=others),
                head.probabilities(features[division.test]),
            )

        return learn

    return prepare


def fine_tuning(
    model: Model, examples: Sequence[Example], *, training: TrainSettings, synthetic: Path | None, variations: bool
) -> Learners:
    """Return learners that train all layers, from `model` on, as `boxwright train --init` does.

    Pictures are decoded once and stay in memory.

    Args:
        model: the warm start.
        examples: all of the pool and the test part.
        training: how, each round.
        synthetic: class folders of generated crops to learn from too.
        variations: score changed versions too, for the strategies that compare them.
    """
    pictures = _decode(model, examples)
    drawn = NOTHING if synthetic is None else _decode(model, read_examples(synthetic, model.classes, part="training"))
    items = _hash(examples)
    balance = BALANCES[training.balance]

    def train(rows: Indices) -> Model:
        mixture = Mixture(drawn, pictures.take(rows), training.real_share, training.synthetic_per_epoch, balance)
        return fine_tune(model, mixture, training)

    def changed(score: Scorer, rows: Indices) -> Reals:
        seen = (
            draw_variations(pictures.pixels[row], model.geometry, count=VARIATIONS, item=items[row]) for row in rows
        )
        return np.stack([score(each).probabilities for each in seen], axis=1)

    def prepare(division: Division) -> Learner:
        def learn(labelled: Indices) -> Observation:
            trained = train(division.pool[labelled]) if len(labelled) else model
            score = scorer(trained.network, trained.geometry, temperature=trained.temperature)
            pool = score([pictures.pixels[row] for row in division.pool])
            test = score([pictures.pixels[row] for row in division.test])
            others = changed(score, division.pool) if variations else None
            return Observation(Candidates(pool.probabilities, pool.features, variations=others), test.probabilities)

        return learn

    return prepare


def _decode(model: Model, examples: Sequence[Example]) -> TrainingSet:
    """Return all examples decoded.

    Raises:
        InputError: a picture cannot be read.
    """
    decoded = decode_examples(examples, model.geometry, model.classes, threads=os.cpu_count() or 1)
    if decoded.unreadable:
        first = decoded.unreadable[0]
        raise InputError(f"{counted(len(decoded.unreadable), 'picture')} cannot be read, the first: {first.reason}")
    return decoded


def _hash(examples: Sequence[Example]) -> list[str]:
    return [example.hash() for example in examples]


def _in_order(scored: Sequence[Scored], items: Sequence[str]) -> list[Scored]:
    """Return one result for each item, some of which may be equal.

    Raises:
        InputError: a picture cannot be read.
    """
    known = {each.item: each for each in scored}
    broken = [each for each in scored if each.error is not None]
    if broken:
        raise InputError(f"{counted(len(broken), 'picture')} cannot be read, the first: {broken[0].error}")
    return [known[item] for item in items]
