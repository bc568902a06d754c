"""A picture between its file and the RGB pixels that everybody gets: in sRGB, with its transparency, as it lies."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from base.arrays import Pixels
from base.errors import ImageError

CheckSize = Callable[[int, int], None]
"""Raises ImageError for a width and a height that are too much; called before memory is taken for the pixels."""


@dataclass(frozen=True)
class Raster:
    """What a file shows.

    Attributes:
        image: RGB, in sRGB.
        alpha: its opacity, mode L; None where all of it is opaque.
        orientation: as EXIF counts, 1 where it is upright.
        notes: what of the file was not used, or how it was understood where it does not say.
    """

    image: Image.Image
    alpha: Image.Image | None = None
    orientation: int = 1
    notes: tuple[str, ...] = ()


def look_up(indices: npt.NDArray[np.uint8], palette: Pixels, notes: list[str]) -> Pixels:
    """Return the colours of a palette (N, 3) at indices; one that is not in it is black, as all readers have it.

    Raises:
        ImageError: there is no palette.
    """
    if not len(palette):
        raise ImageError("is damaged (no palette)")
    beyond = int(indices.max()) + 1 - len(palette)
    if beyond > 0:
        notes.append("colours beyond the palette: taken as black")
        palette = np.pad(palette, ((0, beyond), (0, 0)))
    return palette[indices]
