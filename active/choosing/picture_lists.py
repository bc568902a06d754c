"""Lists of pictures that somebody should look at, and why: CSV with columns path, reason and label."""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.errors import InputError, MissingError
from base.files import write_text
from base.tabular.tables import fold_column, read_table

COLUMNS = ("path", "reason", "label")


@dataclass(frozen=True)
class ListedPicture:
    """A picture, why somebody should look at it, and the label that it has; both may be empty."""

    path: Path
    reason: str = ""
    label: str = ""


def write_picture_list(path: Path, pictures: Sequence[ListedPicture]) -> None:
    """Write a list, with paths from its own folder on."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([os.path.relpath(each.path, path.parent), each.reason, each.label] for each in pictures)
    write_text(path, text.getvalue())


def read_picture_list(path: Path) -> list[ListedPicture]:
    """Return the pictures of a list; relative paths are looked for from the list's folder on.

    Raises:
        MissingError: there is no such file.
        InputError: it is no table with a column path, or names no picture.
    """
    if not path.exists():
        raise MissingError(f"no list {path}; `boxwright audit --list` writes one")
    if path.is_dir():
        raise InputError(f"{path} is a folder; a CSV file with a column path is needed")
    table = read_table(path, column="path")
    if "path" not in map(fold_column, table.columns):
        raise InputError(f"{path}: no column path in its first line; found {', '.join(table.columns) or 'nothing'}")
    found = []
    for _, values in table.rows:
        row = {fold_column(name): value.strip() for name, value in values.items()}
        if row.get("path"):
            found.append(ListedPicture(path.parent / row["path"], row.get("reason", ""), row.get("label", "")))
    if not found:
        raise InputError(f"{path} names no picture")
    return found
