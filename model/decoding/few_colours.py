"""Converting each colour of a picture once: screenshots have a thousand colours in tens of thousands of pixels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from base.arrays import Colours
from model.decoding.colour import as_image

SLOT_BITS = 14
"""A table of so many slots has room for many times the colours of a screenshot, and stays in the processor's cache."""

FEWEST_PIXELS = 4096
"""Of fewer, each is converted as it is."""

MOST_SHARE = 0.5
"""Of the pixels that may be left to convert; with more, as in a photograph, all of them are quicker."""

_SPREAD = np.uint32(2654435761)
"""Knuth's multiplier: its product's upper bits differ for colours that are near each other."""

_OPAQUE = np.uint32(0xFF000000)

Convert = Callable[[Image.Image], Image.Image]


def convert_each_once(part: Any, *, convert: Convert) -> Image.Image:  # noqa: ANN401  see `as_image`
    """Return RGB as `convert` makes it of RGB, looking at each pixel by itself; it is asked for few of them.

    Colours meet in a table by a hash of theirs; where two share a slot, the pixels of the one that is not in it are
    converted one by one. So the outcome is that of `convert` whatever the picture.
    """
    pixels = _colours_of(part)
    if pixels.size < FEWEST_PIXELS:
        return convert(as_image(part))
    slots = ((pixels * _SPREAD) >> np.uint32(32 - SLOT_BITS)).astype(np.intp)
    table = np.zeros(1 << SLOT_BITS, np.uint32)
    table[slots] = pixels
    is_other = table.take(slots, mode="wrap") != pixels  # wrapping spares numpy a look at the bounds
    chosen, others = np.flatnonzero(table != 0), np.flatnonzero(is_other)
    if chosen.size + others.size > MOST_SHARE * pixels.size:
        return convert(as_image(part))
    table[chosen] = _convert(table[chosen], convert)
    found = table.take(slots, mode="wrap")
    found[others] = _convert(pixels[others], convert)
    height, width = (part.height, part.width) if isinstance(part, Image.Image) else part.shape[:2]
    return as_image(found.view(np.uint8).reshape(height, width, 4))


def _colours_of(part: Any) -> Colours:  # noqa: ANN401  likewise
    if isinstance(part, np.ndarray) and part.dtype == np.uint8 and part.shape[2:] == (4,):
        return np.ascontiguousarray(part).view("<u4").ravel()
    colours: Colours = np.frombuffer(as_image(part).tobytes("raw", "RGBX"), "<u4") | _OPAQUE
    return colours


def _convert(colours: Colours, convert: Convert) -> Colours:
    if not colours.size:
        return colours
    converted = convert(as_image(colours.view(np.uint8).reshape(1, -1, 4)))
    return np.frombuffer(converted.tobytes("raw", "RGBX"), "<u4")
