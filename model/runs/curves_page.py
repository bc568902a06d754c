"""A page of runs: their table, and their curves drawn as SVG, so that it needs no network and no plotting library."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.document import render_html
from base.files import write_text
from model.evaluation.page_parts import read_style
from model.runs.run_records import RunRecord
from model.runs.run_table import RunTable, show_cell

CURVES = {
    "val_accuracy": "accuracy on the validation pictures",
    "val_loss": "loss on the validation pictures",
    "loss": "loss in training",
    "learning_rate": "learning rate",
}
"""Figure of an epoch to what its chart is called."""

WIDTH, HEIGHT, LEFT, BOTTOM, MARGIN = 520, 260, 66, 24, 10
"""Of a chart and of the room for its numbers, in pixels."""


@dataclass(frozen=True)
class RunCurve:
    """A run's line in a chart: SVG's points, and what is said of it."""

    name: str
    colour: str
    points: str
    last: str


@dataclass(frozen=True)
class RunChart:
    """The lines of all runs, and the numbers at the axes, each with its place."""

    title: str
    curves: tuple[RunCurve, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]


def write_runs_page(table: RunTable, path: Path, *, folder: Path) -> None:
    """Write the page of the runs of a table, whole or not at all."""
    colours = [f"hsl({(place * 137.5) % 360:.0f} 65% 48%)" for place in range(len(table.runs))]
    charts = [_chart(figure, title, table.runs, colours) for figure, title in CURVES.items()]
    values = {
        "style": read_style(),
        "folder": folder,
        "columns": table.columns,
        "rows": [[show_cell(cell) for cell in row] for row in table.rows],
        "colours": colours,
        "names": [run.name for run in table.runs],
        "charts": [chart for chart in charts if chart is not None],
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "bottom": BOTTOM,
        "margin": MARGIN,
    }
    write_text(path, render_html("model.runs", "curves_page.html", values))


def _line(run: RunRecord, figure: str) -> list[tuple[int, float]]:
    """Return the epochs that have a figure, and what it was."""
    return [(row["epoch"], row[figure]) for row in run.epochs if row.get(figure) is not None]


def _chart(figure: str, title: str, runs: Sequence[RunRecord], colours: Sequence[str]) -> RunChart | None:
    """Return the chart of a figure; None where no run has it."""
    lines = [_line(run, figure) for run in runs]
    values = [value for line in lines for _, value in line]
    if not values:
        return None
    low, high, longest = min(values), max(values), max(epoch for line in lines for epoch, _ in line)
    room = (high - low) or abs(high) or 1.0

    def x(epoch: float) -> float:
        return round(LEFT + (WIDTH - LEFT - MARGIN) * (epoch - 1) / max(1, longest - 1), 1)

    def y(value: float) -> float:
        return round(MARGIN + (HEIGHT - MARGIN - BOTTOM) * (high - value) / room, 1)

    curves = [
        RunCurve(run.name, colour, " ".join(f"{x(epoch)},{y(value)}" for epoch, value in line), show_cell(line[-1][1]))
        for run, colour, line in zip(runs, colours, lines, strict=True)
        if line
    ]
    marks = [low + room * part / 4 for part in range(5)] if high > low else [low]
    steps = sorted({1, *(round(1 + (longest - 1) * part / 4) for part in range(1, 5))})
    across, up = tuple((x(step), str(step)) for step in steps), tuple((y(mark), f"{mark:.3g}") for mark in marks)
    return RunChart(title, tuple(curves), across, up)
