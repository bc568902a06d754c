"""Writing rows as CSV, JSONL or Parquet; each takes an iterator and keeps no more than a batch in memory."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from base.errors import unknown_choice

if TYPE_CHECKING:
    from model.classifying.columns import CellValue, ClassifiedRow, Header

BATCH = 10_000
"""Rows of a row group."""

WriteRows = Callable[[BinaryIO, Iterable["ClassifiedRow"], "Header"], None]


def find_format(name: str) -> WriteRows:
    """Return what writes the format of a file's ending.

    Raises:
        InputError: there is none for it, or a package for it is missing.
    """
    ending = PurePath(name).suffix.lower()
    if ending not in ROW_FORMATS:
        raise unknown_choice("ending of an output", ending, ROW_FORMATS)
    if ROW_FORMATS[ending] is write_parquet:
        _import_pyarrow(name)
    return ROW_FORMATS[ending]


def print_csv(file: TextIO, rows: Iterable[ClassifiedRow], header: Header) -> None:
    """Write rows as CSV text, each as it comes; an empty cell says nothing."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header.columns)
    formats = ["" if column.decimals is None else f".{column.decimals}f" for column in header.columns.values()]
    for row in rows:
        cells = zip(header.cells(row), formats, strict=True)
        writer.writerow(["" if cell is None else format(cell, spec) for cell, spec in cells])


def write_csv(file: BinaryIO, rows: Iterable[ClassifiedRow], header: Header) -> None:
    """Write CSV in UTF-8; paths that are not UTF-8 keep their bytes."""
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="", write_through=True)
    try:
        print_csv(text, rows, header)
    finally:
        text.detach()


def write_rows_as_jsonl(file: BinaryIO, rows: Iterable[ClassifiedRow], header: Header) -> None:
    r"""Write an object a line, with null for what is not known; of paths, bytes that are not UTF-8 are escaped.

    The escapes are lone surrogates, `\udce9` for the byte e9, as Python's `os.fsencode` takes them back.
    """
    names = list(header.columns)
    for row in rows:
        values = dict(zip(names, header.cells(row), strict=True))
        text = json.dumps(values, ensure_ascii=not _is_text(row.path))
        file.write(text.encode() + b"\n")


def write_parquet(file: BinaryIO, rows: Iterable[ClassifiedRow], header: Header) -> None:
    r"""Write Parquet in row groups of `BATCH`; of paths, bytes that are not UTF-8 are shown as `\xe9`."""
    arrow = _import_pyarrow("Parquet")
    types = {str: arrow.string(), float: arrow.float64(), int: arrow.int32()}
    schema = arrow.schema([(name, types[column.kind]) for name, column in header.columns.items()])
    rows = iter(rows)
    with arrow.parquet.ParquetWriter(file, schema) as writer:
        while batch := list(itertools.islice(rows, BATCH)):
            columns = zip(*map(header.cells, batch), strict=True)
            arrays = [
                arrow.array([_shown(cell) for cell in column], field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_batch(arrow.record_batch(arrays, schema=schema), row_group_size=BATCH)


ROW_FORMATS: dict[str, WriteRows] = {".csv": write_csv, ".jsonl": write_rows_as_jsonl, ".parquet": write_parquet}
"""By ending."""


def _import_pyarrow(what: str) -> Any:  # noqa: ANN401  which has no types of its own
    from model.reading.parquet_columns import import_pyarrow  # here, because the endings alone need nothing heavy

    return import_pyarrow(what)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(cell: CellValue) -> CellValue:
    if not isinstance(cell, str) or _is_text(cell):
        return cell
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
