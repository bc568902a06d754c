"""Writing rows as CSV, JSONL or Parquet; each takes an iterator and keeps no more than a batch in memory."""

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO, Generic, Protocol, TextIO, TypeVar

from base.errors import unknown_choice

BATCH = 10_000
"""Rows of a row group."""

CSV, PARQUET = ".csv", ".parquet"

CellValue = str | float | int | bool | None

Cells = Sequence[CellValue]
"""Those of one row, in the order of the columns."""


class CellType(Protocol):
    """What the cells of a column hold."""

    @property
    def kind(self) -> type:
        """Return str, float, int or bool; any cell can be empty."""
        ...

    @property
    def decimals(self) -> int | None:
        """Return those of floats."""
        ...


Columns = Mapping[str, CellType]
"""By name, in their order."""

_Row = TypeVar("_Row")

WriteRows = Callable[[BinaryIO, Iterable[_Row]], None]


@dataclass(frozen=True)
class TableFormats(Generic[_Row]):
    """What writes rows of a kind: to a file, by its ending, and as text to a terminal or a pipe."""

    by_ending: Mapping[str, WriteRows[_Row]]
    show: Callable[[TextIO, Iterable[_Row]], None]

    def find(self, name: str) -> WriteRows[_Row]:
        """Return what writes the format of a file's ending.

        Raises:
            InputError: there is none for it, or a package for it is missing.
        """
        named = name.lower()
        ending = max((each for each in self.by_ending if named.endswith(each)), key=len, default=None)
        if ending is None:
            raise unknown_choice("ending of an output", PurePath(name).suffix.lower(), self.by_ending)
        if ending == PARQUET:
            _import_pyarrow(name)
        return self.by_ending[ending]


def table_formats(columns: Columns, to_cells: Callable[[Iterable[_Row]], Iterator[Cells]]) -> TableFormats[_Row]:
    """Return what writes rows in every format that there is for a table of columns.

    Args:
        columns: of the table.
        to_cells: gives the cells of rows; a row may have one line of them, several, or none.
    """

    def writing(write: Callable[[BinaryIO, Iterable[Cells], Columns], None]) -> WriteRows[_Row]:
        return lambda file, rows: write(file, to_cells(rows), columns)

    formats = {ending: writing(write) for ending, write in CELL_FORMATS.items()}
    return TableFormats(formats, lambda file, rows: print_csv(file, to_cells(rows), columns))


def print_csv(file: TextIO, rows: Iterable[Cells], columns: Columns) -> None:
    """Write rows as CSV text, each as it comes; an empty cell says nothing, and what is or is not, true or false."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    formats = ["" if column.decimals is None else f".{column.decimals}f" for column in columns.values()]
    for row in rows:
        cells = zip(row, formats, strict=True)
        writer.writerow(["" if cell is None else _written(cell, spec) for cell, spec in cells])


def _written(cell: str | float | bool, spec: str) -> str:
    return format(cell, spec) if not isinstance(cell, bool) else str(cell).lower()


def write_csv(file: BinaryIO, rows: Iterable[Cells], columns: Columns) -> None:
    """Write CSV in UTF-8; paths that are not UTF-8 keep their bytes."""
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="", write_through=True)
    try:
        print_csv(text, rows, columns)
    finally:
        text.detach()


def write_rows_as_jsonl(file: BinaryIO, rows: Iterable[Cells], columns: Columns) -> None:
    r"""Write an object a line, with null for what is not known; of paths, bytes that are not UTF-8 are escaped.

    The escapes are lone surrogates, `\udce9` for the byte e9, as Python's `os.fsencode` takes them back.
    """
    names = list(columns)
    for row in rows:
        file.write(json_line(dict(zip(names, row, strict=True))))


def json_line(value: Any) -> bytes:  # noqa: ANN401  any JSON value
    """Return a line of JSON in UTF-8; what is not UTF-8 in it is escaped."""
    try:
        return json.dumps(value, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(value).encode() + b"\n"


def write_parquet(file: BinaryIO, rows: Iterable[Cells], columns: Columns) -> None:
    r"""Write Parquet in row groups of `BATCH`; of paths, bytes that are not UTF-8 are shown as `\xe9`."""
    arrow = _import_pyarrow("Parquet")
    types = {str: arrow.string(), float: arrow.float64(), int: arrow.int32(), bool: arrow.bool_()}
    schema = arrow.schema([(name, types[column.kind]) for name, column in columns.items()])
    rows = iter(rows)
    with arrow.parquet.ParquetWriter(file, schema) as writer:
        while batch := list(itertools.islice(rows, BATCH)):
            values = zip(*batch, strict=True)
            arrays = [
                arrow.array([_shown(cell) for cell in column], field.type)
                for column, field in zip(values, schema, strict=True)
            ]
            writer.write_batch(arrow.record_batch(arrays, schema=schema), row_group_size=BATCH)


CELL_FORMATS: dict[str, Callable[[BinaryIO, Iterable[Cells], Columns], None]] = {
    CSV: write_csv,
    ".jsonl": write_rows_as_jsonl,
    PARQUET: write_parquet,
}
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
