"""The label format jsonl: an object a line for what each person said of each picture."""

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from active.exchange.label_formats.label_rows import (
    LabelFormat,
    LabelRow,
    parse_row,
    require_label_file,
    tell_unread_columns,
)
from base.errors import InputError
from base.file_texts import read_file_text
from base.files import write_text

QUOTED_PATH = "path_quoted"
"""The field of a path that is not UTF-8, with percent signs, in the imagefolder's metadata."""


def write_jsonl_labels(path: Path, rows: Iterable[LabelRow]) -> None:
    """Write an object a row, without what is not known."""
    # ASCII, so that bytes of names that are not UTF-8 come back as they were.
    write_text(path, "".join(json.dumps(row.values()) + "\n" for row in rows))


def read_jsonl_labels(path: Path) -> Iterator[LabelRow]:
    """Yield the rows of a file; an InputError or MissingError says which line is none."""
    fields = dict[str, None]()
    for number, line in enumerate(io.StringIO(read_file_text(require_label_file(path)), newline=None), start=1):
        if line.strip():
            values = _parse_object(line, f"{path}:{number}")
            fields |= dict.fromkeys(values)
            if quoted := values.get(QUOTED_PATH):
                values |= {"path": unquote(str(quoted), errors="surrogateescape")}
            yield parse_row(values, f"{path}:{number}")
    tell_unread_columns(path, tuple(fields), (QUOTED_PATH,))


def _parse_object(line: str, where: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: {error}; an object a line is needed") from error
    if not isinstance(values, dict):
        raise InputError(f"{where}: expected an object, got {type(values).__name__}")
    return values


JSONL_LABELS = LabelFormat(False, write_jsonl_labels, read_jsonl_labels)
