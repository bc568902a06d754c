"""Variations of a picture: the changed versions that training would show, scored to see how steady a model is."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np

from base.arrays import Floats, Pixels
from base.errors import ImageError
from base.seeds import rng_for
from base.work import Engine
from model.networks.trained_model import Model
from model.reading.crop_fitting import Geometry, pad
from model.reading.images import decode_bytes, read_same
from model.running.runtimes import build_scorer


class ReadSame(Protocol):
    """Gives the bytes of a file that was read before; see `model.reading.images.read_same`."""

    def __call__(self, path: Path, content: str, *, since: str) -> bytes:
        """Return them; ImageError is a reason."""
        ...


A_TASK = 64
"""Pictures that are looked at together, and lost together when a process dies."""


@dataclass(frozen=True)
class ScoredVariations:
    """Probabilities (V, C) and features (V, F) of a picture's variations, or the reason why there are none."""

    probabilities: Floats
    features: Floats
    error: str | None = None


_NOTHING = np.empty((0, 0), np.float32)


def predict_variations(
    model: Model,
    files: Mapping[str, Path],
    *,
    count: int,
    engine: Engine,
    read: ReadSame = read_same,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[ScoredVariations]:
    """Yield what a model makes of `count` variations of each picture, in order.

    Args:
        model: loaded by `model.networks.trained_model.load_model`.
        files: path by content hash, which is checked; it decides on the changes, so that equal content has equal ones.
        count: variations of each.
        engine: does the work.
        read: gives the bytes of a file, and is sent to where the work is done.
        on_progress: called with (done, total).
    """
    items = iter(files.items())
    tasks = iter(lambda: list(islice(items, A_TASK)), [])
    seen = itertools.chain.from_iterable(engine.map(partial(_prepare, model, count, read), tasks))
    for done, each in enumerate(seen, start=1):
        yield each
        if on_progress is not None:
            on_progress(done, len(files))


def _prepare(model: Model, count: int, read: ReadSame) -> Callable[[list[tuple[str, Path]]], list[ScoredVariations]]:
    score = build_scorer(model)

    def see(item: str, path: Path) -> ScoredVariations:
        try:
            content = read(path, item, since="first read")
            picture = model.geometry.fit(decode_bytes(content, geometry=model.geometry))
        except ImageError as error:
            return ScoredVariations(_NOTHING, _NOTHING, str(error))
        scores = score(draw_variations(picture, model.geometry, count=count, item=item))
        return ScoredVariations(scores.probabilities, scores.features)

    return lambda files: [see(*file) for file in files]


def draw_variations(picture: Pixels, geometry: Geometry, *, count: int, item: str) -> list[Pixels]:
    """Return changed versions of a fitted picture, each on a canvas; the same ones for the same `item`."""
    import torch  # only who varies pictures waits for it

    from model.learning.augment import augment
    from model.running.torch_scorer import to_floats

    padded = pad(picture, geometry.bucket((picture.shape[0], picture.shape[1])))
    generator = torch.Generator().manual_seed(rng_for(0, "views", item).getrandbits(63))
    pictures = to_floats(np.repeat(padded[None], count, axis=0))
    changed, _ = augment(pictures.contiguous(), torch.zeros(count, 4), generator)
    return list((changed * 255).round().byte().permute(0, 2, 3, 1).numpy())
