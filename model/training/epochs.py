"""The epochs of a run, each saved so that the next can be done by another process."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from base.seeds import rng_for
from base.timing import package_log, timed
from model.evaluation.metrics import macro_f1
from model.learning.batches import Mixture, TrainingSet
from model.learning.learner import BatchResult, EpochTally, Optimisation
from model.learning.trackers import open_trackers
from model.learning.training_settings import TrainSettings
from model.networks.backbone_catalogue import MAJORITY
from model.networks.backbones import Backbone
from model.networks.checkpoint import save_model
from model.networks.majority import count_classes
from model.networks.trained_model import Model
from model.reading.crop_fitting import Geometry
from model.running.torch_scorer import scorer
from model.training.decoded import TrainingData
from model.training.kept_epochs import checkpoint_folder, out_of_patience, publish
from model.training.run_folder import Epoch, write_epochs
from model.training.run_state import RunState, write_state

LOG = package_log(__name__)


@dataclass(frozen=True)
class TrainingProgress:
    """How far a run is: pictures done of all, first while they are read, then over all epochs.

    `epoch` is set at the end of each epoch.
    """

    stage: Literal["reading", "training"]
    done: int
    total: int
    epoch: Epoch | None = None


OnEpoch = Callable[[TrainingProgress], None]


@dataclass(frozen=True)
class _Validation:
    """The figures of the held-out pictures, None where there are none."""

    loss: float | None = None
    accuracy: float | None = None
    macro_f1: float | None = None


@dataclass(frozen=True)
class TrainingJob:
    """A run to be done: the model to start from, the pictures, and where results go.

    At least `unsaved_s` lie between two epochs that are saved; the last one always is.
    """

    start: Model
    data: TrainingData
    settings: TrainSettings
    out: Path
    report: OnEpoch
    unsaved_s: float = 0.0


def fit_epochs(job: TrainingJob, state: RunState | None) -> tuple[Epoch, ...]:
    """Train for all epochs that `state` lacks, until patience is lost; return the rows of all.

    Raises:
        TrainingError: the loss is not finite.
    """
    if job.start.backbone == MAJORITY:
        return _count(job)
    learner = make_learner(job.start, job.data.mixture, job.settings)
    epochs: tuple[Epoch, ...] = ()
    if state is not None:
        learner.load_state_dict(state.learner)
        epochs = state.epochs
        _show(job, epochs)
    chosen, record = job.settings.trackers, job.settings.model_dump(mode="json")
    unsaved_s = 0.0 if len(job.data.val) else job.unsaved_s  # where epochs are compared, each is kept until it was
    saved_at = time.monotonic()
    with open_trackers(chosen, job.out, settings=record, earlier=[asdict(row) for row in epochs]) as log:
        while not _is_last(job, epochs):
            with timed(LOG, f"epoch {len(epochs) + 1} of {job.settings.epochs}") as found:
                row, network = _epoch(len(epochs) + 1, job, learner)
                epochs = (*epochs, row)
                if _is_last(job, epochs) or time.monotonic() - saved_at >= unsaved_s:
                    _save(job, epochs, network, learner.state_dict())
                    saved_at = time.monotonic()
                found.note(loss=f"{row.loss:.4f}", images_per_s=row.images_per_s, val_accuracy=row.val_accuracy)
            log(asdict(row))
            job.report(_progress(job, learner, row))
    return epochs


def _is_last(job: TrainingJob, epochs: tuple[Epoch, ...]) -> bool:
    return len(epochs) >= job.settings.epochs or out_of_patience(epochs, job.settings.patience)


def _count(job: TrainingJob) -> tuple[Epoch]:
    """Fit the dummy baseline, which needs one look at the labels and no epochs."""
    began = time.perf_counter()
    network, mixture = job.start.network, job.data.mixture
    labels = np.concatenate([mixture.synthetic.labels, mixture.real.labels])
    log_shares = count_classes(network, labels)
    tally = EpochTally()
    tally.add(BatchResult(-float(log_shares[labels].sum()), int((labels == log_shares.argmax()).sum()), len(labels)))
    validation = _validate(network, job.start.geometry, job.data.val)
    row = _row(1, tally, seconds=time.perf_counter() - began, rate=0.0, validation=validation)
    _save(job, (row,), network, {})
    return (row,)


def make_learner(start: Model, mixture: Mixture, settings: TrainSettings) -> Optimisation:
    """Return a learner of the network of `start`, which it changes, with its schedule laid out over all epochs."""
    weights = mixture.class_weights(len(start.classes))
    return Optimisation(
        start.network,
        settings,
        total=len(mixture) * settings.epochs,
        threads=settings.threads or torch.get_num_threads(),
        class_weights=None if weights is None else torch.from_numpy(weights),
    )


def learn_epoch(
    number: int, learner: Optimisation, mixture: Mixture, geometry: Geometry, settings: TrainSettings
) -> Iterator[BatchResult]:
    """Train for the epoch of that number, counted from 1, yielding a result after each batch."""
    rng = np.random.default_rng([settings.seed, number])
    batch_size = -(-settings.batch_size // learner.replicas)
    batches = mixture.epoch(geometry, batch_size=batch_size, together=learner.replicas, rng=rng)
    with torch.random.fork_rng(devices=list(range(torch.cuda.device_count()))):
        # some networks drop units at random, which draws from torch's global generator
        torch.manual_seed(rng_for(settings.seed, number, "torch").getrandbits(63))
        yield from learner.learn(batches, frozen=number <= settings.freeze_epochs)


def _save(job: TrainingJob, epochs: tuple[Epoch, ...], network: Backbone, learner: dict[str, Any]) -> None:
    """Save the last epoch.

    It is finished once the state file is there. What readers see is made from its checkpoint afterwards, and made
    again when the process ended in between.
    """
    record = {"settings": job.settings.model_dump(mode="json"), "data": job.data.fingerprints}
    folder = checkpoint_folder(job.out, epochs[-1])
    folder.mkdir(parents=True, exist_ok=True)
    model = replace(job.start, source=network, locates=job.data.mixture.locates and job.settings.hints > 0)
    save_model(model, folder, training=record | {"epoch": asdict(epochs[-1])})
    write_state(job.out, RunState(epochs, learner, job.data.fingerprints))
    _show(job, epochs)


def _show(job: TrainingJob, epochs: tuple[Epoch, ...]) -> None:
    write_epochs(job.out, epochs)
    publish(job.out, epochs, keep=job.settings.keep, most=job.settings.checkpoints)


def _progress(job: TrainingJob, learner: Optimisation, epoch: Epoch | None = None) -> TrainingProgress:
    total = len(job.data.mixture) * job.settings.epochs
    return TrainingProgress("training", min(total, learner.seen), total, epoch)


def _epoch(number: int, job: TrainingJob, learner: Optimisation) -> tuple[Epoch, Backbone]:
    """Train for one epoch; return its row, and the averaged network."""
    tally = EpochTally()
    began = time.perf_counter()
    for result in learn_epoch(number, learner, job.data.mixture, job.start.geometry, job.settings):
        tally.add(result)
        job.report(_progress(job, learner))
    seconds = time.perf_counter() - began
    rate = learner.learning_rate
    network = learner.averaged()
    validation = _validate(network, job.start.geometry, job.data.val)
    learner.end_epoch(validation.loss)
    return _row(number, tally, seconds=seconds, rate=rate, validation=validation), network


def _row(number: int, tally: EpochTally, *, seconds: float, rate: float, validation: _Validation) -> Epoch:
    return Epoch(
        epoch=number,
        loss=tally.loss / tally.count,
        train_accuracy=tally.right / tally.count,
        val_loss=validation.loss,
        val_accuracy=validation.accuracy,
        learning_rate=rate,
        seconds=round(seconds, 3),
        images_per_s=round((tally.count + tally.unlabelled) / seconds, 1),
        sure=tally.sure / tally.unlabelled if tally.unlabelled else None,
        val_macro_f1=validation.macro_f1,
    )


def _validate(network: Backbone, geometry: Geometry, val: TrainingSet) -> _Validation:
    """Measure the network on the held-out pictures."""
    if len(val) == 0:
        return _Validation()
    probabilities = scorer(network, geometry)(val.pixels).probabilities
    rows = np.arange(len(val))
    loss = -np.log(np.maximum(probabilities[rows, val.labels], 1e-9)).mean()
    predicted = probabilities.argmax(1)
    return _Validation(float(loss), float((predicted == val.labels).mean()), macro_f1(predicted, val.labels))
