"""The label format csv: a table with a line for what each person said of each picture."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from active.exchange.label_formats.label_rows import LABEL_COLUMNS, LabelFormat, LabelRow, parse_row, require_label_file
from base.errors import InputError
from base.files import write_text
from base.tables import read_table


def write_csv_labels(path: Path, rows: Sequence[LabelRow]) -> None:
    """Write a line a row; what is not known is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, LABEL_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.values() for row in rows)
    write_text(path, text.getvalue())


def read_csv_labels(path: Path) -> Iterator[LabelRow]:
    """Yield the rows of a table with a column `label`; an InputError or MissingError says what else it is."""
    table = read_table(require_label_file(path))
    if "label" not in table.columns:
        raise InputError(f"{path}: no column label in its first line; found {', '.join(table.columns)}")
    for line, values in table.rows:
        yield parse_row(values, f"{path}:{line}")


CSV_LABELS = LabelFormat(False, write_csv_labels, read_csv_labels)
