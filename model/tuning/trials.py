"""Trials of a study, one after another: which comes next, what it comes to, what becomes of those that were killed."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from base.errors import BoxwrightError, InputError, TrainingError, first_line
from base.seeds import rng_for
from base.settings import flatten
from base.timing import package_log
from model.learning.training_settings import TrainSettings
from model.networks.model_folders import SETTINGS_FILE
from model.training.run_folder import Epoch
from model.training.run_state import read_state
from model.training.train import TrainingProgress, TrainResult, resume_training, train
from model.tuning.search_space import Value
from model.tuning.study_folder import StudyRecord, TrialLock, open_study, read_record, turn

if TYPE_CHECKING:
    from optuna import Study, Trial

LOG = package_log(__name__)

TRIAL_RUN, GOES_ON, KEPT_ROW, TOOK_S = "folder", "goes_on_with", "figures", "seconds"
REASON, INTERRUPTED = "reason", "interrupted"
"""What is kept of a trial beside what Optuna keeps: its run folder, whose run it goes on with, the row of its epoch,
how long it took, why it failed, and whether somebody stopped it."""

RANDOM_TRIALS = 6
"""Trials before what was found is learned from."""

PRUNED_FROM = 4
"""Finished trials before any is given up."""

MOST_DEATHS = 3
"""How often a trial's process may be killed before it counts as failed."""

FAILURES_AT_FIRST = 3
"""After so many failed trials and none that was finished, the fault is not theirs."""


def work_on(folder: Path, *, trials: int) -> int:
    """Do trials until the study has so many in all, by whomever; return how many were done here.

    Raises:
        MissingError, ModelError: it is not the folder of a study, or damaged.
        TrainingError: none of the first trials came to an end.
    """
    record, done = read_record(folder), 0
    with open_study(folder, record) as study:
        while (following := _next_trial(study, folder, record, trials)) is not None:
            try:
                _run_trial(study, following, record)
            finally:
                following.lock.release()
            done += 1
            _stop_if_all_fail(study)
    return done


@dataclass(frozen=True)
class _Begun:
    """A trial that this process is at."""

    trial: "Trial"
    lock: TrialLock
    run: Path
    drawn: dict[str, Value]


def _next_trial(study: "Study", folder: Path, record: StudyRecord, most: int) -> _Begun | None:
    """Begin a trial that was waiting, or a new one; None where the study has enough."""
    from optuna.trial import TrialState

    with turn(folder):
        _bury_dead(study, folder)
        known = study.get_trials(deepcopy=False)
        begun = sum(GOES_ON not in trial.user_attrs and trial.state != TrialState.WAITING for trial in known)
        orphaned = any(GOES_ON in trial.user_attrs and trial.state == TrialState.WAITING for trial in known)
        if begun >= most and not orphaned:
            return None
        _choose_by(study, record, begun)
        trial = study.ask()
        lock = TrialLock(folder, trial.number)
        lock.take()
        run = trial.user_attrs.get(GOES_ON, f"trial-{trial.number:04}")
        trial.set_user_attr(TRIAL_RUN, run)
        return _Begun(trial, lock, folder / run, record.space.draw(trial))


