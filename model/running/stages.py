"""The two steps of classifying pictures: each is fitted, and then a network says what it makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from base.arrays import Floats, Pixels
from base.errors import ImageError
from model.decoding.upright import Decoded
from model.networks.widget_kinds import KINDS
from model.reading.closer_look import CloserLook
from model.reading.crop_fitting import Geometry
from model.reading.images import decode_bytes
from model.running.readings import BoxPx, Reading
from model.running.scorer import Scorer, Scores


@dataclass(frozen=True)
class Looks:
    """How a model looks at pictures: once, and again at those that it is unsure of where there is a closer look."""

    geometry: Geometry
    closer: CloserLook | None = None


@dataclass(frozen=True)
class Fitted:
    """A picture at its fitted size, its own size, (width, height), and what is to be said of how it was read.

    `kept` is what a closer look needs of it; None where there is none.
    """

    pixels: Pixels
    size: tuple[int, int]
    note: str | None = None
    kept: Image.Image | Pixels | None = None

    @classmethod
    def of(cls, decoded: Decoded, looks: Looks) -> "Fitted":
        """Scale a decoded picture."""
        kept = None if looks.closer is None else looks.closer.keep(decoded, looks.geometry)
        return cls(looks.geometry.fit(decoded), decoded.size, decoded.note, kept)

    @property
    def scale(self) -> tuple[float, float]:
        """Return how many pixels of the picture one of its fitted size stands for, across and down."""
        return self.size[0] / self.pixels.shape[1], self.size[1] / self.pixels.shape[0]


def fit_pictures(content: bytes, looks: Looks) -> Fitted | str:
    """Return the picture that a file's bytes hold, at its fitted size; or the reason why there is none."""
    try:
        return Fitted.of(decode_bytes(content, geometry=looks.geometry), looks)
    except ImageError as error:
        return str(error)


def look_at(
    score: Scorer, pictures: Sequence[Fitted], *, looks: Looks, locates: bool, with_features: bool
) -> list[Reading]:
    """Return what a network makes of pictures; kind, box and features are those of the first look."""
    scores = score([picture.pixels for picture in pictures])
    settled = _look_again(score, pictures, scores.probabilities, looks)
    readings = []
    for row, picture in enumerate(pictures):
        kind, box = _locate(scores, row, picture.scale) if locates else (None, None)
        probabilities = tuple(settled[row].tolist())
        features = scores.features[row] if with_features else None
        readings.append(
            Reading(probabilities, kind=kind, box=box, size=picture.size, note=picture.note, features=features)
        )
    return readings


def _look_again(score: Scorer, pictures: Sequence[Fitted], found: Floats, looks: Looks) -> Floats:
    """Return the probabilities, (N, classes), those of doubtful pictures as the mean of two looks."""
    if looks.closer is None:
        return found
    doubtful = np.flatnonzero(found.max(axis=1) < looks.closer.below).tolist()
    closer = {
        row: looks.closer.fit(kept, looks.geometry) for row in doubtful if (kept := pictures[row].kept) is not None
    }
    if not closer:
        return found
    rows, settled = list(closer), found.copy()
    settled[rows] = (found[rows] + score(list(closer.values())).probabilities) / 2
    return settled


def _locate(scores: Scores, row: int, scale: tuple[float, float]) -> tuple[str | None, BoxPx | None]:
    """Return the widget's kind and its box in the original picture."""
    if scores.kinds is None or scores.boxes is None:
        return None, None
    kind = KINDS[int(scores.kinds[row].argmax())]
    if kind == KINDS[0]:
        return kind, None
    left, top, width, height = scores.boxes[row].tolist()
    return kind, (left * scale[0], top * scale[1], width * scale[0], height * scale[1])
