"""The label format jsonl: an object a line for what each person said of each picture."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from active.exchange.label_formats.label_rows import (
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
from base.files import write_text
from base.notes import take_note
from base.tabular.json_lines import read_json_lines
from base.tabular.tables import fold_column

QUOTED_PATH = "path_quoted"
"""The field of a path that is not UTF-8, with percent signs, in the imagefolder's metadata."""


def write_jsonl_labels(path: Path, rows: Iterable[LabelRow]) -> None:
    """Write an object a row, without what is not known."""
    # ASCII, so that bytes of names that are not UTF-8 come back as they were.
    write_text(path, "".join(json.dumps(row.values()) + "\n" for row in rows))


def read_jsonl_labels(path: Path) -> Iterator[LabelRow | UnusedRow]:
    """Yield the rows of a file; an InputError or MissingError says which line is none."""
    rows = list(read_json_lines(require_label_file(path)))
    fields = dict.fromkeys(name for _, values in rows for name in values)
    if not rows:
        take_note(f"{path}: has no rows")
    elif not {*map(fold_column, fields)} & {*PICTURE_COLUMNS, QUOTED_PATH}:
        names = ", ".join(PICTURE_COLUMNS)
        raise InputError(f"{path}: no field says which picture; one of {names}; found {', '.join(fields) or 'nothing'}")
    tell_unread_columns(path, tuple(fields), (QUOTED_PATH,))
    tell_rival_columns(path, rows)
    for line, values in rows:
        if quoted := values.get(QUOTED_PATH):
            values |= {"path": unquote(str(quoted), errors="surrogateescape")}
        yield parse_table_row(values, f"{path}:{line}")


JSONL_LABELS = LabelFormat(False, write_jsonl_labels, read_jsonl_labels)
