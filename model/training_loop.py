"""The epochs of a run, each saved so that the next can be done by another process."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from generator.seeds import rng_for
from model.backbones import Backbone
from model.checkpoint import Model, save_model
from model.checkpoints import checkpoint_folder, out_of_patience, publish
from model.geometry import Geometry
from model.learner import BatchResult, Learner, Tally
from model.majority import MAJORITY, count_classes
from model.normalization import measure_statistics
from model.predict import scorer
from model.run_folder import Epoch, write_epochs
from model.run_state import RunState, write_state
from model.tensorboard import open_board
from model.train_settings import TrainSettings
from model.training_data import TrainingData
from model.training_set import TrainingSet


@dataclass(frozen=True)
class Progress:
    """How far a run is: pictures done of all, first while they are read, then over all epochs.

    `epoch` is set at the end of each epoch.
    """

    stage: Literal["reading", "training"]
    done: int
    total: int
    epoch: Epoch | None = None


OnProgress = Callable[[Progress], None]

_Validation = tuple[float | None, float | None]


def fit(
    start: Model, data: TrainingData, settings: TrainSettings, *, out: Path, state: RunState | None, report: OnProgress
) -> tuple[Epoch, ...]:
    """Train for all epochs that `state` lacks, until patience is lost; return the rows of all.

    An epoch is finished once the state file is there. What readers see is made from it afterwards, and made again
    when the process ended in between.
    """
    if start.backbone == MAJORITY:
        return _count(start, data, settings, out=out)
    learner = _make_learner(start, data, settings)
    epochs: tuple[Epoch, ...] = ()
    if state is not None:
        learner.load_state_dict(state.learner)
        epochs = state.epochs
        _show(out, epochs, settings)
    with contextlib.ExitStack() as stack:
        add_to_board = stack.enter_context(open_board(out, epochs)) if settings.tensorboard else None
        while len(epochs) < settings.epochs and not (epochs and out_of_patience(epochs, settings.patience)):
            row, network = _epoch(len(epochs) + 1, start.geometry, data, learner, settings, report)
            epochs = (*epochs, row)
            _save(
                replace(start, network=network),
                RunState(epochs, learner.state_dict(), data.fingerprints),
                settings,
                out,
            )
            if add_to_board is not None:
                add_to_board(row)
            report(Progress("training", *_done(learner, data, settings), row))
    return epochs


def _count(start: Model, data: TrainingData, settings: TrainSettings, *, out: Path) -> tuple[Epoch]:
    """Fit the dummy baseline, which needs one look at the labels and no epochs."""
    began = time.perf_counter()
    labels = np.concatenate([data.mixture.synthetic.labels, data.mixture.real.labels])
    log_shares = count_classes(start.network, labels)
    tally = Tally()
    tally.add(BatchResult(-float(log_shares[labels].sum()), int((labels == log_shares.argmax()).sum()), len(labels)))
    validation = _validate(start.network, start.geometry, data.val)
    row = _row(1, tally, seconds=time.perf_counter() - began, rate=0.0, validation=validation)
    _save(start, RunState((row,), {}, data.fingerprints), settings, out)
    return (row,)


def _save(model: Model, state: RunState, settings: TrainSettings, out: Path) -> None:
    """Keep the model of the last epoch and what the next one starts from."""
    row = state.epochs[-1]
    record = {"settings": settings.model_dump(mode="json"), "data": state.data, "epoch": asdict(row)}
    folder = checkpoint_folder(out, row)
    folder.mkdir(parents=True, exist_ok=True)
    save_model(model, folder, training=record)
    write_state(out, state)
    _show(out, state.epochs, settings)


def _make_learner(start: Model, data: TrainingData, settings: TrainSettings) -> Learner:
    threads = settings.threads or torch.get_num_threads()
    weights = data.mixture.class_weights(len(start.classes))
    return Learner(
        start.network,
        settings,
        total=len(data.mixture) * settings.epochs,
        threads=threads,
        class_weights=None if weights is None else torch.from_numpy(weights),
    )


def _show(out: Path, epochs: tuple[Epoch, ...], settings: TrainSettings) -> None:
    write_epochs(out, epochs)
    publish(out, epochs, keep=settings.keep, most=settings.checkpoints)


def _done(learner: Learner, data: TrainingData, settings: TrainSettings) -> tuple[int, int]:
    total = len(data.mixture) * settings.epochs
    return min(total, learner.seen), total


def _epoch(
    number: int, geometry: Geometry, data: TrainingData, learner: Learner, settings: TrainSettings, report: OnProgress
) -> tuple[Epoch, Backbone]:
    """Train for one epoch; return its row, and the averaged network."""
    rng = np.random.default_rng([settings.seed, number])
    batch_size = -(-settings.batch_size // learner.replicas)
    batches = data.mixture.epoch(geometry, batch_size=batch_size, together=learner.replicas, rng=rng)
    tally = Tally()
    with torch.random.fork_rng(devices=list(range(torch.cuda.device_count()))):
        # some networks drop units at random, which draws from torch's global generator
        torch.manual_seed(rng_for(settings.seed, number, "torch").getrandbits(63))
        began = time.perf_counter()
        for result in learner.learn(batches, frozen=number <= settings.freeze_epochs):
            tally.add(result)
            report(Progress("training", *_done(learner, data, settings)))
        seconds = time.perf_counter() - began
        network = learner.averaged()
        if settings.separate_statistics:
            measure_statistics(network, data.mixture.real, geometry)
    rate = learner.learning_rate
    validation = _validate(network, geometry, data.val)
    learner.end_epoch(validation[0])
    return _row(number, tally, seconds=seconds, rate=rate, validation=validation), network


def _row(number: int, tally: Tally, *, seconds: float, rate: float, validation: _Validation) -> Epoch:
    val_loss, val_accuracy = validation
    return Epoch(
        epoch=number,
        loss=tally.loss / tally.count,
        train_accuracy=tally.right / tally.count,
        val_loss=val_loss,
        val_accuracy=val_accuracy,
        learning_rate=rate,
        seconds=round(seconds, 3),
        images_per_s=round(tally.count / seconds, 1),
    )


def _validate(network: Backbone, geometry: Geometry, val: TrainingSet) -> _Validation:
    """Return (loss, accuracy) on the held-out pictures, None where there are none."""
    if len(val) == 0:
        return None, None
    probabilities, _ = scorer(network, geometry)(val.pixels)
    rows = np.arange(len(val))
    loss = -np.log(np.maximum(probabilities[rows, val.labels], 1e-9)).mean()
    return float(loss), float((probabilities.argmax(1) == val.labels).mean())
