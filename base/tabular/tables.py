"""CSV tables as people save them: any usual delimiter and encoding, and refused where a cell has no column."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from base.file_texts import read_file_text

DELIMITERS = (",", ";", "\t", "|")
"""The comma, what spreadsheets write where the comma is the decimal point, and what is copied from them."""

_DELIMITER_LINE = re.compile(r"sep=(.)\r?\n")


@dataclass(frozen=True)
class CsvTable:
    """The columns of a file, and of each row the line that it ends on and its cells by column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def fold_column(name: str) -> str:
    """Return what the ways to write a column's name share: no case, no blanks around it, one sign between words."""
    return "_".join(name.casefold().split())


def read_table(path: Path, *, column: str | Sequence[str] = ()) -> CsvTable:
    """Read a CSV file; names that are not UTF-8 keep their bytes, and rows of empty cells are passed over.

    Blanks around the names of columns do not count.

    Args:
        path: the file.
        column: one that must be there, or one of several, whatever its case; the delimiter is the one that makes the
            first line have it.

    Raises:
        InputError: two columns have one name, a row has more cells than there are columns, or the file is no CSV.
    """
    text = read_file_text(path)
    said = _DELIMITER_LINE.match(text)
    body = text[said.end() :] if said else text
    try:
        delimiter = said[1] if said else _delimiter(body, [column] if isinstance(column, str) else column)
        lines = [(line + bool(said), cells) for line, cells in _read_lines(body, delimiter)]
    except csv.Error as error:
        raise InputError(f"{path}: {error}; is it a CSV file?") from error
    columns = tuple(name.strip() for name in lines[0][1]) if lines else ()
    _refuse_columns(path, columns)
    for line, cells in lines[1:]:
        if any(cells[len(columns) :]):
            raise InputError(
                f"{path}:{line}: {counted(len(cells), 'cell')} for {counted(len(columns), 'column')}; "
                f"put quotes around a value with {_NAMES.get(delimiter, delimiter)}"
            )
    rows = ((line, dict(zip(columns, cells, strict=False))) for line, cells in lines[1:] if any(cells))
    return CsvTable(columns, tuple((line, {name: cell for name, cell in row.items() if name}) for line, row in rows))


_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


def _refuse_columns(path: Path, columns: Sequence[str]) -> None:
    twice = [name for name, count in Counter(map(fold_column, columns)).items() if name and count > 1]
    if twice:
        raise InputError(f"{path}: two columns are called {twice[0]}, and nobody can tell which is meant; rename one")


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """Return the delimiter by which the first line names a column; csv.Sniffer would guess by the rows."""
    head = {delimiter: next(_parse(text, delimiter), (0, []))[1] for delimiter in DELIMITERS}
    fits = (delimiter for delimiter, cells in head.items() if {*columns} & {*map(fold_column, cells)})
    return next(fits, DELIMITERS[0])


def _read_lines(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the cells of each line; blanks after delimiters do not count where the file is written with them."""
    lines = list(_parse(text, delimiter))
    head = lines[0][1][1:] if lines else []
    spaced = bool(head) and all(cell.startswith(" ") for cell in head)
    if spaced or any(re.match(r' +"', cell) for _, cells in lines for cell in cells[1:]):
        return list(_parse(text, delimiter, spaced=True))
    return lines


def _parse(text: str, delimiter: str, *, spaced: bool = False) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=spaced)
    return ((reader.line_num, cells) for cells in reader)
