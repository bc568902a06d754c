"""Batch classification: predictions as CSV, to a file or to stdout."""

import contextlib
import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from generator.files import atomic_open
from model.exported import Classifier
from model.images import find_images
from model.predict import Prediction, predict

KIND = "kind"
BOX = ("left_px", "top_px", "width_px", "height_px")


@dataclass(frozen=True)
class ClassifyResult:
    """How many images there were, and how many of them could not be read."""

    total: int
    unreadable: int


def classify(
    model: Classifier,
    sources: Sequence[str | Path],
    *,
    output: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ClassifyResult:
    """Write a row for each image of the sources, sorted by path; see `columns`.

    Args:
        model: its classes name the columns of probabilities, in its order.
        sources: files, folders (searched below) and globs.
        output: a CSV file that appears whole or not at all; stdout when None.
        on_progress: called with images done and images in all.

    Raises:
        MissingError, InputError: a source does not exist or holds no image.
    """
    paths = find_images(sources)
    unreadable = 0
    with _opened(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns(model))
        for prediction in predict(model, paths, on_progress=on_progress):
            writer.writerow(row(prediction, model))
            unreadable += prediction.error is not None
    return ClassifyResult(len(paths), unreadable)


def columns(model: Classifier) -> list[str]:
    """Return the names of the cells; kind and box only where the model was taught to tell."""
    located = [KIND, *BOX] if model.locates else []
    return ["path", "prediction", "confidence", *model.classes, *located, "error"]


def row(prediction: Prediction, model: Classifier) -> list[str]:
    """Return the cells of a prediction's row; probabilities have four decimals, and none where there is an error."""
    path = str(prediction.path)
    if prediction.probabilities is None or prediction.index is None:
        return [path, *[""] * (len(columns(model)) - 2), prediction.error or ""]
    numbers = [f"{value:.4f}" for value in (prediction.confidence or 0.0, *prediction.probabilities)]
    located = _located(prediction) if model.locates else []
    return [path, model.classes[prediction.index], *numbers, *located, ""]


def _located(prediction: Prediction) -> list[str]:
    box = [f"{value:.1f}" for value in prediction.box] if prediction.box else [""] * len(BOX)
    return [prediction.kind or "", *box]


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """Give a text file that keeps the bytes of paths that are not UTF-8."""
    if output is None:
        yield sys.stdout
        return
    with atomic_open(output) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8", errors="surrogateescape", newline="")
        yield text
        text.flush()
        text.detach()
