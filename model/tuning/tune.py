"""Tuning: trials of settings on the validation pictures, by processes here or on a cluster, resumable."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from base.counting import counted
from base.errors import InputError, TrainingError, WorkerDiedError
from base.files import claim_folder, write_bytes
from base.timing import package_log
from base.work import Engine, InProcess, Processes
from model.learning.training_settings import TrainSettings
from model.training.plan import TrainingSources
from model.training.run_folder import refuse_changes
from model.training.train import prepare_training
from model.tuning.search_space import SearchSpace, read_space
from model.tuning.study_folder import StudyRecord, open_study, read_record, require_optuna, write_record
from model.tuning.study_result import StudyResult, TrialRow, read_trials, write_results
from model.tuning.trials import work_on
from model.tuning.tune_settings import DEFAULT_SPACE, TuneSettings

LOG = package_log(__name__)

OnTrial = Callable[[TrialRow], None]
"""Called with a trial when it is finished, given up or failed, from a thread of its own."""

SPACE_FILE = "space.toml"
WATCHED_EVERY_S = 1.0
MOST_DEATHS_OF_WORKERS = 20


def tune(
    sources: TrainingSources,
    *,
    out: Path,
    settings: TuneSettings,
    shared: TrainSettings | None = None,
    space: Path | None = None,
    over: Mapping[str, Any] | None = None,
    engine: Engine | None = None,
    overwrite: bool = False,
    on_trial: OnTrial | None = None,
) -> StudyResult:
    """Try settings of training, and write which did best on the validation pictures; no test split is looked at.

    Each trial is a run of `model.training.train.train` in a folder of its own in `out`. The tree-structured Parzen
    estimator (Bergstra et al. 2011) of Optuna chooses what comes next, after the defaults and some at random. One that
    fails is recorded, and the study goes on.

    Args:
        sources: what to train and validate on, the same for all trials.
        out: the folder of the study; does not exist, or is empty, or `overwrite` is set.
        settings: how many trials, by what they are compared, how many at a time.
        shared: settings of all trials, over which the space's table [train] goes; the defaults when None.
        space: a file of what to try; that of `DEFAULT_SPACE` when None.
        over: settings of all trials that go over the space's table [train].
        engine: does trials at a time; processes of this machine when None. Its machines must share the disk of `out`.
        overwrite: delete what `out` holds first.
        on_trial: see `OnTrial`.

    Raises:
        MissingError: a folder, a file or Optuna is missing.
        InputError: the space is not sound, or nothing is held out to validate on.
        OutputExistsError: `out` is not empty.
        TrainingError: none of the first trials came to an end.
        WorkerDiedError: processes were killed again and again.
    """
    require_optuna()
    path = space or DEFAULT_SPACE
    tried = read_space(path)
    both = (shared or TrainSettings()).model_dump(exclude_unset=True, mode="json") | tried.train | dict(over or {})
    both.setdefault("threads", _threads(settings, engine))
    both.setdefault("checkpoints", 0)
    record = _record(sources, settings, both, _that_matters(tried, sources))
    claim_folder(out, overwrite=overwrite)
    write_bytes(out / SPACE_FILE, path.read_bytes())
    write_record(out, record)
    with open_study(out, record) as study:
        study.enqueue_trial(record.space.start(TrainSettings.model_validate(record.shared)))
    return _run(out, record, settings, engine, on_trial)


def resume_tuning(
    out: Path,
    *,
    settings: TuneSettings,
    given: Mapping[str, object] | None = None,
    engine: Engine | None = None,
    on_trial: OnTrial | None = None,
) -> StudyResult:
    """Go on with a study until it has `settings.trials` in all; others may be at it at the same time.

    A trial whose process was killed is done again, from its last finished epoch.

    Args:
        out: the folder that it was begun in.
        settings: of these, the number of trials and the workers count.
        given: sources and settings, by the names of the command's flags, that must be its own; None leaves one open.
        engine: as for `tune`.
        on_trial: see `OnTrial`.

    Raises:
        MissingError: it is not the folder of a study, or Optuna or the pictures are missing.
        InputError: something given differs from the study's own.
        ModelError: the folder is damaged.
        TrainingError, WorkerDiedError: as `tune`.
    """
    require_optuna()
    record = read_record(out)
    refuse_changes(out, record.by_name, given or {})
    # what is gone, or was named from another folder, would fail every trial that is left
    prepare_training(record.sources, TrainSettings.model_validate(record.shared))
    claim_folder(out, resume=True)
    return _run(out, record, settings, engine, on_trial)


def _threads(settings: TuneSettings, engine: Engine | None) -> int:
    """Return the CPU threads of a trial: its share of the cores; a task of a cluster has one."""
    return 1 if engine else max(1, (os.cpu_count() or 1) // settings.workers)


def _that_matters(space: SearchSpace, sources: TrainingSources) -> SearchSpace:
    """Return the space without what plays no part with these pictures."""
    idle: tuple[str, ...] = () if sources.synthetic and sources.real else ("real_share",)
    idle += () if sources.synthetic else ("augment_synthetic", "hints", "synthetic_per_epoch")
    idle += () if sources.unlabelled else ("unlabelled_share", "unlabelled_weight", "confidence")
    return space.without(idle)


def _record(
    sources: TrainingSources, settings: TuneSettings, shared: dict[str, Any], space: SearchSpace
) -> StudyRecord:
    """Check what all trials share before any is begun, and return it."""
    plan, run = prepare_training(sources, TrainSettings.model_validate(shared))
    if not plan.val:
        raise InputError("trials are compared on held-out pictures, and there are none; name a validation folder")
    return StudyRecord(
        sources=run.sources,
        shared=shared,
        space=space,
        measure=settings.measure,
        pruner=settings.pruner,
        seed=settings.seed,
        held_out=len(plan.val),
        left_out=len(plan.left_out),
    )


def _run(
    out: Path, record: StudyRecord, settings: TuneSettings, engine: Engine | None, on_trial: OnTrial | None
) -> StudyResult:
    """Do trials until there are enough, and write what came of all."""
    workers = settings.workers
    doing = engine or (Processes(workers) if workers > 1 else InProcess())
    try:
        with _watched(out, record, on_trial):
            _work(doing, out, settings)
    finally:
        result = write_results(out, record)
    if result.best is None:
        raise TrainingError(f"{out}: none of {counted(len(result.rows), 'trial')} came to an end; {result.why}")
    return result


def _work(engine: Engine, out: Path, settings: TuneSettings) -> None:
    """Have workers do trials; where one was killed, begin again with what it was at."""
    for deaths in range(1, MOST_DEATHS_OF_WORKERS + 1):
        try:
            for _ in engine.map(partial(_worker, out, settings.trials), range(settings.workers)):
                pass
        except WorkerDiedError:
            LOG.warning("a worker was killed; its trial is done again")
            if deaths == MOST_DEATHS_OF_WORKERS:
                raise
        else:
            return


def _worker(out: Path, trials: int) -> Callable[[int], int]:
    """Return what a process does with its number."""
    return lambda _: work_on(out, trials=trials)


@contextmanager
def _watched(out: Path, record: StudyRecord, on_trial: OnTrial | None) -> Iterator[None]:
    """Call `on_trial` with each trial that ends meanwhile, whichever process did it."""
    if on_trial is None:
        yield
        return
    over = threading.Event()
    with open_study(out, record) as study:
        told = {row.number for row in read_trials(study, record) if row.is_over}

        def tell() -> None:
            for row in read_trials(study, record):
                if row.is_over and row.number not in told:
                    told.add(row.number)
                    on_trial(row)

        def watch() -> None:
            while not over.wait(WATCHED_EVERY_S):
                tell()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            tell()
