"""What an evaluation on screens finds: plain values, as JSON and as a report for a terminal."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from base.counting import counted
from base.intervals import Interval
from model.evaluation.evaluation_result import show
from model.reading.images import Unreadable
from model.screen_evaluation.average_precision import AveragePrecision
from model.screen_evaluation.screen_figures import ScreenFigure
from model.screen_evaluation.screen_outcomes import ScreenOutcome

HEADINGS = {
    "recall": "recall",
    "precision": "precision",
    "f1": "F1",
    "centre_recall": "by centre",
    "kind_accuracy": "kind",
    "state_accuracy": "state",
    "end_to_end_f1": "end to end",
    "false_per_screen": "false",
}
"""The columns of the tables, by figure."""

SUMMARY = (
    ("found at IoU 0.5", ("precision", "recall", "f1")),
    ("found by centre", ("centre_precision", "centre_recall", "centre_f1")),
    ("told of what is found", ("kind_accuracy", "state_accuracy")),
    ("found and state right", ("end_to_end_recall", "end_to_end_f1")),
)
"""The lines of the summary: what they are of, and their figures."""


@dataclass(frozen=True)
class FoundSlice:
    """How the widgets of one sort fared; `average_precision` is None where it was not computed."""

    name: str
    widgets: int
    screens: int
    figures: Mapping[str, ScreenFigure]
    average_precision: AveragePrecision | None


@dataclass(frozen=True)
class ScreenEvaluation:
    """The result on the screens that could be read.

    `slices` are by what widgets are sorted by: kind, size, and the lineage or layout and the library where the set
    names them; those by origin are worst first. `outcomes` are all screens, worst first.
    """

    whole: FoundSlice
    answers: int
    slices: Mapping[str, tuple[FoundSlice, ...]]
    outcomes: tuple[ScreenOutcome, ...]
    unreadable: tuple[Unreadable, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as JSON values; of the screens those with errors."""
        return {
            **_slice_values(self.whole),
            "answers": self.answers,
            "slices": {name: [_slice_values(one) for one in group] for name, group in self.slices.items()},
            "errors": [_outcome_values(outcome) for outcome in self.outcomes if outcome.errors],
            "unreadable": [{"path": str(item.path), "reason": item.reason} for item in self.unreadable],
            "warnings": list(self.warnings),
        }

    def to_text(self, *, worst: int = 10) -> str:
        """Return the evaluation as a report for a terminal, with that many of the worst screens."""
        return "\n".join(_lines(self, worst))


def show_figure(name: str, figure: ScreenFigure) -> str:
    """Return a figure as text: a share as a percentage, an F1 as a fraction; a dash where it is not known."""
    return "–" if figure.value is None else _number(name, figure.value)


def show_bounds(name: str, interval: Interval | None) -> str:
    """Return an interval as text, empty where there is none."""
    if interval is None:
        return ""
    shares = not (name.endswith("f1") or name == "false_per_screen")
    return show(interval) if shares else " to ".join(_number(name, bound) for bound in interval)


def _number(name: str, value: float) -> str:
    if name == "false_per_screen":
        return f"{value:.2f}"
    return f"{value:.3f}" if name.endswith("f1") else f"{value:.1%}"


def _slice_values(one: FoundSlice) -> dict[str, Any]:
    return asdict(one)


def _outcome_values(outcome: ScreenOutcome) -> dict[str, Any]:
    return {
        "path": str(outcome.screen.path),
        "missed": [{"box": widget.box, "kind": widget.kind, "state": widget.state} for widget in outcome.missed],
        "false": [{"box": one.box, "kind": one.kind, "confidence": one.confidence} for one in outcome.false],
        "wrong_states": [
            {"box": true.box, "kind": true.kind, "state": true.state, "told": one.state, "confidence": one.confidence}
            for one, true in outcome.wrong_states
        ],
    }


def _lines(result: ScreenEvaluation, worst: int) -> Iterator[str]:
    whole, figures = result.whole, result.whole.figures
    yield f"{counted(whole.widgets, 'widget')} on {counted(whole.screens, 'screen')}; {result.answers} found"
    for title, names in SUMMARY:
        parts = (_with_bounds(name, figures[name]) for name in names)
        yield f"{title}: {', '.join(parts)}"
    yield f"wrongly found a screen: {_with_bounds('', figures['false_per_screen'], name_of='false_per_screen')}"
    if whole.average_precision and whole.average_precision.at_half is not None:
        mean = whole.average_precision.mean or 0.0
        yield f"average precision: {whole.average_precision.at_half:.3f} at IoU 0.5, {mean:.3f} over 0.5 to 0.95"
    for title, group in result.slices.items():
        yield from ("", *slice_table(title, group))
    bad = [outcome for outcome in result.outcomes if outcome.errors]
    yield from ("", "worst screens") if bad else ()
    yield from (f"  {describe_errors(outcome)}: {outcome.screen.path}" for outcome in bad[:worst])
    yield from (f"  could not be read: {item.path}: {item.reason}" for item in result.unreadable)


def _with_bounds(words: str, figure: ScreenFigure, *, name_of: str = "") -> str:
    name = name_of or words
    bounds = show_bounds(name, figure.interval)
    shown = " ".join(part for part in (_plain_name(words), show_figure(name, figure)) if part)
    return f"{shown} ({bounds})" if bounds else shown


def _plain_name(name: str) -> str:
    words = name.removeprefix("centre_").removeprefix("end_to_end_").replace("_accuracy", "")
    return "F1" if words == "f1" else words


def describe_errors(outcome: ScreenOutcome) -> str:
    """Return in words what is wrong on a screen."""
    counts = ((outcome.missed, "missed"), (outcome.false, "false"), (outcome.wrong_states, "in the wrong state"))
    return ", ".join(f"{len(group)} {words}" for group, words in counts if group) or "nothing wrong"


def slice_table(title: str, group: Sequence[FoundSlice]) -> list[str]:
    """Return a table of slices as lines of text."""
    from rich.console import Console
    from rich.table import Table

    columns = ("widgets", *HEADINGS.values(), "AP")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(title, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for one in group:
        cells = (show_figure(name, one.figures[name]) for name in HEADINGS)
        table.add_row(one.name, str(one.widgets), *cells, show_precision(one.average_precision))
    page = io.StringIO()
    Console(file=page, width=200, color_system=None, markup=False, emoji=False, highlight=False).print(table)
    return [line.rstrip() for line in page.getvalue().splitlines()]


def show_precision(score: AveragePrecision | None) -> str:
    """Return the average precision at IoU 0.5 as text, a dash where it is not known."""
    return "–" if score is None or score.at_half is None else f"{score.at_half:.3f}"
