"""What a label format says of a picture: the row that all of them write and read, and what a format is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from base.errors import InputError, MissingError
from base.settings import flatten
from base.spelling import tidy_name

LABEL_COLUMNS = (
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
        """Return what is not empty, in the order of LABEL_COLUMNS."""
        given = {name: getattr(self, name) for name in LABEL_COLUMNS} | {"labelled_at": self.at}
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
