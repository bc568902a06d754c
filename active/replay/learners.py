"""Learners of a simulation: the last layer fitted again, which takes milliseconds, or a true fine-tuning."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

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
from model.adapting.last_block import teach_last_block
from model.adapting.score_cache import Scored, score_files
from model.adapting.stage_maps import StageMaps, compute_stage_maps, has_last_block
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

    layers: Literal["all", "last"] = Field(
        default="all",
        description="what learns: all layers, or the last block and the heads, unless synthetic crops are mixed in",
    )
    synthetic: Path | None = Field(default=None, description="generated crops that are learned from too")
    synthetic_per_epoch: int = Field(default=100, ge=1)
    epochs: int = Field(default=20, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    init_share: float = Field(
        default=0.5, ge=0, lt=1, description="share of the warm start in the weights that are kept"
    )

    def keeps_trunk(self, start: Model) -> bool:
        """Tell whether all layers of `start` before its last block stay as they are."""
        return self.layers == "last" and self.synthetic is None and has_last_block(start.network)

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
    model: Model, examples: Sequence[Example], *, start: Path, tuning: FineTuning, variations: bool
) -> Learners:
    """Return learners that train from `model` on, as a round of `boxwright loop` does.

    Pictures are decoded once and stay in memory.

    Args:
        model: the warm start.
        examples: all of the pool and the test part.
        start: the run folder of `model`.
        tuning: how, each round.
        variations: score changed versions too, for the strategies that compare them.
    """
    pictures = _decode(model, examples)
    items = _hash(examples)
    training = tuning.training(start)
    if tuning.keeps_trunk(model):
        train = _teaching(model, pictures, items, training)
    else:
        train = _training(model, pictures, tuning.synthetic, training)

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


_Train = Callable[[Indices], Model]
"""Trains on rows of the pictures."""


def _training(model: Model, pictures: TrainingSet, synthetic: Path | None, settings: TrainSettings) -> _Train:
    """Return what trains all layers, as `boxwright train --init` does."""
    drawn = NOTHING if synthetic is None else _decode(model, read_examples(synthetic, model.classes, part="training"))
    balance = BALANCES[settings.balance]

    def train(rows: Indices) -> Model:
        mixture = Mixture(drawn, pictures.take(rows), settings.real_share, settings.synthetic_per_epoch, balance)
        return fine_tune(model, mixture, settings)

    return train


def _teaching(model: Model, pictures: TrainingSet, items: Sequence[str], settings: TrainSettings) -> _Train:
    """Return what teaches the last block, of maps that are computed when a picture is labelled, and kept."""
    known: dict[int, StageMaps] = {}

    def train(rows: Indices) -> Model:
        new = [row for row in rows.tolist() if row not in known]
        computed = compute_stage_maps(model, [pictures.pixels[row] for row in new], [items[row] for row in new])
        known.update(zip(new, computed, strict=True))
        maps = [known[row] for row in rows.tolist()]
        return teach_last_block(model, maps, pictures.labels[rows], settings).model(model)

    return train


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
