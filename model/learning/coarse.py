"""Pictures at two thirds of their size: what the first epochs may learn from, at about half the cost.

The other epochs see them whole, since that is how a network is asked about them.
Source: Touvron et al. 2019, https://arxiv.org/abs/1906.06423, and fastai's progressive resizing.
"""

import numpy as np
from PIL import Image

from base.arrays import Floats, Pixels
from model.reading.crop_fitting import Geometry

COARSE_SCALE = 2 / 3
"""The scale of coarse pictures: 48 px become 32, which is the least that networks take."""

LEAST_HEIGHT_PX = 32
"""No canvas is lower than this, however low a geometry is."""


def scaled_geometry(geometry: Geometry, scale: float) -> Geometry:
    """Return a geometry whose canvases suit pictures at a scale."""
    height_px = max(min(geometry.height_px, LEAST_HEIGHT_PX), round(geometry.height_px * scale))
    return geometry.model_copy(update={"height_px": height_px})


def shrink(pixels: Pixels, box: Floats, scale: float) -> tuple[Pixels, Floats]:
    """Return a picture at a scale, at least 1 px each way, and its box, (4,), likewise."""
    height, width = pixels.shape[:2]
    down, across = max(1, round(height * scale)), max(1, round(width * scale))
    shrunk = Image.fromarray(pixels).resize((across, down), Image.Resampling.HAMMING)
    return np.asarray(shrunk), box * np.array([across / width, down / height] * 2, np.float32)
