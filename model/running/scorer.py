"""Pictures of many sizes through a network in batches: each on a canvas of its own, whatever runs the network."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from base.arrays import Floats, Pixels
from base.threads import core_count
from model.reading.crop_fitting import Geometry, Shape, centred, pad
from model.running.graph_names import BOXES

BATCH = 8
"""Small batches stay in the processor's cache: 64 at a time are slower."""


@dataclass(frozen=True)
class Scores:
    """What a network makes of N pictures.

    Attributes:
        probabilities: (N, classes).
        features: (N, F), penultimate.
        kinds: (N, kinds), probabilities of the widget's kind in the order of `networks.widget_kinds.KINDS`; None where
            the network has no such head.
        boxes: (N, 4), where the widget is in the fitted picture: left, top, width, height; None likewise.
    """

    probabilities: Floats
    features: Floats
    kinds: Floats | None = None
    boxes: Floats | None = None


Scorer = Callable[[Sequence[Pixels]], Scores]

Forward = Callable[[Pixels], Sequence[Floats]]
"""A network at work: pictures of one size, (N, H, W, 3), to the outputs of `model.running.graph`."""


def score_in_batches(
    run: Forward, widths: Mapping[str, int], geometry: Geometry, *, threads: int | None = None
) -> Scorer:
    """Return a function from pictures at their fitted size to their scores, in order.

    Each picture is padded to its own bucket, so that its result does not depend on its company. Each batch is one
    thread's work, `threads` at a time: threads that share the work on a small batch wait for each
    other, ten times as long as they work where the machine is busy, and the last digits would follow their number.

    Args:
        run: computes a batch.
        widths: of its outputs, by name, in order.
        geometry: the model's.
        threads: as many as there are cores when None.
    """
    most = threads or core_count()

    def score(pixels: Sequence[Pixels]) -> Scores:
        tables = {name: np.empty((len(pixels), width), np.float32) for name, width in widths.items()}

        def fill(batch: tuple[list[int], Shape]) -> None:
            indices, shape = batch
            outputs = run(np.stack([pad(pixels[index], shape) for index in indices]))
            for name, values in zip(tables, outputs, strict=True):
                tables[name][indices] = values
            if BOXES in tables:
                tables[BOXES][indices] -= np.array([_shift(pixels[index], shape) for index in indices], np.float32)

        work = list(_by_bucket(pixels, geometry))
        if min(most, len(work)) < 2:
            list(map(fill, work))
        else:
            with ThreadPoolExecutor(most) as pool:
                list(pool.map(fill, work))
        return Scores(**tables)

    return score


def _shift(picture: Pixels, canvas: Shape) -> tuple[float, float, float, float]:
    """Return how far `pad` moves a picture, and with it a box."""
    top, left = centred((picture.shape[0], picture.shape[1]), canvas)
    return left, top, 0, 0


def batches(pixels: Sequence[Pixels], geometry: Geometry) -> Iterator[Pixels]:
    """Yield pictures on their canvases in batches as a scorer makes them, (N, H, W, 3)."""
    for indices, shape in _by_bucket(pixels, geometry):
        yield np.stack([pad(pixels[index], shape) for index in indices])


def _by_bucket(pixels: Sequence[Pixels], geometry: Geometry) -> Iterator[tuple[list[int], Shape]]:
    buckets: defaultdict[Shape, list[int]] = defaultdict(list)
    for index, picture in enumerate(pixels):
        buckets[geometry.bucket((picture.shape[0], picture.shape[1]))].append(index)
    for shape, indices in sorted(buckets.items()):
        for start in range(0, len(indices), BATCH):
            yield indices[start : start + BATCH], shape
