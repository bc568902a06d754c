"""The HTML report of a round trip: one self-contained file with its pictures inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from base.document import render_html
from base.files import write_text
from model.evaluation.page_parts import data_url, image_url, read_style
from model.evaluation.plots import finish
from model.reading.images import read_image

LARGEST_SIDE_PX = 420


@dataclass(frozen=True)
class Headline:
    """A number that the reader should see first."""

    value: str
    caption: str


@dataclass(frozen=True)
class ReportPicture:
    """An image as a data URL, with the words under it; `tone` is good, bad or empty."""

    source: str
    title: str = ""
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing with its heading and a sentence that says how to read it."""

    title: str
    caption: str
    source: str


@dataclass(frozen=True)
class Confusion:
    """Counts by label (rows) and prediction (columns), in the order of the classes."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class ShownSheet:
    """A contact sheet and what it shows."""

    caption: str
    source: str


@dataclass(frozen=True)
class RoundTripReport:
    """All that the page shows; `confusion` and `errors` are None where no labels are known."""

    title: str
    lead: str
    figures: tuple[Headline, ...]
    drawn: str
    sheets: tuple[ShownSheet, ...]
    curve: Chart
    confusion: Confusion | None
    queue: tuple[ReportPicture, ...]
    queue_caption: str
    errors: tuple[ReportPicture, ...] | None
    errors_caption: str
    next: str
    commands: tuple[str, ...]


def write_round_trip_report(report: RoundTripReport, path: Path) -> None:
    """Write the page, whole or not at all."""
    write_text(path, render_html("active.demo", "round_trip_report.html", {"report": report, "style": read_style()}))


def picture_of(path: Path, *, title: str, note: str, tone: str = "") -> ReportPicture:
    """Return the image at `path` for the page, large ones scaled down.

    Raises:
        ImageError: it cannot be read.
    """
    image = read_image(path)
    image.thumbnail((LARGEST_SIDE_PX, LARGEST_SIDE_PX))
    return ReportPicture(image_url(image), title, note, tone)


def draw_learning_curve(
    labels: Sequence[int], accuracy: Sequence[float], intervals: Sequence[tuple[float, float]]
) -> str:
    """Draw accuracy over the number of labels with its intervals, all fractions of 1; return a data URL."""
    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    percent = [100 * value for value in accuracy]
    below = [100 * (value - low) for value, (low, _) in zip(accuracy, intervals, strict=True)]
    above = [100 * (high - value) for value, (_, high) in zip(accuracy, intervals, strict=True)]
    axes.errorbar(labels, percent, yerr=(below, above), marker="o", capsize=4, color="#2458d3", linewidth=2)
    for count, value in zip(labels, percent, strict=True):
        axes.annotate(f"{value:.1f}", (count, value), textcoords="offset points", xytext=(8, 8))
    axes.set_xlabel("images labelled")
    axes.set_ylabel("accuracy, %")
    return data_url(finish(figure))


def draw_training_curve(epochs: Sequence[int], accuracy: Sequence[float | None]) -> str:
    """Draw validation accuracy, a fraction of 1, over epochs; return a data URL."""
    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    known = [(epoch, 100 * value) for epoch, value in zip(epochs, accuracy, strict=True) if value is not None]
    axes.plot([epoch for epoch, _ in known], [value for _, value in known], marker="o", color="#2458d3", linewidth=2)
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation accuracy, %")
    return data_url(finish(figure))
