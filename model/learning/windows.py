"""Cutting long generated crops to a window around the widget: less to compute, and another surrounding each time."""

from dataclasses import dataclass

import numpy as np

from base.arrays import Floats, Pixels
from model.networks.widget_kinds import KINDS

WINDOW_PX = 192
"""How wide a window is; pictures that are less than a fifth wider stay whole."""

CUT_SHARE = 0.75
"""How often a long picture is cut; the others teach to read long ones."""

MARGIN_PX = 6
"""What is kept around the widget."""


@dataclass(frozen=True)
class Sample:
    """A picture with the index of its widget's kind and its box, as in `model.learning.batches.TrainingSet`."""

    pixels: Pixels
    kind: int
    box: Floats

    def moved(self, right: float, down: float) -> Floats:
        """Return the box that many pixels further right and down; no box stays none."""
        shift = np.array([right, down, 0, 0], np.float32)
        return self.box + shift if self.box[2] > 0 else self.box


def cut_window(sample: Sample, rng: np.random.Generator) -> Sample:
    """Return a window of a long picture, or the picture as it is.

    The widget stays inside, and so it is only cut where the widget is known, or known to be missing.
    """
    width, has_box = sample.pixels.shape[1], bool(sample.box[2] > 0)
    known = has_box or sample.kind == KINDS.index("none")
    if not known or width <= 1.2 * WINDOW_PX or rng.random() >= CUT_SHARE:
        return sample
    low, high = 0, width - WINDOW_PX
    if has_box:
        left, _, box_width, _ = sample.box
        low = max(low, int(left + box_width + MARGIN_PX) - WINDOW_PX)
        high = min(high, int(left - MARGIN_PX))
    if low > high:
        return sample
    start = int(rng.integers(low, high + 1))
    return Sample(sample.pixels[:, start : start + WINDOW_PX], sample.kind, sample.moved(-start, 0))
