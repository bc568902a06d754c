"""Classifying pictures: in order, in bounded memory, one bad file at a time, each crop on a canvas of its own."""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from generator.errors import ImageError
from model.backbones import Backbone, channels_last
from model.checkpoint import Model
from model.folding import fold_batch_norm
from model.geometry import Geometry, Pixels, Shape, pad
from model.images import decode_image

Floats = npt.NDArray[np.float32]

CHUNK = 512
"""Pictures in memory at a time; sorted by shape within, so that batches fill up."""

BATCH = 8
"""Small batches stay in the processor's cache: 64 at a time are slower."""


@dataclass(frozen=True)
class Prediction:
    """What a model makes of one picture: probabilities in the order of the model's classes, or why there are none."""

    path: Path
    probabilities: tuple[float, ...] | None
    error: str | None = None
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
    model: Model,
    paths: Sequence[Path],
    *,
    threads: int | None = None,
    with_features: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Prediction]:
    """Yield a prediction for each path, in order; a picture that cannot be read gives one with an error.

    Args:
        model: loaded by `model.checkpoint.load_model`.
        paths: any number; a chunk of them is in memory at a time.
        threads: for decoding and for the network; torch's own number when None.
        with_features: attach the penultimate features, float32 (F,).
        on_progress: called with (done, total).
    """
    count = threads or torch.get_num_threads()
    score = scorer(model.network, model.geometry, temperature=model.temperature)
    done = 0
    with ThreadPoolExecutor(count) as pool:
        for chunk, decoded in _decode_ahead(paths, model.geometry, pool):
            pixels = [item for item in decoded if not isinstance(item, str)]
            with torch_threads(count):
                probabilities, features = score(pixels)
            rows = zip(probabilities, features, strict=True)
            for path, item in zip(chunk, decoded, strict=True):
                if isinstance(item, str):
                    yield Prediction(path, None, item)
                else:
                    row, feature = next(rows)
                    yield Prediction(path, tuple(row.tolist()), None, feature if with_features else None)
            done += len(chunk)
            if on_progress is not None:
                on_progress(done, len(paths))


def _decode_ahead(
    paths: Sequence[Path], geometry: Geometry, pool: ThreadPoolExecutor
) -> Iterator[tuple[Sequence[Path], list[Pixels | str]]]:
    """Yield chunks of paths with their pixels, or the reason why there are none; the next one is read meanwhile."""

    def decode(path: Path) -> Pixels | str:
        try:
            return geometry.fit(decode_image(path))
        except ImageError as error:
            return str(error)

    def submit(start: int) -> list[Future[Pixels | str]]:
        return [pool.submit(decode, path) for path in paths[start : start + CHUNK]]

    upcoming = submit(0)
    for start in range(0, len(paths), CHUNK):
        current, upcoming = upcoming, submit(start + CHUNK)
        yield paths[start : start + CHUNK], [future.result() for future in current]


class _WithFeatures(nn.Module):
    """Gives logits and features in one pass."""

    def __init__(self, network: Backbone) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        features = self.network.features(pictures)
        return self.network.head(features), features


Scorer = Callable[[Sequence[Pixels]], tuple[Floats, Floats]]


def scorer(network: Backbone, geometry: Geometry, *, temperature: float = 1.0) -> Scorer:
    """Return a function from pictures at their fitted size to probabilities (N, C) and features (N, F), in order.

    The network is copied as it is now, its batch normalisation folded into its convolutions. Each picture is
    padded to its own bucket, so that its result does not depend on its company. Logits are divided by `temperature`.
    """
    with torch.no_grad():
        folded = channels_last(fold_batch_norm(_WithFeatures(network)))

    def score(pixels: Sequence[Pixels]) -> tuple[Floats, Floats]:
        probabilities = np.empty((len(pixels), network.head.out_features), np.float32)
        features = np.empty((len(pixels), network.head.in_features), np.float32)
        for indices, shape in _by_bucket(pixels, geometry):
            batch = np.stack([pad(pixels[index], shape) for index in indices])
            with torch.inference_mode():
                logits, penultimate = folded(to_floats(batch))
                probabilities[indices] = (logits / temperature).softmax(1).numpy()
                features[indices] = penultimate.numpy()
        return probabilities, features

    return score


def _by_bucket(pixels: Sequence[Pixels], geometry: Geometry) -> Iterator[tuple[list[int], Shape]]:
    buckets: defaultdict[Shape, list[int]] = defaultdict(list)
    for index, picture in enumerate(pixels):
        buckets[geometry.bucket((picture.shape[0], picture.shape[1]))].append(index)
    for shape, indices in sorted(buckets.items()):
        for start in range(0, len(indices), BATCH):
            yield indices[start : start + BATCH], shape


def to_floats(pictures: Pixels) -> Tensor:
    """Return uint8 pictures (N, H, W, 3) as floats (N, 3, H, W) in 0..1, laid out channels last."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255)


@contextlib.contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch use `count` threads, and put the number back afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
