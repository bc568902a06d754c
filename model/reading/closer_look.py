"""A second, closer look at the crops that a network is unsure of at its usual size."""

import math

import numpy as np
from PIL import Image
from pydantic import Field

from base.arrays import Pixels
from base.settings import Settings
from model.reading.crop_fitting import Geometry, Rows

MOST_KEPT = 2
"""How many times the area of its closer look a picture may have to be kept until one is needed."""


class CloserLook(Settings):
    """When a network looks again, and how much closer; saved with its weights.

    What it gives less than `below` to, it sees again `scale` times as large; the mean of both looks counts. Networks
    that look at any size see other details in a larger picture, and few crops need it. Source: multi-scale testing, as
    of Simonyan and Zisserman (2015), for the doubtful alone.
    """

    scale: float = Field(gt=1, le=4)
    below: float = Field(gt=0, le=1)

    def geometry(self, first: Geometry) -> Geometry:
        """Return how crops are fitted for the closer look."""
        return first.model_copy(
            update={
                "height_px": round(first.height_px * self.scale),
                "floor_scale": min(1.0, first.floor_scale * self.scale),
                "max_scale": first.max_scale * self.scale,
                "max_area_px": math.floor(first.max_area_px * self.scale**2),
            }
        )

    def keep(self, picture: "Image.Image | Rows", first: Geometry) -> "Image.Image | Pixels":
        """Return what `fit` needs of a picture: itself where it is small, or at its size of the closer look.

        Most pictures need no closer look, and are not scaled for one; what is kept is bounded all the same.
        """
        geometry, (width, height) = self.geometry(first), picture.size
        if width * height <= MOST_KEPT * math.prod(geometry.size((height, width))):
            return picture if isinstance(picture, Image.Image) else picture.image
        return geometry.fit(picture)

    def fit(self, kept: "Image.Image | Pixels", first: Geometry) -> Pixels:
        """Return what was kept at the size of the closer look, (height, width, 3)."""
        return kept if isinstance(kept, np.ndarray) else self.geometry(first).fit(kept)
