"""The label format csv: a table with a line for what each person said of each picture."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from active.exchange.label_formats.label_rows import (
    LABEL_COLUMNS,
    PICTURE_COLUMNS,
    LabelFormat,
    LabelRow,
    UnusedRow,
    parse_table_row,
    require_label_file,
    tell_rival_columns,
    tell_unread_columns,
)
from base.errors import InputError
from base.file_texts import read_file_text
from base.files import write_text
from base.notes import take_note
from base.tabular.tables import fold_column, read_table

LABEL_STUDIO_COLUMN = "annotation_id"
"""Stands in Label Studio's own tables."""


def write_csv_labels(path: Path, rows: Sequence[LabelRow]) -> None:
    """Write a line a row; what is not known is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, LABEL_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.values() for row in rows)
    write_text(path, text.getvalue())


def read_csv_labels(path: Path) -> Iterator[LabelRow | UnusedRow]:
    """Yield the rows of a table with a column `label`; an InputError or MissingError says what else it is."""
    if read_file_text(require_label_file(path)).lstrip().startswith(("[", "{")):
        raise InputError(f"{path}: is JSON and no table; --format jsonl or label-studio reads it")
    table = read_table(path, column="label")
    columns = {fold_column(name) for name in table.columns}
    found = ", ".join(map(_shown, table.columns)) or "nothing"
    if LABEL_STUDIO_COLUMN in columns and not columns & {"file", "path", "sha256"}:
        raise InputError(f"{path}: is a table of Label Studio's; --format label-studio reads it")
    if "label" not in columns:
        raise InputError(f"{path}: no column label in its first line; found {found}")
    if not columns & {*PICTURE_COLUMNS}:
        raise InputError(f"{path}: no column says which picture; one of {', '.join(PICTURE_COLUMNS)}; found {found}")
    if not table.rows:
        take_note(f"{path}: has no rows below its first line")
    tell_unread_columns(path, table.columns)
    tell_rival_columns(path, table.rows)
    for line, values in table.rows:
        yield parse_table_row(values, f"{path}:{line}")


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)


CSV_LABELS = LabelFormat(False, write_csv_labels, read_csv_labels)
