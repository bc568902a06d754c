"""Views of a picture: the changed versions that training would show, scored to see how steady a model is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from generator.errors import ImageError
from generator.seeds import rng_for
from model.augment import augment
from model.checkpoint import Model
from model.geometry import Geometry, Pixels, pad
from model.images import decode_image
from model.scorer import Floats, scorer, to_floats


@dataclass(frozen=True)
class Seen:
    """Probabilities (V, C) and features (V, F) of a picture's views, or the reason why there are none."""

    probabilities: Floats
    features: Floats
    error: str | None = None


_NOTHING = np.empty((0, 0), np.float32)


def predict_views(
    model: Model, files: Mapping[str, Path], *, count: int, on_progress: Callable[[int, int], None] | None = None
) -> Iterator[Seen]:
    """Yield what a model makes of `count` views of each picture, in order.

    Args:
        model: loaded by `model.checkpoint.load_model`.
        files: path by content hash; the hash decides on the changes, so that equal content has equal views.
        count: views of each.
        on_progress: called with (done, total).
    """
    score = scorer(model.network, model.geometry, temperature=model.temperature)
    for done, (item, path) in enumerate(files.items(), start=1):
        try:
            picture = model.geometry.fit(decode_image(path))
        except ImageError as error:
            yield Seen(_NOTHING, _NOTHING, str(error))
        else:
            scores = score(draw_views(picture, model.geometry, count=count, item=item))
            yield Seen(scores.probabilities, scores.features)
        if on_progress is not None:
            on_progress(done, len(files))


def draw_views(picture: Pixels, geometry: Geometry, *, count: int, item: str) -> list[Pixels]:
    """Return changed versions of a fitted picture, each on a canvas; the same ones for the same `item`."""
    padded = pad(picture, geometry.bucket((picture.shape[0], picture.shape[1])))
    generator = torch.Generator().manual_seed(rng_for(0, "views", item).getrandbits(63))
    pictures = to_floats(np.repeat(padded[None], count, axis=0))
    changed, _ = augment(pictures.contiguous(), torch.zeros(count, 4), generator)
    return list((changed * 255).round().byte().permute(0, 2, 3, 1).numpy())
