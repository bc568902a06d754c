"""The two steps of classifying pictures: each is fitted, and then a network says what it makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from base.arrays import Pixels
from base.errors import ImageError
from model.decoding.upright import Decoded
from model.networks.widget_kinds import KINDS
from model.reading.crop_fitting import Geometry
from model.reading.images import decode_bytes
from model.running.readings import BoxPx, Reading
from model.running.scorer import Scorer, Scores


@dataclass(frozen=True)
class Fitted:
    """A picture at its fitted size, its own size, (width, height), and what is to be said of how it was read."""

    pixels: Pixels
    size: tuple[int, int]
    note: str | None = None

    @classmethod
    def of(cls, decoded: Decoded, geometry: Geometry) -> "Fitted":
        """Scale a decoded picture."""
        return cls(geometry.fit(decoded), decoded.size, decoded.note)

    @property
    def scale(self) -> tuple[float, float]:
        """Return how many pixels of the picture one of its fitted size stands for, across and down."""
        return self.size[0] / self.pixels.shape[1], self.size[1] / self.pixels.shape[0]


def fit_pictures(content: bytes, geometry: Geometry) -> Fitted | str:
    """Return the picture that a file's bytes hold, at its fitted size; or the reason why there is none."""
    try:
        return Fitted.of(decode_bytes(content, geometry=geometry), geometry)
    except ImageError as error:
        return str(error)


def look_at(score: Scorer, pictures: Sequence[Fitted], *, locates: bool, with_features: bool) -> list[Reading]:
    """Return what a network makes of pictures."""
    scores = score([picture.pixels for picture in pictures])
    readings = []
    for row, picture in enumerate(pictures):
        kind, box = _locate(scores, row, picture.scale) if locates else (None, None)
        probabilities = tuple(scores.probabilities[row].tolist())
        features = scores.features[row] if with_features else None
        readings.append(
            Reading(probabilities, kind=kind, box=box, size=picture.size, note=picture.note, features=features)
        )
    return readings


def _locate(scores: Scores, row: int, scale: tuple[float, float]) -> tuple[str | None, BoxPx | None]:
    """Return the widget's kind and its box in the original picture."""
    if scores.kinds is None or scores.boxes is None:
        return None, None
    kind = KINDS[int(scores.kinds[row].argmax())]
    if kind == KINDS[0]:
        return kind, None
    left, top, width, height = scores.boxes[row].tolist()
    return kind, (left * scale[0], top * scale[1], width * scale[0], height * scale[1])
