"""What a label format says of a picture: the row that all of them write and read, and what a format is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from base.errors import InputError, MissingError
from base.file_texts import has_raw_bytes, read_as_windows
from base.notes import take_note
from base.settings import flatten
from base.tables import fold_column

LABEL_COLUMNS = (
    "file", "path", "sha256", "action", "label", "annotator", "labelled_at", "hinted", "flagged", "note", "error"
)  # fmt: skip

FILE_COLUMNS = ("file", "file_name", "filename")
"""What the column of the picture's name may be called."""

PICTURE_COLUMNS = (*FILE_COLUMNS, "path", "sha256")
"""The columns that can say which picture is meant."""

KNOWN_COLUMNS = frozenset({*LABEL_COLUMNS, *FILE_COLUMNS})

AS_WRITTEN = frozenset({*FILE_COLUMNS, "path", "note", "error"})
"""Columns whose values keep their blanks, which names of files can have."""


class LabelRow(BaseModel):
    """What one person said of one picture; of other tools' rows, the fields that mean something here.

    `file` is relative to the file or folder it stands in, `path` is where the picture was labelled.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str | None = Field(default=None, validation_alias=AliasChoices(*FILE_COLUMNS))
    path: str | None = None
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    action: Literal["label", "discard", "skip", "none"] = "label"
    label: str | None = None
    annotator: str | None = None
    labelled_at: AwareDatetime | None = None
    hinted: bool = False
    flagged: bool = False
    note: str = ""
    error: str | None = None
    _where: str = PrivateAttr(default="")

    @property
    def at(self) -> str | None:
        """Return the time as the store keeps it."""
        return self.labelled_at.astimezone(UTC).isoformat(timespec="milliseconds") if self.labelled_at else None

    @property
    def where(self) -> str:
        """Return the file and line that the row was read from; empty where that is not known."""
        return self._where

    @property
    def name(self) -> str:
        """Return what names the picture, for messages."""
        return self.file or self.path or self.sha256 or "?"

    def values(self) -> dict[str, Any]:
        """Return what is not empty, in the order of LABEL_COLUMNS."""
        given = {name: getattr(self, name) for name in LABEL_COLUMNS} | {"labelled_at": self.at}
        return {name: value for name, value in given.items() if value not in (None, "", False)}


@dataclass(frozen=True)
class UnusedRow:
    """What is in a file of labels and is not taken, by its name, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class LabelFormat:
    """A way to write labels and to read them; `copies` says whether the pictures go along, into class folders.

    `label_file` is a file beside them that says the labels to readers, so that the folders' names need not.
    `read_control` reads a format in which a picture can have several labels: that of the control which is named.
    """

    copies: bool
    write: Callable[[Path, Sequence[LabelRow]], None]
    read: Callable[[Path], Iterator[LabelRow | UnusedRow]]
    label_file: str = ""
    read_control: Callable[[Path, str], Iterator[LabelRow | UnusedRow]] | None = None


def parse_row(values: Mapping[str, Any], where: str) -> LabelRow:
    """Return the row of values as a file holds them; empty ones count as missing, names of columns in any case.

    Raises:
        InputError: a value is not what its column holds; `where` names the line.
    """
    given = _fold_names(values, where)
    if len({given[name] for name in FILE_COLUMNS if name in given}) > 1:
        raise InputError(f"{where}: {' and '.join(FILE_COLUMNS)} name different files; keep one of the columns")
    try:
        row = LabelRow.model_validate(given)
    except ValidationError as error:
        raise InputError(flatten(error, where)) from error
    if (row.action == "label") != (row.label is not None):
        raise InputError(f"{where}: label: {row.label!r} with action {row.action}; a label goes with action label")
    row._where = where
    return row


def _fold_names(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for written, value in values.items():
        name = fold_column(written)
        cell = _tidy(name, value, where) if isinstance(value, str) else value
        if name not in KNOWN_COLUMNS or cell in (None, ""):
            continue
        if given.setdefault(name, cell) != cell:
            raise InputError(f"{where}: {name} is given twice, as {given[name]!r} and {cell!r}; keep one")
    return given


def _tidy(name: str, value: str, where: str) -> str:
    cell = value if name in AS_WRITTEN else value.strip()
    if name in (*FILE_COLUMNS, "path", "error") or not has_raw_bytes(cell):
        return cell  # names of files are bytes, and need not be UTF-8
    try:
        read = read_as_windows(cell)
    except ValueError as error:
        raise InputError(f"{where}: {name}: {cell!a} is not UTF-8; save the file as UTF-8") from error
    take_note(f"{where.rpartition(':')[0]}: is not UTF-8 and was read as Windows-1252: {name} {read!r}")
    return read


def tell_unread_columns(path: Path, columns: Sequence[str], read: Sequence[str] = ()) -> None:
    """Say which columns of a file are not read, beyond those known and those that `read` names."""
    unread = [name for name in columns if name and fold_column(name) not in {*KNOWN_COLUMNS, *read}]
    if unread:
        shown = ", ".join(map(ascii, unread[:5])) + (", …" if len(unread) > 5 else "")
        take_note(f"{path}: {len(unread)} columns are not read: {shown}")


def require_label_file(path: Path) -> Path:
    """Return the path.

    Raises:
        MissingError: nothing is there.
        InputError: it is a folder.
    """
    if not path.exists():
        raise MissingError(f"no file {path}")
    if path.is_dir():
        raise InputError(f"{path} is a folder; a file is needed")
    return path
