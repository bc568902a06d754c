"""The formats that labels go out and come in by: what a row says, and how each format writes and reads rows."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from base.errors import InputError, MissingError
from base.files import write_text
from base.settings import flatten
from base.spelling import tidy_name
from base.tables import read_table

CSV_NAME = "labels.csv"
METADATA = ("metadata.jsonl", "metadata.csv")
REST_NAME = "rest.jsonl"

QUOTED = "path_quoted"
"""The field of a path that is not UTF-8, with percent signs, in the imagefolder's metadata."""

LOCAL_FILES = "/data/local-files/?d="
"""Label Studio's address of a file below its LOCAL_FILES_DOCUMENT_ROOT, which has to be / for these."""

COLUMNS = (
    "file", "path", "sha256", "action", "label", "annotator", "labelled_at", "hinted", "flagged", "note", "error"
)  # fmt: skip


FILE_COLUMNS = ("file", "file_name", "filename")
"""What the column of the picture's name may be called."""


class LabelRow(BaseModel):
    """What one person said of one picture; of other tools' rows, the fields that mean something here.

    `file` is relative to the file or folder it stands in, `path` is where the picture was labelled.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str | None = Field(default=None, validation_alias=AliasChoices(*FILE_COLUMNS))
    path: str | None = None
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    action: Literal["label", "discard", "none"] = "label"
    label: str | None = None
    annotator: str | None = None
    labelled_at: AwareDatetime | None = None
    hinted: bool = False
    flagged: bool = False
    note: str = ""
    error: str | None = None

    @property
    def at(self) -> str | None:
        """Return the time as the store keeps it."""
        return self.labelled_at.astimezone(UTC).isoformat(timespec="milliseconds") if self.labelled_at else None

    def values(self) -> dict[str, Any]:
        """Return what is not empty, in the order of COLUMNS."""
        given = {name: getattr(self, name) for name in COLUMNS} | {"labelled_at": self.at}
        return {name: value for name, value in given.items() if value not in (None, "", False)}


@dataclass(frozen=True)
class LabelFormat:
    """A way to write labels and to read them; `copies` says whether the pictures go along, into class folders.

    With `own_labels` a file beside them says the labels, so that the folders' names need not.
    """

    copies: bool
    write: Callable[[Path, Sequence[LabelRow]], None]
    read: Callable[[Path], Iterator[LabelRow]]
    own_labels: bool = False


def parse_row(values: Mapping[str, Any], where: str) -> LabelRow:
    """Return the row of values as a file holds them; empty ones count as missing.

    Raises:
        InputError: a value is not what its column holds; `where` names the line.
    """
    given = {name: value for name, value in values.items() if value not in (None, "")}
    given |= {"label": tidy_name(given["label"])} if isinstance(given.get("label"), str) else {}
    if len({given[name] for name in FILE_COLUMNS if name in given}) > 1:
        raise InputError(f"{where}: {' and '.join(FILE_COLUMNS)} name different files; keep one of the columns")
    try:
        row = LabelRow.model_validate(given)
    except ValidationError as error:
        raise InputError(flatten(error, where)) from error
    if (row.action == "label") != (row.label is not None):
        raise InputError(f"{where}: label: {row.label!r} with action {row.action}; a label goes with action label")
    return row


def _write_csv(path: Path, rows: Sequence[LabelRow]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.values() for row in rows)
    write_text(path, text.getvalue())


def _read_csv(path: Path) -> Iterator[LabelRow]:
    table = read_table(_existing(path))
    if "label" not in table.columns:
        raise InputError(f"{path}: no column label in its first line; found {', '.join(table.columns)}")
    for line, values in table.rows:
        yield parse_row(values, f"{path}:{line}")


def _write_jsonl(path: Path, rows: Iterable[LabelRow]) -> None:
    # ASCII, so that bytes of names that are not UTF-8 come back as they were.
    write_text(path, "".join(json.dumps(row.values()) + "\n" for row in rows))


def _read_jsonl(path: Path) -> Iterator[LabelRow]:
    with _existing(path).open(encoding="utf-8", errors="surrogateescape") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                values = _object(line, f"{path}:{number}")
                if quoted := values.get(QUOTED):
                    values |= {"path": unquote(str(quoted), errors="surrogateescape")}
                yield parse_row(values, f"{path}:{number}")


def _write_folders(out: Path, rows: Sequence[LabelRow]) -> None:
    _write_csv(out / CSV_NAME, rows)


def _read_folders(source: Path) -> Iterator[LabelRow]:
    if (source / CSV_NAME).is_file():
        yield from _read_csv(source / CSV_NAME)
        return
    from model.reading.folders import read_examples

    for example in read_examples(source):
        if example.name:
            raise InputError(f"{source} holds shards, whose pictures are no files; unpack them into class folders")
        yield LabelRow(file=example.path.relative_to(source).as_posix(), label=example.label)


def _write_imagefolder(out: Path, rows: Sequence[LabelRow]) -> None:
    """Write a row a picture into the metadata, as the format wants it, and what is more into a file beside them."""
    last = {row.file: row for row in rows if row.file}
    own = [row for row in last.values() if row.action == "label"]
    text = "".join(json.dumps(_renamed(row.values())) + "\n" for row in own)
    write_text(out / METADATA[0], text)
    if rest := [row for row in rows if not any(row is each for each in own)]:
        _write_jsonl(out / REST_NAME, rest)


def _renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    named = {"file_name" if name == "file" else name: value for name, value in values.items()}
    if not str(named.get("path", "")).isprintable():  # bytes that are not UTF-8: `datasets` reads no such JSON
        named[QUOTED] = quote(os.fsencode(named.pop("path")))
    return named


def _read_imagefolder(source: Path) -> Iterator[LabelRow]:
    jsonl, table = (source / name for name in METADATA)
    if jsonl.is_file() and table.is_file():
        raise InputError(f"{source} has {METADATA[0]} as well as {METADATA[1]}; keep one of them")
    if jsonl.is_file():
        yield from _read_jsonl(jsonl)
    elif table.is_file():
        yield from _read_csv(table)
    else:
        raise MissingError(f"no {METADATA[0]} or {METADATA[1]} in {source}; class folders are the format folders")
    if (source / REST_NAME).is_file():
        yield from _read_jsonl(source / REST_NAME)


def _write_label_studio(path: Path, rows: Sequence[LabelRow]) -> None:
    pictures: dict[str | None, list[LabelRow]] = {}
    for row in rows:
        pictures.setdefault(row.sha256, []).append(row)
    tasks = [_to_task(number, said) for number, said in enumerate(pictures.values(), start=1)]
    write_text(path, json.dumps(tasks, indent=2) + "\n")


def _to_task(number: int, said: Sequence[LabelRow]) -> dict[str, Any]:
    """Return a task whose meta keeps what Label Studio has no field for: its users are its own."""
    choice = {"type": "choices", "from_name": "label", "to_name": "image"}
    return {
        "id": number,
        "data": {"image": LOCAL_FILES + quote(os.fsencode(said[0].path or "").removeprefix(b"/"))},
        "annotations": [
            {
                "was_cancelled": row.action == "discard",
                "result": [{**choice, "value": {"choices": [row.label]}}] if row.label else [],
            }
            for row in said
            if row.action != "none"
        ],
        "meta": {"boxwright": [row.values() for row in said]},
    }


def _read_label_studio(path: Path) -> Iterator[LabelRow]:
    try:
        tasks = json.loads(_existing(path).read_text(encoding="utf-8", errors="surrogateescape"))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(tasks, list):
        raise InputError(f"{path}: expected a list of tasks, as Label Studio's JSON export is")
    for number, task in enumerate(tasks, start=1):
        try:
            yield from _from_task(task, f"{path}: task {number}")
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise InputError(f"{path}: task {number} is not a task for choices of an image ({error!r})") from error


def _from_task(task: Mapping[str, Any], where: str) -> Iterator[LabelRow]:
    known = [parse_row(values, where) for values in (task.get("meta") or {}).get("boxwright", [])]
    rest = list(known)
    for annotation in task.get("annotations", []):
        choices = [each["value"]["choices"][0] for each in annotation["result"] if each["type"] == "choices"]
        action, label = ("discard", None) if annotation.get("was_cancelled") else ("label", (choices or [None])[0])
        if action == "label" and label is None:
            continue
        own = next((row for row in rest if (row.action, row.label) == (action, label)), None)
        if own is not None:
            rest.remove(own)
            yield own
        else:  # said in Label Studio
            given = {"path": _local_path(task), "action": action, "label": label}
            given |= {"annotator": _user(annotation), "labelled_at": annotation.get("created_at")}
            yield parse_row(given | ({"sha256": known[0].sha256} if known else {}), where)
    yield from (row for row in rest if row.action == "none")


def _local_path(task: Mapping[str, Any]) -> str:
    address = str(task["data"]["image"])
    if not address.startswith(LOCAL_FILES):
        return unquote(address, errors="surrogateescape")
    return "/" + unquote(address.removeprefix(LOCAL_FILES), errors="surrogateescape").removeprefix("/")


def _user(annotation: Mapping[str, Any]) -> str | None:
    who = annotation.get("completed_by")
    who = who.get("email") or who.get("id") if isinstance(who, dict) else who
    return None if who is None else str(who)


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: {error}") from error
    if not isinstance(values, dict):
        raise InputError(f"{where}: expected an object, got {type(values).__name__}")
    return values


def _existing(path: Path) -> Path:
    if not path.exists():
        raise MissingError(f"no file {path}")
    if path.is_dir():
        raise InputError(f"{path} is a folder; a file is needed")
    return path


LABEL_FORMATS: dict[str, LabelFormat] = {
    "folders": LabelFormat(True, _write_folders, _read_folders),
    "csv": LabelFormat(False, _write_csv, _read_csv),
    "jsonl": LabelFormat(False, _write_jsonl, _read_jsonl),
    "imagefolder": LabelFormat(True, _write_imagefolder, _read_imagefolder, own_labels=True),
    "label-studio": LabelFormat(False, _write_label_studio, _read_label_studio),
}