def _choose_by(study: "Study", record: StudyRecord, begun: int) -> None:
    """Give the study a sampler and a pruner that depend on its seed and on how many trials there were.

    A sampler that was made anew when a study is resumed would otherwise draw once more what it drew at the beginning.
    """
    from optuna.pruners import MedianPruner, NopPruner
    from optuna.samplers import TPESampler

    seed = rng_for(record.seed, "trial", begun).getrandbits(31)
    study.sampler = TPESampler(n_startup_trials=RANDOM_TRIALS, seed=seed)
    epochs = TrainSettings.model_validate(record.shared).epochs
    median = MedianPruner(PRUNED_FROM, n_warmup_steps=epochs // 4, n_min_trials=PRUNED_FROM)
    study.pruner = median if record.pruner == "median" else NopPruner()


def _bury_dead(study: "Study", folder: Path) -> None:
    """Fail the trials whose process is gone; each is done again from its last epoch, unless it was killed too often."""
    from optuna.trial import TrialState

    known = study.get_trials(deepcopy=False)
    for trial in known:
        lock = TrialLock(folder, trial.number) if trial.state == TrialState.RUNNING else None
        if lock is None:
            continue
        if lock.take():
            run = trial.user_attrs.get(TRIAL_RUN, f"trial-{trial.number:04}")
            own = [each for each in known if each.user_attrs.get(TRIAL_RUN) == run]
            deaths = sum(INTERRUPTED not in each.user_attrs for each in own)
            study.tell(trial.number, state=TrialState.FAIL)
            LOG.info("trial %d: its process is gone", trial.number)
            if deaths < MOST_DEATHS:
                study.enqueue_trial(trial.params, user_attrs={GOES_ON: run})
        lock.release()


def _run_trial(study: "Study", begun: _Begun, record: StudyRecord) -> None:
    """Train with what was drawn, and tell the study what came of it."""
    from optuna import TrialPruned
    from optuna.trial import TrialState

    trial, figure = begun.trial, record.measured.figure
    epochs = TrainSettings.model_validate(record.shared).epochs
    began = time.perf_counter()
    try:
        result = _train(begun, record, partial(_report, trial, figure, epochs))
    except TrialPruned:
        trial.set_user_attr(TOOK_S, round(time.perf_counter() - began, 1))
        study.tell(trial, state=TrialState.PRUNED)
    except KeyboardInterrupt:
        trial.set_user_attr(INTERRUPTED, True)
        raise
    except (BoxwrightError, MemoryError, RuntimeError) as error:  # torch says by a RuntimeError that memory is short
        trial.set_user_attr(REASON, first_line(error, most=200))
        LOG.debug("why trial %d failed", trial.number, exc_info=error)
        study.tell(trial, state=TrialState.FAIL)
    else:
        trial.set_user_attr(TOOK_S, round(time.perf_counter() - began, 1))
        trial.set_user_attr(KEPT_ROW, asdict(result.kept))
        study.tell(trial, getattr(result.kept, figure))


def _train(begun: _Begun, record: StudyRecord, report: Callable[[Epoch], None]) -> TrainResult:
    """Train in the trial's own run folder, or go on with what was begun there."""
    out, sources = begun.run, record.sources

    def on_progress(progress: TrainingProgress) -> None:
        if progress.epoch is not None:
            report(progress.epoch)

    if (out / SETTINGS_FILE).exists():
        state = read_state(out)
        for epoch in state.epochs if state else ():
            report(epoch)
        return resume_training(out, on_progress=on_progress)
    try:
        settings = TrainSettings.model_validate(record.shared | begun.drawn)
    except ValidationError as error:
        raise InputError(flatten(error, "what was drawn")) from error
    return train(
        *(sources.synthetic, sources.real),
        out=out,
        settings=settings,
        val=sources.val,
        unlabelled=sources.unlabelled,
        fold=sources.fold,
        overwrite=out.exists(),
        on_progress=on_progress,
    )


def _report(trial: "Trial", figure: str, last: int, epoch: Epoch) -> None:
    """Tell the study of an epoch; end the trial where it is worse than most were by then, unless it was the `last`.

    Raises:
        TrialPruned: it is.
    """
    from optuna import TrialPruned

    trial.report(getattr(epoch, figure), epoch.epoch)
    if epoch.epoch < last and trial.should_prune():
        raise TrialPruned


def _stop_if_all_fail(study: "Study") -> None:
    from optuna.trial import TrialState

    known = study.get_trials(deepcopy=False)
    failed = [trial for trial in known if trial.state == TrialState.FAIL and REASON in trial.user_attrs]
    ended = any(trial.state in (TrialState.COMPLETE, TrialState.PRUNED) for trial in known)
    if len(failed) >= FAILURES_AT_FIRST and not ended:
        raise TrainingError(f"the first {len(failed)} trials failed, the last: {failed[-1].user_attrs[REASON]}")
