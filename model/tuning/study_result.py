"""What the trials of a study came to: a row each, the best settings as a file for `train --config`, and a report."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.counting import counted
from base.files import write_text
from model.tuning.search_space import Value
from model.tuning.study_folder import StudyRecord, open_study
from model.tuning.trials import KEPT_ROW, REASON, TOOK_S, TRIAL_RUN
from model.tuning.tune_settings import Measure
from model.tuning.tuning_report import write_tuning_report

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

TABLE, BEST, REPORT = "trials.csv", "best.toml", "report.html"

OF_THE_MACHINE = ("threads", "device", "precision", "tensorboard", "track", "checkpoints")
"""Settings that the file of the best ones leaves to whoever trains with it."""

STATES = {"COMPLETE": "finished", "PRUNED": "given up", "RUNNING": "running", "WAITING": "waiting"}
"""Optuna's word for the state of a trial to the report's; one that failed has a reason, or its process was killed."""


@dataclass(frozen=True)
class TrialRow:
    """A trial: its state, what it is compared by, and its settings; `epochs` of them were finished.

    `figures` is the row of the epoch that its model is from, empty where it did not come to an end.
    """

    number: int
    state: str
    value: float | None
    run: str
    epochs: int
    seconds: float | None
    settings: dict[str, Value]
    figures: dict[str, Any]
    reason: str = ""

    @property
    def is_over(self) -> bool:
        """Return whether nothing comes after."""
        return self.state not in ("running", "waiting")

    def to_text(self, measure: Measure) -> str:
        """Return the trial in one line."""
        what = "-" if self.value is None else measure.show(self.value)
        drawn = ", ".join(f"{name} {show_value(value)}" for name, value in self.settings.items())
        why = f" ({self.reason})" if self.reason else ""
        return f"trial {self.number}: {self.state}{why}, {what} after {counted(self.epochs, 'epoch')}: {drawn}"


@dataclass(frozen=True)
class StudyResult:
    """The trials of a study by number, and the best finished one; `held_out` pictures say which that is.

    `left_out` are pictures that no trial looked at: a test split, or a fold.
    """

    folder: Path
    record: StudyRecord
    rows: tuple[TrialRow, ...]

    @property
    def ranking(self) -> list[TrialRow]:
        """Return the finished trials, best first; ties by the validation loss."""
        sign = 1 if self.record.measured.less_is_better else -1
        ended = [row for row in self.rows if row.state == "finished" and row.value is not None]
        return sorted(ended, key=lambda row: (sign * (row.value or 0.0), row.figures.get("val_loss", 0.0), row.number))

    @property
    def best(self) -> TrialRow | None:
        """Return the best finished trial."""
        return next(iter(self.ranking), None)

    @property
    def why(self) -> str:
        """Return what the last failed trial said."""
        return next((row.reason for row in reversed(self.rows) if row.reason), "none was begun")

    @property
    def configuration(self) -> dict[str, Any]:
        """Return the best trial's settings, what all share among them; nothing where no trial was finished."""
        shared = {name: value for name, value in self.record.shared.items() if name not in OF_THE_MACHINE}
        return shared | self.best.settings if self.best else {}

    def to_text(self) -> str:
        """Return the ranking and where the files are."""
        return "\n".join(_lines(self))


def _lines(result: StudyResult) -> Iterator[str]:
    measure = result.record.measured
    counts = {state: sum(row.state == state for row in result.rows) for state in dict.fromkeys(_states(result))}
    yield f"{counted(len(result.rows), 'trial')}: " + ", ".join(f"{count} {state}" for state, count in counts.items())
    aside = f"; {counted(result.record.left_out, 'picture')} left out" if result.record.left_out else ""
    yield f"compared by {measure.words} on {counted(result.record.held_out, 'picture')}{aside}"
    for place, row in enumerate(result.ranking[:5], start=1):
        yield f"{place}. {measure.show(row.value or 0.0)}  {result.folder / row.run}"
    yield from (
        f"   {name} = {toml_value(value)}" for name, value in (result.best.settings if result.best else {}).items()
    )
    yield f"the best settings, for `boxwright train --config`: {result.folder / BEST}"
    yield f"report: {result.folder / REPORT}"


def _states(result: StudyResult) -> Iterator[str]:
    yield from (row.state for row in result.rows)


def read_trials(study: "Study", record: StudyRecord) -> tuple[TrialRow, ...]:
    """Return a row for each trial, by number."""
    return tuple(_row(trial, record) for trial in study.get_trials(deepcopy=False))


def _row(trial: "FrozenTrial", record: StudyRecord) -> TrialRow:
    kept = trial.user_attrs
    failed = "failed" if REASON in kept else "killed"
    return TrialRow(
        number=trial.number,
        state=STATES.get(trial.state.name, failed),
        value=trial.value,
        run=kept.get(TRIAL_RUN, ""),
        epochs=trial.last_step or 0,
        seconds=kept.get(TOOK_S),
        settings=record.space.settings_of(trial.params),
        figures=kept.get(KEPT_ROW, {}),
        reason=kept.get(REASON, ""),
    )


def write_results(folder: Path, record: StudyRecord) -> StudyResult:
    """Write the table, the best settings and the report of what there is by now."""
    with open_study(folder, record) as study:
        result = StudyResult(folder, record, read_trials(study, record))
        write_text(folder / TABLE, _table(result))
        if result.best is not None:
            write_text(folder / BEST, _best_file(result))
        write_tuning_report(folder / REPORT, study, result)
    return result


def _table(result: StudyResult) -> str:
    names = list(result.record.space.space)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("trial", "state", result.record.measure, "epochs", "seconds", "run", *names, "reason"))
    for row in result.rows:
        own = [row.settings.get(name, "") for name in names]
        writer.writerow((row.number, row.state, row.value, row.epochs, row.seconds, row.run, *own, row.reason))
    return file.getvalue()


def _best_file(result: StudyResult) -> str:
    best, measure = result.best, result.record.measured
    assert best is not None and best.value is not None
    found = f"{measure.show(best.value)} {measure.words} on {counted(result.record.held_out, 'picture')}"
    lines = [f"# Of `boxwright tune`: trial {best.number} of {len(result.rows)}, {found}.", "[train]"]
    lines += [f"{name} = {toml_value(value)}" for name, value in result.configuration.items()]
    return "\n".join(lines) + "\n"


def toml_value(value: object) -> str:
    """Return a plain value as TOML writes it; a table in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(value, ensure_ascii=False)  # strings, numbers, true and false are the same in both


def show_value(value: object) -> str:
    """Return a setting as text for people, numbers with four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
