"""What a training leaves in its run folder beside the weights: settings, a row an epoch, and the curves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from generator.files import atomic_open, write_json

SETTINGS = "settings.json"
METRICS = "metrics.jsonl"
CURVES = "curves.png"

Lines = Mapping[str, Sequence[float | None]]
"""The value of each epoch by the name of the line."""


@dataclass(frozen=True)
class Epoch:
    """The figures of one epoch; those of the validation are None where nothing is held out."""

    epoch: int
    loss: float
    train_accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    learning_rate: float
    seconds: float
    images_per_s: float


def write_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write the resolved settings of the run, as JSON values."""
    write_json(folder / SETTINGS, dict(settings))


def append_epoch(folder: Path, epoch: Epoch) -> None:
    """Add a row to metrics.jsonl; it is there even when the run is killed afterwards."""
    with (folder / METRICS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(epoch)) + "\n")


def draw_curves(folder: Path, epochs: Sequence[Epoch]) -> None:
    """Draw loss and accuracy over the epochs into curves.png."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    losses: Lines = {"training": [row.loss for row in epochs], "validation": [row.val_loss for row in epochs]}
    accuracies: Lines = {
        "training": [100 * row.train_accuracy for row in epochs],
        "validation": [None if row.val_accuracy is None else 100 * row.val_accuracy for row in epochs],
    }
    _draw_lines(left, "loss", losses)
    _draw_lines(right, "accuracy, %", accuracies)
    with atomic_open(folder / CURVES) as file:
        figure.savefig(file, format="png", dpi=120)


def _draw_lines(axes: Axes, title: str, lines: Lines) -> None:
    for name, values in lines.items():
        known = [(number, value) for number, value in enumerate(values, start=1) if value is not None]
        if known:
            axes.plot(*zip(*known, strict=True), marker=".", label=name)
    axes.set_title(title, loc="left")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=True, alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
