"""CSV tables as people save them: with or without a byte order mark, and refused where a cell has no column."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from base.errors import InputError


@dataclass(frozen=True)
class CsvTable:
    """The columns of a file, and of each row the line that it ends on and its cells by column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_table(path: Path) -> CsvTable:
    """Read a CSV file; names that are not UTF-8 keep their bytes, and rows of empty cells are passed over.

    Blanks around the names of columns do not count.

    Raises:
        InputError: two columns have one name, a row has more cells than there are columns, or the file is no CSV.
    """
    text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: {error}") from error
    columns = tuple(name.strip() for name in lines[0][1]) if lines else ()
    twice = [name for name, count in Counter(columns).items() if name and count > 1]
    if twice:
        raise InputError(f"{path}: two columns are called {twice[0]}, and nobody can tell which is meant; rename one")
    for line, cells in lines[1:]:
        if any(cells[len(columns) :]):
            raise InputError(
                f"{path}:{line}: {len(cells)} cells for {len(columns)} columns; put quotes around a value with a comma"
            )
    rows = ((line, dict(zip(columns, cells, strict=False))) for line, cells in lines[1:] if any(cells))
    return CsvTable(columns, tuple((line, {name: cell for name, cell in row.items() if name}) for line, row in rows))
