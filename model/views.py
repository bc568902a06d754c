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
from model.geometry import Pixels, pad
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
            padded = pad(picture, model.geometry.bucket((picture.shape[0], picture.shape[1])))
            scores = score(list(_draw_views(padded, count, item)))
            yield Seen(scores.probabilities, scores.features)
        if on_progress is not None:
            on_progress(done, len(files))


def _draw_views(picture: Pixels, count: int, item: str) -> Pixels:
    """Return changed versions, (count, height, width, 3)."""
    generator = torch.Generator().manual_seed(rng_for(0, "views", item).getrandbits(63))
    pictures = to_floats(np.repeat(picture[None], count, axis=0))
    changed, _ = augment(pictures.contiguous(), torch.zeros(count, 4), generator)
    views: Pixels = (changed * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return views
