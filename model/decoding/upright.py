"""RGB pictures as they are seen, made row by row: upright, and laid on a ground where they can be seen through."""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from base.arrays import Opacity, Pixels
from model.decoding.ground import choose_ground, lay_on
from model.decoding.raster import Raster, spans

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_FROM_THE_END = frozenset({3, 4, 7, 8})
"""Orientations of which the first rows are the last rows or columns of the file."""

_LYING = frozenset({5, 6, 7, 8})
"""Those of which the rows are the columns of the file."""


@dataclass
class Decoded:
    """An RGB picture, upright, and what is to be said of how it was read.

    It is in sRGB. The file's samples are kept, and brought to RGB as they are asked for: it is to be used once.
    """

    raster: Raster
    notes: tuple[str, ...] = ()
    ground: str | None = None
    _last: tuple[tuple[int, int], Image.Image] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, raster: Raster) -> "Decoded":
        """Choose a ground for what a file shows, and make its first rows, so that what cannot be done fails here."""
        ground, note = _choose(raster)
        decoded = cls(raster, (*raster.notes, *((note,) if note else ())), ground)
        decoded.rows(*next(spans(decoded.size[1], decoded.size[0])))
        return decoded

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        width, height = self.raster.size
        return (height, width) if self.raster.orientation in _LYING else (width, height)

    @property
    def note(self) -> str | None:
        """Return the notes as one text."""
        return "; ".join(self.notes) or None

    @property
    def image(self) -> Image.Image:
        """Return all of it; whoever needs it smaller fits it instead, and never has all of it in memory.

        Nothing else that its file said is in it: LittleCMS writes the second into its profiles, so that whatever is
        saved of the picture, such as a report, would be other bytes each time.
        """
        width, height = self.size
        parts = list(spans(height, width))
        if len(parts) == 1:
            return self.rows(*parts[0])
        image = Image.new("RGB", self.size)
        for first, end in parts:
            image.paste(self.rows(first, end), (0, first))
        return image

    def rows(self, first: int, end: int) -> Image.Image:
        """Return the rows from `first` to before `end`."""
        if self._last is not None and self._last[0] == (first, end):
            return self._last[1]
        raster, turn = self.raster, _TURNS.get(self.raster.orientation)
        part = raster.part(self._box(first, end))
        image = raster.to_rgb(part)
        if self.ground is not None and raster.to_opacity is not None:
            image = lay_on(self.ground, image, raster.to_opacity(part))
        image = image if turn is None else image.transpose(turn)
        image = image.copy() if image is raster.samples else image  # which is not to be changed
        image.info = {}
        if first == 0:  # they are made before they are asked for
            self._last = (first, end), image
        return image

    def _box(self, first: int, end: int) -> tuple[int, int, int, int]:
        """Return which part of the file such rows are."""
        (width, height), orientation = self.raster.size, self.raster.orientation
        if orientation in _FROM_THE_END:
            first, end = self.size[1] - end, self.size[1] - first
        return (first, 0, end, height) if orientation in _LYING else (0, first, width, end)


def _choose(raster: Raster) -> tuple[str | None, str | None]:
    """Return the ground of a picture that can be seen through, and what is to be said of it."""
    width, height = raster.size
    to_opacity = raster.to_opacity
    if to_opacity is None:
        return None, None

    def look(first: int, end: int) -> tuple[Pixels, Opacity]:
        part = raster.part((0, first, width, end))
        return np.asarray(raster.to_rgb(part).convert("L")), to_opacity(part)

    return choose_ground((height, width), look)
