"""A picture between its file and the RGB pixels that everybody gets: its samples, and what brings a part of them there.

In parts, because what lies between the samples and the pixels takes several times the room of either.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from base.arrays import Opacity, Pixels
from base.errors import ImageError

CheckSize = Callable[[int, int], None]
"""Raises ImageError for a width and a height that are too much; called before memory is taken for the pixels."""

PART_PIXELS = 1 << 18
"""Brought to RGB at a time."""


@dataclass(frozen=True)
class Raster:
    """What a file shows.

    Attributes:
        samples: as they lie in the file: a picture of any mode, or an array (height, width, ...).
        to_rgb: makes a part of them RGB, in sRGB.
        to_opacity: tells how opaque a part of them is; None where all is opaque.
        orientation: as EXIF counts, 1 where it is upright.
        notes: what of the file was not used, or how it was understood where it does not say.
    """

    samples: Image.Image | npt.NDArray[Any]
    to_rgb: Callable[[Any], Image.Image]
    to_opacity: Callable[[Any], Opacity] | None = None
    orientation: int = 1
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height, as it lies."""
        if isinstance(self.samples, Image.Image):
            return self.samples.size
        return self.samples.shape[1], self.samples.shape[0]

    def part(self, box: tuple[int, int, int, int]) -> Image.Image | npt.NDArray[Any]:
        """Return the samples between left, top, right and bottom, which are not to be changed."""
        if isinstance(self.samples, Image.Image):
            return self.samples if box == (0, 0, *self.samples.size) else self.samples.crop(box)
        left, top, right, bottom = box
        return self.samples[top:bottom, left:right]


def spans(length: int, across: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last but one of the rows of each part, of `length` rows that are `across` wide."""
    step = max(1, PART_PIXELS // across)
    for start in range(0, length, step):
        yield start, min(length, start + step)


def whole_palette(palette: Pixels, indices: npt.NDArray[np.uint8], notes: list[str]) -> Pixels:
    """Return a palette (N, 3) with all colours that are used; one that is not in it is black, as all readers have it.

    Raises:
        ImageError: there is no palette.
    """
    if not len(palette):
        raise ImageError("is damaged (no palette)")
    beyond = int(indices.max()) + 1 - len(palette)
    if beyond > 0:
        notes.append("colours beyond the palette: taken as black")
        palette = np.pad(palette, ((0, beyond), (0, 0)))
    return palette
