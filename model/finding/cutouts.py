"""The crop around a candidate, as the network that reads crops is shown it."""

from collections.abc import Sequence

from PIL import Image

from model.running.readings import BoxPx

ROOM = 0.35
"""How much is shown around a widget, in shares of its shorter side."""

LEAST_ROOM_PX = 3


def cutout_box(box: Sequence[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the crop around a box, inside a picture of `size` (width, height)."""
    left, top, width, height = box
    margin = max(LEAST_ROOM_PX, ROOM * min(width, height))
    low = [_within(start - margin, most) for start, most in ((left, size[0]), (top, size[1]))]
    ends = (left + width, size[0]), (top + height, size[1])
    high = [min(most, max(first + 1, round(end + margin + 0.5))) for first, (end, most) in zip(low, ends, strict=True)]
    return low[0], low[1], high[0], high[1]


def _within(start: float, most: int) -> int:
    return min(max(0, int(start)), most - 1)


def cut_out(image: Image.Image, box: BoxPx | Sequence[float]) -> Image.Image:
    """Return the crop around a box of the picture."""
    return image.crop(cutout_box(box, image.size))
