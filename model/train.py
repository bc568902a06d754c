"""Training on synthetic and real crops: which pictures, which classes, what is kept; same seed, same weights."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from generator.errors import InputError
from generator.files import claim_folder
from model.backbones import Backbone
from model.checkpoint import Model, save_model
from model.geometry import Geometry
from model.images import Unreadable
from model.learner import Learner, Tally
from model.overlap import Overlap, load_seen, save_seen, sign
from model.predict import scorer, torch_threads
from model.run_folder import Epoch, append_epoch, draw_curves, write_settings
from model.splits import Fold
from model.train_plan import Plan, Sources, plan_training
from model.train_settings import TrainSettings
from model.training_set import Mixture, TrainingSet, decode_examples

__all__ = ["Epoch", "Progress", "TrainResult", "TrainSettings", "train"]


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


@dataclass(frozen=True)
class TrainResult:
    """A finished run: the model as saved in `folder`, a row for each epoch, and the pictures passed over.

    `overlap` is what the validation pictures share with those trained on.
    """

    model: Model
    folder: Path
    epochs: tuple[Epoch, ...]
    unreadable: tuple[Unreadable, ...]
    overlap: Overlap

    @property
    def summary(self) -> str:
        """Return what came out, in one line."""
        last = self.epochs[-1]
        figure = "nothing held out" if last.val_accuracy is None else f"validation accuracy {last.val_accuracy:.1%}"
        passed_over = f"; {len(self.unreadable)} pictures could not be read" if self.unreadable else ""
        passed_over += f"; of those validated on, {self.overlap.to_text()}" if self.overlap else ""
        classes = ", ".join(self.model.classes)
        return f"{self.folder}: {self.model.backbone} for {classes}; {figure} after {last.epoch} epochs{passed_over}"


def train(
    synthetic: Path | None,
    real: Path | None,
    *,
    out: Path,
    settings: TrainSettings,
    val: Path | None = None,
    fold: Fold | None = None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> TrainResult:
    """Train a network on labelled folders, either of which may be None, and keep its averaged weights.

    The run folder gets weights and model.json after every epoch, so that a run that was stopped keeps its last one.

    Args:
        synthetic: class folders of generated crops; each is drawn once an epoch.
        real: class folders of real crops, repeated until they are `real_share` of an epoch.
        out: the run folder; does not exist, or is empty, or is an earlier run and `overwrite` is set.
        settings: see `TrainSettings`.
        val: class folders to validate on; else a part of the real crops is held out, or of the synthetic.
        fold: a part of the real crops that is neither trained nor validated on.
        overwrite: delete what an earlier run left in `out`.
        on_progress: called some times a second.

    Raises:
        MissingError: a folder does not exist.
        InputError: a folder is not what it should be, or both are None.
        OutputExistsError: `out` is not empty.
        TrainingError: the loss is not finite.
    """
    folders = Sources(synthetic, real, val, fold)
    plan = plan_training(folders, settings)
    claim_folder(out, overwrite=overwrite)
    recorded = {"sources": folders.to_dict(), "held_out_by": plan.held_out_by}
    write_settings(out, recorded | {"settings": settings.model_dump(mode="json")})
    overlap = _record_seen(plan, out, settings)
    report = on_progress or (lambda _: None)
    threads = settings.threads or torch.get_num_threads()
    with torch_threads(threads):
        data = _read(plan, settings, threads, report)
        learner = Learner(plan.start.network, settings, total=len(data.mixture) * settings.epochs, threads=threads)
        model, epochs = _fit(plan.start, data, learner, settings, out=out, report=report)
    draw_curves(out, epochs)
    return TrainResult(model, out, tuple(epochs), data.unreadable, overlap)


def _record_seen(plan: Plan, out: Path, settings: TrainSettings) -> Overlap:
    """Keep what the run and those before it have seen; return what training and validation share.

    Of synthetic pictures only the bytes are known: they are many, and a real crop is never nearly one of them.
    """
    trained = sign(plan.synthetic, plan.real, threads=settings.threads)
    seen = trained | sign([], plan.val, threads=settings.threads)
    earlier = None if settings.init is None else load_seen(settings.init)
    save_seen(seen if earlier is None else seen | earlier, out)
    return trained.find(plan.val, threads=settings.threads)


@dataclass(frozen=True)
class _Data:
    """The decoded examples of a plan."""

    mixture: Mixture
    val: TrainingSet

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        sets = (self.mixture.synthetic, self.mixture.real, self.val)
        return tuple(item for decoded in sets for item in decoded.unreadable)

    @property
    def fingerprints(self) -> dict[str, dict[str, int | str]]:
        sets = {"synthetic": self.mixture.synthetic, "real": self.mixture.real, "val": self.val}
        return {name: {"n": len(decoded), "sha256": decoded.fingerprint} for name, decoded in sets.items()}


def _read(plan: Plan, settings: TrainSettings, threads: int, report: OnProgress) -> _Data:
    """Decode all examples of a plan; bad files are passed over as long as some are left."""
    total = len(plan.synthetic) + len(plan.real) + len(plan.val)
    before = 0
    sets = []

    def reading(before: int, done: int, _: int) -> None:
        report(Progress("reading", before + done, total))

    for examples in (plan.synthetic, plan.real, plan.val):
        decoded = decode_examples(
            examples, plan.start.geometry, plan.start.classes, threads=threads, on_progress=partial(reading, before)
        )
        before += len(examples)
        sets.append(decoded)
    mixture = Mixture(sets[0], sets[1], settings.real_share, settings.synthetic_per_epoch)
    if len(mixture) == 0:
        raise InputError(f"none of the {len(plan.synthetic) + len(plan.real)} pictures to train on can be read")
    return _Data(mixture, sets[2])


def _fit(
    start: Model, data: _Data, learner: Learner, settings: TrainSettings, *, out: Path, report: OnProgress
) -> tuple[Model, list[Epoch]]:
    """Train for all epochs, saving after each; return the model as saved last."""
    total = len(data.mixture) * settings.epochs
    batch_size = -(-settings.batch_size // learner.replicas)
    model, epochs = start, list[Epoch]()
    for number in range(1, settings.epochs + 1):
        rng = np.random.default_rng([settings.seed, number])
        batches = data.mixture.epoch(start.geometry, batch_size=batch_size, together=learner.replicas, rng=rng)
        began = time.perf_counter()
        tally = Tally()
        for result in learner.learn(batches):
            tally.add(result)
            report(Progress("training", min(total, learner.seen), total))
        seconds = time.perf_counter() - began
        network = learner.averaged()
        validation = _validate(network, start.geometry, data.val)
        epochs.append(_row(number, tally, seconds=seconds, rate=learner.learning_rate, validation=validation))
        record = {"settings": settings.model_dump(mode="json"), "data": data.fingerprints, "last": asdict(epochs[-1])}
        model = save_model(replace(start, network=network), out, training=record)
        append_epoch(out, epochs[-1])
        report(Progress("training", min(total, learner.seen), total, epochs[-1]))
    return model, epochs


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
