"""How a crop becomes the network's input: one scale rule and one padding rule for all uses."""

import math
from typing import Protocol

import numpy as np
from PIL import Image
from pydantic import Field

from base.arrays import Pixels
from base.errors import ImageError
from base.settings import Settings
from model.decoding.raster import spans

Shape = tuple[int, int]
"""(height, width) in pixels."""


class Rows(Protocol):
    """An RGB picture that is made row by row."""

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        ...

    @property
    def image(self) -> Image.Image:
        """Return all of it."""
        ...

    def rows(self, first: int, end: int) -> Image.Image:
        """Return the rows from `first` to before `end`."""
        ...


MOST_CANVAS = 16
"""How many times the area of an ordinary large crop a canvas may have: a thin crop is padded to a canvas far larger."""


MOST_HEIGHTS = 4
"""How many times the height that a network looks at a fitted crop may have before it looks like more than a crop."""


class Geometry(Settings):
    """The crop geometry of a model, saved with its weights.

    A crop keeps its aspect and is never cut, because the widget may sit anywhere in it: it is brought to `height_px`,
    but not shrunk below `floor_scale` (a tall crop's box would vanish), not enlarged beyond `max_scale`, and held
    under `max_area_px` in any case.
    """

    height_px: int = Field(default=48, ge=16, le=512)
    floor_scale: float = Field(default=1 / 3, gt=0, le=1)
    max_scale: float = Field(default=2.0, ge=1)
    max_area_px: int = Field(default=48 * 1400, ge=1024)

    def size(self, shape: Shape) -> Shape:
        """Return the size to which a crop of `shape` is scaled; both as (height, width)."""
        height, width = shape
        scale = min(max(self.height_px / height, self.floor_scale), self.max_scale)
        scale = min(scale, math.sqrt(self.max_area_px / (height * width)))
        return max(1, round(height * scale)), max(1, round(width * scale))

    @property
    def most_canvas_px(self) -> int:
        """Return the area that a crop may have when it is fitted and padded."""
        return MOST_CANVAS * max(self.max_area_px, self.height_px**2)

    def takes(self, shape: Shape) -> bool:
        """Tell whether a crop of `shape` stays small enough when it is fitted and padded."""
        height, width = self.bucket(self.size(shape))
        return height * width <= self.most_canvas_px

    def refuse_thin(self, *shapes: Shape) -> None:
        """Refuse a crop so long and thin that its canvas would be huge; of several `shapes`, one has to do.

        Raises:
            ImageError: it is; the text is a short reason.
        """
        if not any(map(self.takes, shapes)):
            height, width = shapes[0]
            canvas = self.bucket(self.size(shapes[0]))
            raise ImageError(
                f"too long and thin: {width}x{height} px would be padded to {canvas[1]}x{canvas[0]} px, "
                f"at most {self.most_canvas_px} in all are taken"
            )

    def remark_on(self, shape: Shape) -> str | None:
        """Return what is to be said of a crop of `shape` that is so large that its widget would hardly be seen."""
        height, width = self.size(shape)
        is_cut_down = height < shape[0] * self.floor_scale - 1 or width < shape[1] * self.floor_scale - 1
        if not is_cut_down and height <= MOST_HEIGHTS * self.height_px:
            return None
        return f"shrunk to {self.floor_scale:.0%} or less: a crop is expected, and this is as large as a screen"

    def fit(self, picture: "Image.Image | Rows") -> Pixels:
        """Return an RGB picture scaled to its size, (height, width, 3).

        Raises:
            ImageError: see `refuse_thin`.
        """
        across, down = picture.size
        self.refuse_thin((down, across))
        height, width = self.size((down, across))
        # Hamming weighs the area under a pixel; Lanczos rings, which draws false outlines around thin borders
        filter_ = Image.Resampling.HAMMING if height < down else Image.Resampling.BICUBIC
        if not isinstance(picture, Image.Image):
            if down - height <= 2 * (across - width):
                return np.asarray(_narrowed(picture, width, filter_).resize((width, height), filter_))
            picture = picture.image  # Pillow makes the rows fewer first, and so needs all of them
        return np.asarray(picture.resize((width, height), filter_))

    def bucket(self, shape: Shape) -> Shape:
        """Return `shape` rounded up to one of few sizes, so that crops of like shape can share a batch."""
        height, width = shape
        return _round_up(max(height, self.height_px)), _round_up(max(width, self.height_px))


def _narrowed(picture: Rows, width: int, filter_: Image.Resampling) -> Image.Image:
    """Return a picture with its rows made narrower, a part at a time.

    Pillow does the same to the whole before it makes the rows fewer, unless it has far more of them to take away.
    Source: ImagingResampleInner in Pillow's Resample.c.
    """
    across, down = picture.size
    parts = list(spans(down, across))
    if len(parts) == 1:
        return picture.rows(*parts[0]).resize((width, down), filter_)
    narrow = Image.new("RGB", (width, down))
    for first, end in parts:
        narrow.paste(picture.rows(first, end).resize((width, end - first), filter_), (0, first))
    return narrow


def _round_up(length: int) -> int:
    """Round up to a multiple of 16, or of a quarter of the power of two below for lengths over 128."""
    step = max(16, 1 << max(0, (length - 1).bit_length() - 3))
    return -(-length // step) * step


def centred(shape: Shape, canvas: Shape) -> Shape:
    """Return (top, left) of a picture of `shape` in the middle of a canvas."""
    return (canvas[0] - shape[0]) // 2, (canvas[1] - shape[1]) // 2


def pad(pixels: Pixels, shape: Shape, *, offset: Shape | None = None) -> Pixels:
    """Return `pixels` on a canvas of `shape`, the room around them filled by repeating their edges.

    Args:
        pixels: not larger than `shape`.
        shape: the canvas.
        offset: where the top left corner goes; centred when None.
    """
    height, width = pixels.shape[:2]
    top, left = offset if offset is not None else centred((height, width), shape)
    bottom, right = top + height, left + width
    canvas = np.empty((*shape, 3), np.uint8)  # np.pad takes ten times as long
    canvas[top:bottom, left:right] = pixels
    canvas[top:bottom, :left] = pixels[:, :1]
    canvas[top:bottom, right:] = pixels[:, -1:]
    canvas[:top] = canvas[top]
    canvas[bottom:] = canvas[bottom - 1]
    return canvas
