"""The drawings of a report, as PNG files in memory."""

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from base.intervals import Interval
from model.evaluation.metrics import CalibrationBin
from model.evaluation.robustness import RobustnessCurve

COLOUR, SOFT = "#2458d3", "#5b6675"


def finish(figure: Figure) -> bytes:
    """Return a figure with quiet axes as a PNG file."""
    for axes in figure.axes:
        axes.grid(visible=True, alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    return _png(figure)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()


def draw_reliability(bins: Sequence[CalibrationBin]) -> bytes:
    """Draw the accuracy of each bin over its confidence; a model that can be believed lies on the diagonal."""
    figure = Figure(figsize=(5.4, 4.6), layout="constrained")
    axes = figure.subplots()
    confidence, accuracy = [each.confidence for each in bins], [each.accuracy for each in bins]
    lowest = min(*confidence, *(each.interval[0] for each in bins))
    low = max(0.0, np.floor(lowest * 10) / 10)
    axes.plot((low, 1), (low, 1), color=SOFT, linestyle="--", linewidth=1, label="confidence = accuracy")
    _points(axes, confidence, accuracy, [each.interval for each in bins])
    axes.set_xlim(low - 0.02, 1.02)
    axes.set_ylim(low - 0.02, 1.02)
    axes.set_xlabel("mean confidence of a bin")
    axes.set_ylabel("accuracy")
    axes.legend(frameon=False, loc="upper left")
    return finish(figure)


def draw_confusion(classes: Sequence[str], confusion: Sequence[Sequence[int]]) -> bytes:
    """Draw counts by label (rows) and prediction (columns), shaded by their share of the label."""
    counts = np.array(confusion)
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    side = 2.2 + 0.8 * len(classes)
    figure = Figure(figsize=(side + 0.4, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        text = f"{counts[row, column]}\n{shares[row, column]:.1%}"
        axes.text(column, row, text, ha="center", va="center", color=colour)
    axes.set_xticks(range(len(classes)), classes, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(classes)), classes)
    axes.set_xlabel("prediction")
    axes.set_ylabel("label")
    return _png(figure)


def draw_robustness(curve: RobustnessCurve) -> bytes:
    """Draw accuracy over the level of a damage; a dotted line marks the picture as it is."""
    figure = Figure(figsize=(4.6, 3.4), layout="constrained")
    axes = figure.subplots()
    levels, accuracy = [point.level for point in curve.points], [point.accuracy for point in curve.points]
    axes.axvline(curve.neutral, color=SOFT, linestyle=":", linewidth=1)
    _points(axes, levels, accuracy, [point.interval for point in curve.points], line="-")
    axes.set_ylim(-0.02, 1.02)
    axes.set_title(curve.damage, loc="left")
    axes.set_xlabel(curve.unit)
    axes.set_ylabel("accuracy")
    if curve.neutral == max(levels):
        axes.invert_xaxis()
    return finish(figure)


def _points(
    axes: Axes, places: Sequence[float], values: Sequence[float], intervals: Sequence[Interval], *, line: str = ""
) -> None:
    # Rounding can put a bound a hair on the wrong side of its value, which matplotlib refuses.
    below = [max(0.0, value - low) for value, (low, _) in zip(values, intervals, strict=True)]
    above = [max(0.0, high - value) for value, (_, high) in zip(values, intervals, strict=True)]
    axes.errorbar(
        places, values, yerr=(below, above), marker="o", markersize=4, linestyle=line, capsize=3, color=COLOUR
    )
