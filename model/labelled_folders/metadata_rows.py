"""Metadata beside pictures: rows of metadata.jsonl and metadata.csv, matched with the files that they mean."""

import json
import posixpath
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from base.errors import InputError
from base.settings import flatten
from base.spelling import tidy_name
from base.tables import read_table

METADATA = "metadata.jsonl"
METADATA_CSV = "metadata.csv"


class MetadataRow(BaseModel):
    """The part of a metadata row that is read here; generators add what they like."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    file_name: str
    label: str | None = None
    group: str | None = None
    family: str = ""
    kind: str = ""
    window: Any = None
    box: tuple[float, float, float, float] | None = None

    @property
    def pair(self) -> str:
        """Return what a counterfactual pair shares: style and window. Views of one style differ in the latter."""
        known = self.group is not None and self.window is not None
        return f"{self.group} {json.dumps(self.window, sort_keys=True)}" if known else ""


@dataclass(frozen=True)
class MatchedRows:
    """The row of each picture that has one, by the picture's name, and the names in rows that mean no picture."""

    rows: Mapping[str, MetadataRow]
    without_picture: tuple[str, ...] = ()


def match_rows(folder: Path, files: Sequence[str], pictures: Iterable[str]) -> MatchedRows:
    """Read the metadata files among `files` and find the picture of each row.

    Names are relative to the file that they stand in, and may be written as other systems do: with `./`, backslashes,
    blanks around them, letters composed or not.

    Raises:
        InputError: a folder has two metadata files, a row is damaged, or two rows say different things of a picture.
    """
    spellings = _Spellings(pictures)
    found: dict[str, tuple[str, MetadataRow]] = {}
    missing: list[str] = []
    for file in _metadata_files(folder, files):
        for line, row in _read(folder / file):
            place = f"{folder / file}:{line}"
            name = spellings.find(PurePosixPath(file).parent.as_posix(), row.file_name)
            if name is None:
                missing.append(row.file_name)
                continue
            other, known = found.setdefault(name, (place, row))
            if _said(known) != _said(row):
                raise InputError(f"{place}: {name} has another row in {other}, and they differ; keep one of them")
    return MatchedRows({name: row for name, (_, row) in found.items()}, tuple(missing))


def _said(row: MetadataRow) -> MetadataRow:
    """Return what a row says, however it writes the name."""
    return row.model_copy(update={"file_name": ""})


def _metadata_files(folder: Path, files: Sequence[str]) -> list[str]:
    found = [name for name in files if PurePosixPath(name).name in (METADATA, METADATA_CSV)]
    parents = [PurePosixPath(name).parent for name in found]
    for parent in parents:
        if parents.count(parent) > 1:
            raise InputError(f"{folder / parent} has {METADATA} as well as {METADATA_CSV}; keep one of them")
    return found


def _read(path: Path) -> Iterator[tuple[int, MetadataRow]]:
    for number, values in _table_rows(path) if path.name == METADATA_CSV else _json_rows(path):
        try:
            yield number, tidy_row(MetadataRow.model_validate(values))
        except ValidationError as error:
            raise InputError(flatten(error, f"{path}:{number}")) from error


def _json_rows(path: Path) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}:{number}: value: Invalid JSON: {error}") from error


def _table_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in read_table(path).rows:
        # An empty cell says nothing: the picture is in no group rather than in one with all others like it.
        yield number, {name: cell for name, cell in cells.items() if cell.strip()}


def tidy_row(row: MetadataRow) -> MetadataRow:
    """Return the row without blanks around its names; an empty label or group says nothing."""
    names = {name: tidy_name(getattr(row, name) or "") for name in ("label", "group", "family", "kind")}
    return row.model_copy(update=names | {name: names[name] or None for name in ("label", "group")})


class _Spellings:
    """Finds the picture that a name in a row means: first as it is written, then as other systems write it."""

    def __init__(self, pictures: Iterable[str]) -> None:
        self._exact = set(pictures)
        self._composed: dict[str, list[str]] = {}
        for name in self._exact:
            self._composed.setdefault(unicodedata.normalize("NFC", name), []).append(name)

    def find(self, parent: str, written: str) -> str | None:
        """Return the picture's name; None where there is none, or more than one that it could be."""
        for text in (written, written.strip(), written.strip().replace("\\", "/")):
            name = posixpath.normpath(posixpath.join(parent, text))
            if name in self._exact:
                return name
            alike = self._composed.get(unicodedata.normalize("NFC", name), [])
            if len(alike) == 1:
                return alike[0]
        return None
