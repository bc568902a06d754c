"""A study's folder: what it was begun with, its database of trials, and which of them a living process is at."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import ValidationError, model_validator

from base.errors import MissingError, ModelError
from base.files import locked_file, write_json
from base.settings import Settings, flatten
from model.learning.training_settings import TrainSettings
from model.training.plan import TrainingSources
from model.tuning.search_space import SearchSpace
from model.tuning.tune_settings import MEASURES, Measure

if TYPE_CHECKING:
    from optuna import Study

STUDY_FILE = "study.json"
DATABASE = "study.db"
LOCKS = "locks"
NAME = "boxwright"
"""Of the study in its database, for Optuna's own tools."""


class StudyRecord(Settings):
    """What study.json holds: all that trials share, and what is tried."""

    sources: TrainingSources
    shared: dict[str, Any]
    space: SearchSpace
    measure: str
    pruner: str
    seed: int
    held_out: int
    left_out: int

    @model_validator(mode="after")
    def _check_shared(self) -> Self:
        TrainSettings.model_validate(self.shared)
        return self

    @property
    def measured(self) -> Measure:
        """Return what trials are compared by."""
        return MEASURES[self.measure]

    @property
    def by_name(self) -> dict[str, object]:
        """Return what a resumed study must not contradict, by the names of the command's flags."""
        return self.sources.by_name | {"measure": self.measure, "pruner": self.pruner, "seed": self.seed}


def write_record(folder: Path, record: StudyRecord) -> None:
    """Write what a study was begun with."""
    write_json(folder / STUDY_FILE, record.model_dump(mode="json", by_alias=True))


def read_record(folder: Path) -> StudyRecord:
    """Return what a study was begun with.

    Raises:
        MissingError: it is not the folder of a study.
        ModelError: the file is damaged.
    """
    path = folder / STUDY_FILE
    if not path.exists():
        raise MissingError(f"{folder} is not the folder of a study: it has no {STUDY_FILE}")
    try:
        values = json.loads(path.read_bytes().decode("utf-8", "surrogateescape"))
        return StudyRecord.model_validate(values)
    except json.JSONDecodeError as error:
        raise ModelError(f"{path}: {error}") from error
    except ValidationError as error:
        raise ModelError(flatten(error, str(path))) from error


def require_optuna() -> None:
    """Do nothing where Optuna is installed.

    Raises:
        MissingError: it is not.
    """
    try:
        import optuna  # noqa: F401  it takes a second
    except ImportError as error:
        raise MissingError("tuning needs Optuna: pip install 'boxwright[tune]'") from error


@contextlib.contextmanager
def open_study(folder: Path, record: StudyRecord) -> "Iterator[Study]":
    """Give the study in a folder's database, which is made where there is none; many processes may have it open."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    engine = {"connect_args": {"timeout": 120}}  # SQLite lets one process write at a time
    storage = optuna.storages.RDBStorage(f"sqlite:///{(folder / DATABASE).resolve()}", engine_kwargs=engine)
    directions = optuna.study.StudyDirection
    direction = directions.MINIMIZE if record.measured.less_is_better else directions.MAXIMIZE
    try:
        yield optuna.create_study(storage=storage, study_name=NAME, direction=direction, load_if_exists=True)
    finally:
        storage.remove_session()
        storage.engine.dispose()


@contextlib.contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Wait until no other process deals with the list of trials."""
    with locked_file(_lock_file(folder, "turn")):
        yield


class TrialLock:
    """Says that this process is at a trial, for as long as it lives, however it ends."""

    def __init__(self, folder: Path, number: int) -> None:
        self._file = _lock_file(folder, f"{number:04}").open("w")

    def take(self) -> bool:
        """Return whether no other process has it, and this one has it now."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let others have it."""
        self._file.close()


def _lock_file(folder: Path, name: str) -> Path:
    path = folder / LOCKS / name
    path.parent.mkdir(exist_ok=True)
    return path
