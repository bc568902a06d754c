"""A picture between its file and the RGB pixels that everybody gets: in sRGB, with its transparency, as it lies."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

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
