"""Labelled pictures with what a model makes of them: what every measure of an evaluation starts from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from base.arrays import Labels, Mask, Probabilities
from base.counting import counted
from base.errors import InputError
from model.labelled_folders.folders import Example
from model.reading.images import Unreadable
from model.running.any_model import AnyModel
from model.running.predict import predict_files


@dataclass(frozen=True)
class Judged:
    """The pictures that could be read, and probabilities (N, C) in the order of `classes`."""

    classes: tuple[str, ...]
    examples: tuple[Example, ...]
    probabilities: Probabilities

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.examples)

    @cached_property
    def labels(self) -> Labels:
        """Return the index of each picture's class."""
        index_of = {name: index for index, name in enumerate(self.classes)}
        return np.array([index_of[example.label] for example in self.examples], np.int64)

    @cached_property
    def predicted(self) -> tuple[str, ...]:
        """Return the name of each picture's most probable class."""
        return tuple(self.classes[index] for index in self.probabilities.argmax(1))

    @cached_property
    def right(self) -> Mask:
        """Return which pictures' most probable class is their label."""
        right: Mask = self.probabilities.argmax(1) == self.labels
        return right


def judge(
    model: AnyModel,
    examples: Sequence[Example],
    *,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Judged, tuple[Unreadable, ...]]:
    """Classify labelled pictures, whose labels are all the model's classes; return also what could not be read.

    Raises:
        InputError: no picture could be read.
    """
    kept, rows, unreadable = [], [], []
    paths = [example.path for example in examples]
    predictions = predict_files(model, paths, threads=threads, on_progress=on_progress)
    for example, item in zip(examples, predictions, strict=True):
        if item.probabilities is None:
            unreadable.append(Unreadable(example.shown, item.error or ""))
        else:
            kept.append(example)
            rows.append(item.probabilities)
    if not kept:
        raise InputError(f"none of {counted(len(examples), 'picture')} can be read")
    return Judged(model.classes, tuple(kept), np.array(rows, np.float64)), tuple(unreadable)
