"""Training on synthetic and real crops: a run from its sources to its folder; same seed, same weights."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from base.counting import counted
from base.errors import InputError
from base.files import claim_folder
from base.tabular.class_map import ClassMap
from base.timing import package_log, timed
from model.learning.learner import choose_device, use_bfloat16
from model.learning.trackers import require_trackers
from model.learning.training_settings import TrainSettings
from model.networks.model_folders import MODEL_FILE, STATE_FILE
from model.networks.trained_model import Model, load_model
from model.reading.images import Unreadable
from model.running.torch_scorer import torch_threads
from model.splitting.folds import Fold
from model.splitting.overlap import Overlap, load_seen, save_seen
from model.training.decoded import TrainingData, read_plan
from model.training.epochs import OnEpoch, TrainingJob, TrainingProgress, fit_epochs
from model.training.kept_epochs import kept_epoch
from model.training.plan import TrainingPlan, TrainingSources, plan_training
from model.training.run_folder import (
    Epoch,
    RunSettings,
    draw_training_curves,
    name_plugins,
    read_epochs,
    read_settings,
    refuse_changes,
    write_settings,
)
from model.training.run_state import read_state

LOG = package_log(__name__)

UNSAVED_S = 10.0
"""What a sparing training may lose to a kill, at least: the time between two epochs that it saves."""

__all__ = ["Epoch", "TrainResult", "TrainSettings", "TrainingProgress", "resume_training", "train"]


@dataclass(frozen=True)
class TrainResult:
    """A finished run: the model as saved in `folder`, a row for each epoch, and the pictures passed over.

    `kept` is the epoch that the model is from, `overlap` what the validation pictures share with those trained on: None
    where the run had been finished before, and nothing was read.
    """

    model: Model
    folder: Path
    epochs: tuple[Epoch, ...]
    kept: Epoch
    unreadable: tuple[Unreadable, ...]
    overlap: Overlap | None

    @property
    def summary(self) -> str:
        """Return what came out, in one line."""
        kept, last = self.kept, self.epochs[-1]
        figure = "nothing held out" if kept.val_accuracy is None else f"validation accuracy {kept.val_accuracy:.1%}"
        when = f"after {counted(last.epoch, 'epoch')}" if kept == last else f"at epoch {kept.epoch} of {last.epoch}"
        passed_over = f"; {counted(len(self.unreadable), 'picture')} could not be read" if self.unreadable else ""
        passed_over += f", the first: {self.unreadable[0].path}: {self.unreadable[0].reason}" if self.unreadable else ""
        passed_over += f"; of those validated on, {self.overlap.to_text()}" if self.overlap else ""
        classes = ", ".join(self.model.classes)
        return f"{self.folder}: {self.model.backbone} for {classes}; {figure} {when}{passed_over}"


def train(
    synthetic: Path | None,
    real: Path | None,
    *,
    out: Path,
    settings: TrainSettings,
    val: Path | None = None,
    unlabelled: Sequence[Path] = (),
    fold: Fold | None = None,
    mapping: ClassMap | None = None,
    overwrite: bool = False,
    sparing: bool = False,
    on_progress: OnEpoch | None = None,
) -> TrainResult:
    """Train a network on labelled folders, either of which may be None, and keep its averaged weights.

    The run folder gets weights and model.json after every epoch, so that a run that was stopped keeps its last one,
    and `resume_training` can go on with it.

    Args:
        synthetic: class folders of generated crops; each is drawn once an epoch.
        real: class folders of real crops, repeated until they are `real_share` of an epoch.
        out: the run folder; does not exist, or is empty, or is an earlier run and `overwrite` is set.
        settings: see `TrainSettings`.
        val: class folders to validate on; else a part of the real crops is held out, or of the synthetic.
        unlabelled: files, folders or patterns of real crops to learn from as well; their folders' names mean nothing.
        fold: a part of the real crops that is neither trained nor validated on.
        mapping: which folders, of all sources alike, make a class; each its own when None.
        overwrite: delete what an earlier run left in `out`.
        sparing: draw no curves and, where nothing is held out, save an epoch each ten seconds and the last alone.
        on_progress: called some times a second.

    Raises:
        MissingError: a folder does not exist.
        InputError: a folder is not what it should be, both are None, or a setting needs what is not there.
        OutputExistsError: `out` is not empty.
        TrainingError: the loss is not finite.
    """
    plan, run = prepare_training(TrainingSources(synthetic, real, val, fold, tuple(unlabelled), mapping), settings)
    claim_folder(out, overwrite=overwrite)
    write_settings(out, run)
    return _run(plan, run.settings, out, on_progress, sparing=sparing)


def resume_training(
    out: Path,
    *,
    given: Mapping[str, object] | None = None,
    sparing: bool = False,
    on_progress: OnEpoch | None = None,
) -> TrainResult:
    """Go on with a run that was stopped, from the last epoch that it saved, to what it would have come to.

    Sources and settings are those that the run was begun with; a finished run is left as it is.

    Args:
        out: the run folder.
        given: sources and settings, by the names of the command's flags, that must be the run's own; None leaves one
            open.
        sparing: see `train`; need not be as it was.
        on_progress: called some times a second.

    Raises:
        MissingError: `out` is not a run folder, or a source is gone.
        InputError: something given differs from the run's own, or the pictures have changed.
        ModelError: the run folder is damaged.
        TrainingError: the loss is not finite.
    """
    run = read_settings(out, RunSettings)
    refuse_changes(out, run.by_name, given or {})
    claim_folder(out, resume=True)
    if (out / MODEL_FILE).exists() and not (out / STATE_FILE).exists():
        epochs = read_epochs(out)
        return TrainResult(load_model(out), out, epochs, kept_epoch(epochs, run.settings.keep), (), None)
    for torn in out.rglob(".*.part"):
        torn.unlink()
    return _run(plan_training(run.sources, run.settings), run.settings, out, on_progress, sparing=sparing)


def prepare_training(sources: TrainingSources, settings: TrainSettings) -> tuple[TrainingPlan, RunSettings]:
    """Return what a training will work on, and its settings with nothing left open; nothing is written.

    Raises:
        MissingError, InputError, ModelError: as `train`.
    """
    plan = plan_training(sources, settings)
    _require(plan, settings)
    resolved = _resolve(settings, plan.start)
    plugins = name_plugins(resolved)
    return plan, RunSettings(sources=sources, held_out_by=plan.held_out_by, settings=resolved, plugins=plugins)


def _require(plan: TrainingPlan, settings: TrainSettings) -> None:
    """Refuse settings that need pictures that are not there."""
    wants = {"patience": settings.patience, "keep=best": settings.keep == "best"}
    wants |= {"schedule=plateau": settings.schedule == "plateau"}
    for name, wanted in wants.items():
        if wanted and not plan.val:
            raise InputError(f"{name} goes by held-out pictures, and there are none; name a validation folder")
    require_trackers(settings.trackers)


def _resolve(settings: TrainSettings, start: Model) -> TrainSettings:
    """Return settings that leave nothing to the machine or to the model started from."""
    device = choose_device(settings.device)
    begun = {"backbone": start.backbone, "geometry": start.geometry, "two_stage": bool(start.background)}
    known = settings.model_copy(update=begun | ({"background": start.background} if start.background else {}))
    choices = {
        "device": device.type,
        "precision": "bfloat16" if use_bfloat16(known, device) else "float32",
        "threads": settings.threads or torch.get_num_threads(),
        "learning_rate": settings.highest_rate,
    }
    return known.model_copy(update=choices)


def _run(
    plan: TrainingPlan, settings: TrainSettings, out: Path, on_progress: OnEpoch | None, *, sparing: bool
) -> TrainResult:
    """Train from the run folder's state, or from the beginning."""
    report = on_progress or (lambda _: None)
    state = read_state(out)
    with torch_threads(settings.threads or torch.get_num_threads()):
        with timed(LOG, "reading") as found:
            data = read_plan(
                plan, settings, on_read=lambda done, total: report(TrainingProgress("reading", done, total))
            )
            found.note(pictures_an_epoch=len(data.mixture), held_out=len(data.val), unreadable=len(data.unreadable))
        if state is not None:
            data.require_same(state.data, out)
        with timed(LOG, "looking for copies among what is trained and validated on"):
            overlap = _record_seen(data, out, settings)
        job = TrainingJob(plan.start, data, settings, out, report, unsaved_s=UNSAVED_S if sparing else 0.0)
        epochs = fit_epochs(job, state)
    if not sparing:
        with timed(LOG, "drawing the curves", level=logging.DEBUG):
            draw_training_curves(out, epochs)
    (out / STATE_FILE).unlink()
    return TrainResult(load_model(out), out, epochs, kept_epoch(epochs, settings.keep), data.unreadable, overlap)


def _record_seen(data: TrainingData, out: Path, settings: TrainSettings) -> Overlap:
    """Keep what the run and those before it have seen; return what training and validation share."""
    seen, overlap = data.seen()
    earlier = None if settings.init is None else load_seen(settings.init)
    save_seen(seen if earlier is None else seen | earlier, out)
    return overlap
