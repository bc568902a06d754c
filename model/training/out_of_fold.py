"""Out-of-fold predictions: what they say about accuracy, and their file."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from base.arrays import Doubles, Labels
from base.counting import counted
from base.errors import InputError, MissingError
from base.files import write_text
from base.intervals import wilson
from model.evaluation.metrics import macro_f1

LEADING = ("file_name", "label", "fold", "prediction", "confidence")


@dataclass(frozen=True)
class Guess:
    """What a model that never saw a picture makes of it: a probability for each class, or why there is none."""

    file_name: str
    label: str
    fold: int
    classes: tuple[str, ...]
    probabilities: tuple[float, ...] | None
    error: str = ""

    @property
    def prediction(self) -> str:
        """Return the most probable class; empty where the picture could not be read."""
        return "" if self.probabilities is None else self.classes[int(np.argmax(self.probabilities))]


@dataclass(frozen=True)
class OutOfFold:
    """A prediction for each picture of a folder; figures are of those that could be read."""

    guesses: tuple[Guess, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the classes, in the order of the probabilities."""
        return self.guesses[0].classes

    @property
    def readable(self) -> tuple[Guess, ...]:
        """Return the predictions of the pictures that could be read."""
        return tuple(guess for guess in self.guesses if guess.probabilities is not None)

    def probabilities(self) -> Doubles:
        """Return the probabilities of `readable`, (N, C)."""
        return np.array([guess.probabilities for guess in self.readable], np.float64)

    def labels(self) -> Labels:
        """Return the index of the given class of each of `readable`, (N,)."""
        return np.array([self.classes.index(guess.label) for guess in self.readable], np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Return accuracy with Wilson's 95 % interval, macro-F1 and the accuracy of each fold, as JSON values."""
        labels, answers = self.labels(), self.probabilities().argmax(1)
        right = labels == answers
        folds = np.array([guess.fold for guess in self.readable])
        return {
            "n": len(right),
            "unreadable": len(self.guesses) - len(right),
            "accuracy": float(right.mean()),
            "interval": list(wilson(int(right.sum()), len(right))),
            "macro_f1": macro_f1(answers, labels),
            "folds": [
                {"fold": int(fold), "n": int((folds == fold).sum()), "accuracy": float(right[folds == fold].mean())}
                for fold in np.unique(folds)
            ],
        }

    def to_text(self) -> str:
        """Return the figures for a terminal."""
        values = self.to_dict()
        low, high = values["interval"]
        folds = ", ".join(f"{fold['accuracy']:.1%} of {fold['n']}" for fold in values["folds"])
        unread = f"\n{counted(values['unreadable'], 'picture')} could not be read" if values["unreadable"] else ""
        return (
            f"out-of-fold accuracy {values['accuracy']:.1%} (95 % interval {low:.1%} to {high:.1%}) "
            f"on {counted(values['n'], 'picture')}, macro-F1 {values['macro_f1']:.3f}\nby fold: {folds}{unread}"
        )


def write_guesses(path: Path, guesses: Sequence[Guess], classes: Sequence[str]) -> None:
    """Write predictions as CSV: file_name, label, fold, prediction, confidence, a column a class, error."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*LEADING, *classes, "error"])
    for guess in guesses:
        numbers = [f"{value:.6f}" for value in guess.probabilities or ()]
        cells = [max(numbers), *numbers] if numbers else [""] * (len(classes) + 1)
        writer.writerow([guess.file_name, guess.label, guess.fold, guess.prediction, *cells, guess.error])
    write_text(path, text.getvalue())


def read_guesses(path: Path) -> tuple[Guess, ...]:
    """Return the predictions in a file of `write_guesses`, such as the oof.csv of a cross-validation.

    Raises:
        MissingError: there is no such file.
        InputError: it is something else.
    """
    if not path.exists():
        raise MissingError(f"no predictions {path}; `boxwright train --folds` writes them")
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or tuple(rows[0][: len(LEADING)]) != LEADING or rows[0][-1] != "error":
        raise InputError(f"{path} holds no predictions: its first row is not {','.join(LEADING)},…,error")
    classes = tuple(rows[0][len(LEADING) : -1])
    try:
        return tuple(_parse(rows[1:], classes))
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}") from error


def _parse(rows: Sequence[Sequence[str]], classes: tuple[str, ...]) -> Iterator[Guess]:
    for file_name, label, fold, _, _, *cells, error in rows:
        probabilities = None if error else tuple(float(cell) for cell in cells)
        if probabilities is not None and len(probabilities) != len(classes):
            raise ValueError(
                f"{file_name} has {counted(len(probabilities), 'probability', 'probabilities')} for "
                f"{counted(len(classes), 'class', 'classes')}"
            )
        yield Guess(file_name, label, int(fold), classes, probabilities, error)
