"""A table of runs: which rows and columns, in which order, as text, CSV or JSON."""

import csv
import io
import json
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base.errors import InputError, unknown_choice
from base.files import write_text
from model.runs.run_records import RunCell, RunRecord

FIGURES = ("run", "state", "epoch", "val_accuracy", "val_macro_f1", "val_loss", "test_accuracy", "test_top_k", "test_k")
"""Columns that a table has where none are named, if any run has a value; those follow in which settings differ."""

MOST_SETTINGS = 8
"""Settings that differ beyond these are left to --columns and --diff."""

OF_THE_MACHINE = ("threads", "device", "precision", "checkpoints")
"""Settings that are no columns unless they are named."""

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}

ENDINGS = (".csv", ".json")


@dataclass(frozen=True)
class RunTable:
    """Some columns of some runs."""

    columns: tuple[str, ...]
    runs: tuple[RunRecord, ...]

    @property
    def rows(self) -> list[list[RunCell]]:
        """Return the cells, a list a run."""
        return [[run.cells.get(column) for column in self.columns] for run in self.runs]

    def to_dicts(self) -> list[dict[str, RunCell]]:
        """Return the rows as JSON values."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_text(self) -> str:
        """Return the table for a terminal, numbers to the right."""
        rows = [list(self.columns), *([show_cell(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        numeric = [any(_is_number(row[place]) for row in self.rows) for place in range(len(widths))]
        lines = []
        for row in rows:
            cells = zip(row, widths, numeric, strict=True)
            lines.append("  ".join(f"{cell:>{width}}" if right else f"{cell:{width}}" for cell, width, right in cells))
        return "\n".join(line.rstrip() for line in lines)

    def write(self, path: Path) -> None:
        """Write CSV or JSON, by the ending of the file.

        Raises:
            InputError: it has another ending.
        """
        if path.suffix == ".json":
            write_text(path, json.dumps(self.to_dicts(), indent=2, ensure_ascii=False) + "\n")
        elif path.suffix == ".csv":
            file = io.StringIO()
            csv.writer(file, lineterminator="\n").writerows([self.columns, *self.rows])
            write_text(path, file.getvalue())
        else:
            raise InputError(f"{path}: the ending says the format; available: {', '.join(ENDINGS)}")


def show_cell(cell: RunCell) -> str:
    """Return a cell as people read it; what there is none of is a dash."""
    if cell is None:
        return "-"
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def tabulate_runs(
    runs: Sequence[RunRecord],
    *,
    columns: Sequence[str] = (),
    conditions: Sequence[str] = (),
    sort: str | None = None,
    reverse: bool = False,
) -> RunTable:
    """Choose the rows and columns of a table of runs, and their order.

    Args:
        runs: what `read_runs` gives.
        columns: names of figures, sources and settings; the figures and what differs when empty.
        conditions: each as backbone=small or val_accuracy>=0.9; all must hold.
        sort: the column to sort by, best first: losses and seconds rise, other numbers fall, words rise.
        reverse: the other way round.

    Raises:
        InputError: an unknown column, a condition that is none, or no run that it holds for.
    """
    known = list(dict.fromkeys(name for run in runs for name in run.cells))
    kept = list(runs)
    for condition in conditions:
        kept = [run for run in kept if _holds(run, condition, known)]
    if not kept:
        raise InputError(f"none of {len(runs)} runs has {' and '.join(conditions)}")
    for name in (*columns, *([sort] if sort else [])):
        if name not in known:
            raise unknown_choice("column", name, known)
    if sort:
        kept = _sorted(kept, sort, reverse=reverse)
    elif reverse:
        kept.reverse()
    return RunTable(tuple(columns) or _telling(kept, known), tuple(kept))


def _telling(runs: Sequence[RunRecord], known: Sequence[str]) -> tuple[str, ...]:
    """Return the figures that some run has, and the settings in which runs differ."""
    figures = [name for name in FIGURES if any(run.figures[name] is not None for run in runs)]
    different = [name for name in known if name not in runs[0].figures and _differs(runs, name)]
    return (*figures, *[name for name in different if name not in OF_THE_MACHINE][:MOST_SETTINGS])


def _differs(runs: Sequence[RunRecord], name: str) -> bool:
    return len({run.cells.get(name) for run in runs if not run.damage}) > 1


def _sorted(runs: Sequence[RunRecord], column: str, *, reverse: bool) -> list[RunRecord]:
    """Return runs best first; those without a value come last either way."""
    with_value = [run for run in runs if run.cells.get(column) is not None]
    numeric = all(_is_number(run.cells[column]) for run in with_value)
    falls = numeric and not column.endswith(("loss", "seconds"))

    def key(run: RunRecord) -> tuple[float, str]:
        cell = run.cells[column]
        return (float(cell), "") if numeric and isinstance(cell, int | float) else (0.0, str(cell))

    with_value.sort(key=key, reverse=falls != reverse)
    return [*with_value, *(run for run in runs if run.cells.get(column) is None)]


def _holds(run: RunRecord, condition: str, known: Sequence[str]) -> bool:
    parts = re.fullmatch(r"\s*(\w+)\s*(<=|>=|!=|=|<|>)\s*(.*?)\s*", condition)
    if parts is None:
        raise InputError(f"'{condition}' is no condition; write COLUMN=VALUE, or with !=, <, <=, > or >=")
    name, sign, given = parts.groups()
    if name not in known:
        raise unknown_choice("column", name, known)
    cell = run.cells.get(name)
    if _is_number(cell) and _as_number(given) is not None:
        return COMPARISONS[sign](cell, _as_number(given))
    if sign in ("=", "!="):
        return COMPARISONS[sign](_word(cell), given.lower())
    if cell is None or _as_number(given) is not None:
        return False
    raise InputError(f"'{condition}': {name} is no number in every run; compare it with = or !=")


def _word(cell: RunCell) -> str:
    return "none" if cell is None else str(cell).lower()


def _is_number(cell: RunCell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
