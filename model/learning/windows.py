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


def cut_window(sample: Sample, rng: np.random.Generator, *, scale: float = 1.0) -> Sample:
    """Return a window of a long picture, or the picture as it is.

    The widget stays inside, and so it is only cut where the widget is known, or known to be missing.

    Args:
        sample: the picture.
        rng: of where the window is.
        scale: of the picture, and so of the window and its margin.
    """
    window_px, margin_px = round(WINDOW_PX * scale), round(MARGIN_PX * scale)
    width, has_box = sample.pixels.shape[1], bool(sample.box[2] > 0)
    known = has_box or sample.kind == KINDS.index("none")
    if not known or width <= 1.2 * window_px or rng.random() >= CUT_SHARE:
        return sample
    low, high = 0, width - window_px
    if has_box:
        left, _, box_width, _ = sample.box
        low = max(low, int(left + box_width + margin_px) - window_px)
        high = min(high, int(left - margin_px))
    if low > high:
        return sample
    start = int(rng.integers(low, high + 1))
    return Sample(sample.pixels[:, start : start + window_px], sample.kind, sample.moved(-start, 0))
