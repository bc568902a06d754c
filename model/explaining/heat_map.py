"""A heat map: how much each part of a picture has to do with the answer, and where that is most."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from base.arrays import Floats
from model.explaining.method_names import OCCLUSION
from model.reading.crop_fitting import Shape
from model.running.stages import Fitted


@dataclass(frozen=True)
class HeatMap:
    """How much each part of a picture speaks for `label`.

    `heat` is (rows, columns), cells of one size that cover the picture. By `occlusion` it is how much of the
    probability is lost when a cell is hidden, -1 to 1, below zero where hiding makes the label more probable; by other
    methods it is 0 to 1, of the largest.
    """

    label: str
    heat: Floats
    method: str = OCCLUSION

    @cached_property
    def is_even(self) -> bool:
        """Return whether the map says nothing, all parts being alike."""
        return bool(np.ptp(self.heat) < 1e-6)

    def enlarged(self, shape: Shape) -> Floats:
        """Return the map at a size in pixels, (height, width), interpolated between the middles of cells."""
        height, width = shape
        whole = Image.fromarray(self.heat.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(whole)

    def peak(self, picture: Fitted) -> tuple[float, float]:
        """Return where the map is largest: x and y in pixels of the picture's file."""
        heat = self.enlarged((picture.pixels.shape[0], picture.pixels.shape[1]))
        row, column = np.unravel_index(int(heat.argmax()), heat.shape)
        across, down = picture.scale
        return (float(column) + 0.5) * across, (float(row) + 0.5) * down
