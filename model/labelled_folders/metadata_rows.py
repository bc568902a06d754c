"""Metadata beside pictures: rows of metadata.jsonl and metadata.csv, matched with the files that they mean."""

import posixpath
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from base.errors import InputError
from base.tabular.json_lines import read_json_lines
from base.tabular.tables import fold_column, read_table
from model.labelled_folders.metadata_values import FILE_NAMES, MetadataRow, parse_metadata

METADATA = "metadata.jsonl"
METADATA_CSV = "metadata.csv"


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
    spellings = PictureSpellings(pictures)
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
    """Return what is used of a row, however it writes the name."""
    return row.model_copy(update={"file_name": "", "unread": ()})


def _metadata_files(folder: Path, files: Sequence[str]) -> list[str]:
    found = [name for name in files if PurePosixPath(name).name in (METADATA, METADATA_CSV)]
    parents = [PurePosixPath(name).parent for name in found]
    for parent in parents:
        if parents.count(parent) > 1:
            raise InputError(f"{folder / parent} has {METADATA} as well as {METADATA_CSV}; keep one of them")
    return found


def _read(path: Path) -> Iterator[tuple[int, MetadataRow]]:
    for number, values in _table_rows(path) if path.name == METADATA_CSV else read_json_lines(path):
        yield number, parse_metadata(values, f"{path}:{number}")


def _table_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    table = read_table(path, column=FILE_NAMES)
    if table.columns and not {*FILE_NAMES} & {fold_column(name) for name in table.columns}:
        raise InputError(f"{path}: no column {FILE_NAMES[0]} in its first line; found {', '.join(table.columns)}")
    yield from table.rows


class PictureSpellings:
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
