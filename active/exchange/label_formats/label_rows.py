"""What a label format says of a picture: the row that all of them write and read, and what a format is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
)

from base.counting import counted
from base.errors import InputError, MissingError
from base.file_texts import read_words
from base.notes import take_note
from base.tabular.missing_values import describe_missing, is_missing, is_no_label
from base.tabular.rival_columns import LABEL_LIKE, PICTURE_LIKE, describe_rivals
from base.tabular.row_faults import describe_row_faults
from base.tabular.tables import fold_column

LABEL_COLUMNS = (
    "file", "path", "sha256", "action", "label", "annotator", "labelled_at", "hinted", "flagged", "note", "error"
)  # fmt: skip

FILE_COLUMNS = ("file", "file_name", "filename")
"""What the column of the picture's name may be called."""

NAME_COLUMNS = ("path", *FILE_COLUMNS)
"""The columns that say where a picture lies, in the order in which it is looked for."""

PICTURE_COLUMNS = (*FILE_COLUMNS, "path", "sha256")
"""The columns that can say which picture is meant."""

KNOWN_COLUMNS = frozenset({*LABEL_COLUMNS, *FILE_COLUMNS})

AS_WRITTEN = frozenset({*FILE_COLUMNS, "path", "note", "error"})
"""Columns whose values keep their blanks, which names of files can have."""

TIME_LIKE = frozenset(
    {"annotated_at", "at", "created", "created_at", "date", "datetime", "time", "timestamp", "updated", "updated_at"}
)
"""What people call columns of times, in the form of `fold_column`."""

EXPECTED: Mapping[str, str] = {
    "sha256": "64 digits and letters from a to f",
    "action": "label, discard, no_widget, wrong_box, skip or none",
    "labelled_at": "a time with its zone, as 2026-11-27T14:03:00+01:00",
    **dict.fromkeys(("hinted", "flagged"), "true or false"),
    **dict.fromkeys((*FILE_COLUMNS, "path"), "the name of a file, as text"),
    **dict.fromkeys(("label", "annotator", "note", "error"), "a text"),
}
"""What each column holds, for messages."""


def _read_time(value: object) -> object:
    """Return the time that a text says; pydantic would take the date 20261127 for seconds since 1970."""
    time = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
    if not isinstance(time, datetime) or time.tzinfo is None:
        raise ValueError("no time with its zone")
    return time


class LabelRow(BaseModel):
    """What one person said of one picture; of other tools' rows, the fields that mean something here.

    `file` is relative to the file or folder it stands in, `path` is where the picture was labelled.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    file: str | None = Field(default=None, validation_alias=AliasChoices(*FILE_COLUMNS))
    path: str | None = None
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    action: Literal["label", "discard", "no_widget", "wrong_box", "skip", "none"] = "label"
    label: str | None = None
    annotator: str | None = None
    labelled_at: Annotated[datetime, BeforeValidator(_read_time)] | None = None
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
    def is_meant(self) -> bool:
        """Tell whether the label is one whatever it looks like: its row has an action, as boxwright writes it."""
        return "action" in self.model_fields_set

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
    """Return the row of values that boxwright wrote, or a reader has put together; empty ones count as missing.

    Raises:
        InputError: a value is not what its column holds; `where` names the line.
    """
    return _to_label_row(_fold_names(values, where), where)


def parse_table_row(values: Mapping[str, Any], where: str) -> LabelRow | UnusedRow:
    """Return the row of values as any file holds them; one whose label is missing is not used.

    What programs write for no value is none, unless the row has an `action`, which says that it is meant.

    Raises:
        InputError: as `parse_row`.
    """
    given = _fold_names(values, where)
    given = {name: value for name, value in given.items() if name in _MEANT or not is_missing(value)}
    pictures = [name for name in PICTURE_COLUMNS if name in given]
    for name in pictures[1:] if any(not is_missing(given[name]) for name in pictures) else ():
        if is_missing(given[name]):
            del given[name]
    if "action" not in given:
        if is_no_label(given.get("label")):
            name = str(next((given[each] for each in PICTURE_COLUMNS if each in given), where))
            return UnusedRow(name, describe_missing(given.get("label")))
        if "annotator" in given and is_missing(given["annotator"]):
            take_note(f"{where.rpartition(':')[0]}: annotator {given.pop('annotator')!r} is nobody")
    return _to_label_row(given, where)


_MEANT = frozenset({"label", "annotator", "action", *AS_WRITTEN})
"""Columns in which a word for no value may be meant: none is an action."""


def _to_label_row(given: Mapping[str, Any], where: str) -> LabelRow:
    files = [name for name in FILE_COLUMNS if name in given]
    if len({str(given[name]) for name in files}) > 1:
        said = " and ".join(f"{name} ({given[name]!r})" for name in files)
        raise InputError(f"{where}: {said} name different files; keep one of the columns")
    try:
        row = LabelRow.model_validate(given)
    except ValidationError as error:
        raise InputError(describe_row_faults(error, where, EXPECTED)) from error
    if row.action == "label" and row.label is None:
        raise InputError(f"{where}: there is no label, though the action is to label; name one, or another action")
    if row.action != "label" and row.label is not None:
        raise InputError(f"{where}: label {row.label!r} does not go with action {row.action}; keep one of the two")
    row._where = where
    return row


def _fold_names(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for written, value in values.items():
        name = fold_column(written)
        cell = _tidy(name, value, where) if isinstance(value, str) else value
        if name not in KNOWN_COLUMNS or cell in (None, ""):
            continue
        if name in given and given[name] != cell:
            raise InputError(f"{where}: {name} is given twice, as {given[name]!r} and {cell!r}; keep one")
        given[name] = cell
    return given


def _tidy(name: str, value: str, where: str) -> str:
    if name in (*FILE_COLUMNS, "path", "error"):
        return value  # names of files are bytes, and need not be UTF-8
    return read_words(value if name in AS_WRITTEN else value.strip(), name=name, where=where)


def tell_unread_columns(path: Path, columns: Sequence[str], read: Sequence[str] = ()) -> None:
    """Say which columns of a file are not read, beyond those known and those that `read` names."""
    tell_not_read(path, [name for name in columns if name and fold_column(name) not in {*KNOWN_COLUMNS, *read}])
    times = [name for name in columns if fold_column(name) in TIME_LIKE]
    if times and "labelled_at" not in map(fold_column, columns):
        take_note(
            f"{path}: column {times[0]!a} is not read; times, by which the newest label counts, are in labelled_at"
        )


def tell_not_read(path: Path, unread: Sequence[str]) -> None:
    """Say which columns of a file are not read, if any."""
    if unread:
        shown = ", ".join(map(ascii, unread[:5])) + (", …" if len(unread) > 5 else "")
        take_note(f"{path}: {counted(len(unread), 'column is', 'columns are')} not read: {shown}")


def tell_rival_columns(path: Path, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Say which columns that are not read could be the picture or the label too, where they say otherwise."""
    folded = [(f"line {line}", {fold_column(name): value for name, value in values.items()}) for line, values in rows]
    for what, columns, likely in (("picture", NAME_COLUMNS, PICTURE_LIKE), ("label", ("label",), LABEL_LIKE)):
        used = [(place, next((name for name in columns if values.get(name)), ""), values) for place, values in folded]
        known = [(place, str(values[name]), values) for place, name, values in used if name]
        name = next((name for _, name, _ in used if name), "")
        for line in describe_rivals(known, what=what, used=f"column {name}", likely=likely):
            take_note(f"{path}: {line}")


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
