"""Classifying pictures: in order, in bounded memory, one bad file at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from generator.errors import ImageError
from model.engines import AUTO, build_scorer
from model.exported import Classifier
from model.geometry import Geometry, Pixels
from model.images import decode_image
from model.locating import KINDS
from model.scorer import Floats, Scores, torch_threads

Box = tuple[float, float, float, float]
"""Left, top, width and height, in pixels of the picture."""

CHUNK = 512
"""Pictures in memory at a time; sorted by shape within, so that batches fill up."""


@dataclass(frozen=True)
class Prediction:
    """What a model makes of one picture: probabilities in the order of the model's classes, or why there are none.

    `kind` is the widget's, `none` where the picture shows none, and `box` where it is; both None where the model was
    not taught to tell.
    """

    path: Path
    probabilities: tuple[float, ...] | None
    error: str | None = None
    kind: str | None = None
    box: Box | None = None
    features: Floats | None = field(default=None, compare=False, repr=False)

    @property
    def index(self) -> int | None:
        """Return the index of the most probable class."""
        return None if self.probabilities is None else int(np.argmax(self.probabilities))

    @property
    def confidence(self) -> float | None:
        """Return the probability of that class."""
        return None if self.probabilities is None else max(self.probabilities)


def predict(
    model: Classifier,
    paths: Sequence[Path],
    *,
    threads: int | None = None,
    with_features: bool = False,
    engine: str = AUTO,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Prediction]:
    """Yield a prediction for each path, in order; a picture that cannot be read gives one with an error.

    Args:
        model: loaded by `model.exported.load_classifier`.
        paths: any number; a chunk of them is in memory at a time.
        threads: for decoding and for the network; torch's own number when None.
        with_features: attach the penultimate features, float32 (F,).
        engine: what runs the network; see `model.engines`.
        on_progress: called with (done, total).
    """
    count = threads or torch.get_num_threads()
    score = build_scorer(model, engine)
    done = 0
    with ThreadPoolExecutor(count) as pool:
        for chunk, decoded in _decode_ahead(paths, model.geometry, pool):
            with torch_threads(count):
                scores = score([item.pixels for item in decoded if isinstance(item, _Fitted)])
            row = 0
            for path, item in zip(chunk, decoded, strict=True):
                if isinstance(item, str):
                    yield Prediction(path, None, item)
                    continue
                kind, box = _locate(scores, row, item.scale) if model.locates else (None, None)
                features = scores.features[row] if with_features else None
                yield Prediction(path, tuple(scores.probabilities[row].tolist()), None, kind, box, features)
                row += 1
            done += len(chunk)
            if on_progress is not None:
                on_progress(done, len(paths))


@dataclass(frozen=True)
class _Fitted:
    """A picture at its fitted size, and how many pixels of the original one of it stands for, across and down."""

    pixels: Pixels
    scale: tuple[float, float]


def _locate(scores: Scores, row: int, scale: tuple[float, float]) -> tuple[str | None, Box | None]:
    """Return the widget's kind and its box in the original picture."""
    if scores.kinds is None or scores.boxes is None:
        return None, None
    kind = KINDS[int(scores.kinds[row].argmax())]
    if kind == KINDS[0]:
        return kind, None
    left, top, width, height = scores.boxes[row].tolist()
    return kind, (left * scale[0], top * scale[1], width * scale[0], height * scale[1])


def _decode_ahead(
    paths: Sequence[Path], geometry: Geometry, pool: ThreadPoolExecutor
) -> Iterator[tuple[Sequence[Path], list[_Fitted | str]]]:
    """Yield chunks of paths with their pixels, or the reason why there are none; the next one is read meanwhile."""

    def decode(path: Path) -> _Fitted | str:
        try:
            image = decode_image(path)
            pixels = geometry.fit(image)
            return _Fitted(pixels, (image.width / pixels.shape[1], image.height / pixels.shape[0]))
        except ImageError as error:
            return str(error)

    def submit(start: int) -> list[Future[_Fitted | str]]:
        return [pool.submit(decode, path) for path in paths[start : start + CHUNK]]

    upcoming = submit(0)
    for start in range(0, len(paths), CHUNK):
        current, upcoming = upcoming, submit(start + CHUNK)
        yield paths[start : start + CHUNK], [future.result() for future in current]
