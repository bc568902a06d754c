"""What a run folder says of itself, read as plain values: settings, epochs, model, and what was measured on it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.errors import InputError, ModelError, unknown_choice
from base.files import existing_folder, write_json
from model.networks.model_folders import CANDIDATE, CHECKPOINTS, METRICS_FILE, MODEL_FILE, SETTINGS_FILE, STATE_FILE

if TYPE_CHECKING:
    from model.evaluation.evaluation_result import Evaluation

MEASURED = "evaluations.json"
"""What `boxwright evaluate --keep` writes into a run folder."""

RunCell = str | int | float | bool | None


@dataclass(frozen=True)
class RunRecord:
    """A run: its name below the folder that was looked through, its settings, a row an epoch, what was measured.

    `kept` is the row of the epoch that the model is from, empty where none was finished; `data` has number and hash of
    the pictures of each source; `measured` an entry for each folder that the model was evaluated on, the last one last.
    `damage` says what cannot be read of it; then nothing else is known.
    """

    name: str
    folder: Path
    settings: dict[str, Any]
    sources: dict[str, Any]
    epochs: tuple[dict[str, Any], ...]
    kept: dict[str, Any]
    data: dict[str, Any]
    classes: tuple[str, ...]
    fingerprint: str
    is_finished: bool
    measured: tuple[dict[str, Any], ...]
    damage: str = ""

    @property
    def figures(self) -> dict[str, RunCell]:
        """Return what the run came to, by the names of columns."""
        last = self.measured[-1] if self.measured else {}
        top = last.get("top_k") or {}
        return {
            "run": self.name,
            "state": self._state(),
            "epoch": len(self.epochs),
            **{
                name: self.kept.get(name)
                for name in ("val_accuracy", "val_macro_f1", "val_loss", "loss", "train_accuracy")
            },
            "train_seconds": round(sum(row.get("seconds", 0.0) for row in self.epochs), 1),
            "classes": len(self.classes),
            "model": self.fingerprint,
            **{f"test_{name}": last.get(name) for name in ("accuracy", "macro_f1", "n")},
            "test_top_k": top.get("accuracy"),
            "test_k": top.get("k"),
            "test": last.get("folder"),
        }

    def _state(self) -> str:
        if self.damage:
            return "damaged"
        return "finished" if self.is_finished else "stopped" if self.epochs else "begun"

    @property
    def choices(self) -> dict[str, RunCell]:
        """Return what the run was begun with, by the names of columns: sources and settings."""
        sources = {name: _cell(value) for name, value in self.sources.items()}
        return sources | {name: _cell(value) for name, value in self.settings.items()}

    @property
    def cells(self) -> dict[str, RunCell]:
        """Return all that can be a column."""
        return self.figures | self.choices


def _cell(value: Any) -> RunCell:  # noqa: ANN401  any JSON value
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False) if value else None


def read_runs(folder: Path) -> tuple[RunRecord, ...]:
    """Return the runs in a folder, at any depth, or the one that it is, by name; checkpoints are passed over.

    Raises:
        MissingError: there is no such folder.
        InputError: it is a file, or no run is in it.
    """
    found = [_read_or_damage(run, _name(run, folder)) for run in _run_folders(existing_folder(folder))]
    if not found:
        raise InputError(f"no run in {folder}: none of its folders has a {SETTINGS_FILE} of `boxwright train`")
    return tuple(sorted(found, key=lambda run: run.name))


def _run_folders(folder: Path) -> Iterator[Path]:
    for path in folder.rglob(SETTINGS_FILE):
        passed_over = {CHECKPOINTS, CANDIDATE} & set(path.relative_to(folder).parts)
        if not passed_over and _is_of_a_run(path):
            yield path.parent


def _is_of_a_run(path: Path) -> bool:
    """Tell whether settings are a run's, and not those of a cross-validation; damaged ones count as such."""
    try:
        begun = _read_object(path)
    except ModelError:
        return True
    return "folding" not in begun and "sources" in begun


def _read_or_damage(run: Path, name: str) -> RunRecord:
    try:
        return read_run(run, name=name)
    except ModelError as error:
        return RunRecord(name, run, {}, {}, (), {}, {}, (), "", False, (), damage=str(error))


def _name(run: Path, folder: Path) -> str:
    return run.name if run == folder else run.relative_to(folder).as_posix()


def read_run(folder: Path, *, name: str = "") -> RunRecord:
    """Return what a run folder says of itself.

    Raises:
        MissingError: there is no such folder.
        InputError: it is no run folder.
        ModelError: a file is damaged.
    """
    path = existing_folder(folder) / SETTINGS_FILE
    if not path.exists():
        raise InputError(f"{folder} is not a run folder: it has no {SETTINGS_FILE}")
    begun = _read_object(path)
    model = _read_object(folder / MODEL_FILE) if (folder / MODEL_FILE).exists() else {}
    training = model.get("training") or {}
    return RunRecord(
        name=name or folder.name,
        folder=folder,
        settings=begun.get("settings") or {},
        sources=begun.get("sources") or {},
        epochs=tuple(_read_rows(folder / METRICS_FILE)) if (folder / METRICS_FILE).exists() else (),
        kept=training.get("epoch") or {},
        data=training.get("data") or {},
        classes=tuple(model.get("classes") or ()),
        fingerprint=model.get("fingerprint") or "",
        is_finished=bool(model) and not (folder / STATE_FILE).exists(),
        measured=tuple(_read_object(folder / MEASURED).get("evaluations", ())) if (folder / MEASURED).exists() else (),
    )


def find_run(folder: Path, name: Path) -> RunRecord:
    """Return the run of a name below a folder, or else the run folder of that path.

    Raises:
        MissingError: there is no such folder to look in.
        InputError: there is no such run.
        ModelError: a file of a run is damaged.
    """
    for run in (folder / name, name):
        if run.exists():
            return read_run(run, name=str(name))
    raise unknown_choice(f"run in {folder}", str(name), [run.name for run in read_runs(folder)])


def require_run(folder: Path) -> None:
    """Do nothing where a folder is one that an evaluation can be kept in.

    Raises:
        InputError: it is not.
    """
    if not (folder / SETTINGS_FILE).exists():
        raise InputError(f"{folder} is no folder of `boxwright train`; only there can an evaluation be kept")


def keep_evaluation(run: Path, folder: Path, evaluation: "Evaluation", *, part: str = "") -> None:
    """Keep an evaluation's figures in a run folder, in the place of those on the same pictures.

    Args:
        run: the run folder.
        folder: what was measured on.
        evaluation: of the run's model.
        part: which of the pictures, where it was not all.

    Raises:
        InputError: `run` is no run folder.
    """
    require_run(run)
    values = evaluation.to_dict()
    entry = {name: values[name] for name in ("n", "accuracy", "interval", "macro_f1", "top_k")}
    place = {"folder": str(folder), "part": part}
    known = _read_object(run / MEASURED).get("evaluations", []) if (run / MEASURED).exists() else []
    others = [each for each in known if {name: each.get(name) for name in place} != place]
    write_json(run / MEASURED, {"evaluations": [*others, place | entry]})


def _read_object(path: Path) -> dict[str, Any]:
    value = _parse(path.read_bytes(), path)
    if not isinstance(value, dict):
        raise ModelError(f"{path}: expected an object, got {type(value).__name__}")
    return value


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        yield _parse(line, path)


def _parse(content: bytes, path: Path) -> Any:  # noqa: ANN401  any JSON value
    try:
        return json.loads(content.decode("utf-8", "surrogateescape"))
    except json.JSONDecodeError as error:
        raise ModelError(f"{path} is damaged: {error}") from error
