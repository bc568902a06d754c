"""Why a picture is taken for what it is: how much hiding each part of it changes the answer."""

import math
from dataclasses import dataclass

import numpy as np

from base.arrays import Floats, Pixels
from model.classifying.classifier import Classifier
from model.running.stages import Fitted

MOST_CELLS = 320
MOST_PX = 6_000_000
"""Of all pictures that a map takes, which is what it costs: large ones get fewer cells."""

LEAST_CELL_PX = 5
"""Side of a cell in a small picture; what is hidden is twice as wide."""


@dataclass(frozen=True)
class HeatMap:
    """How much of the probability of `label` is lost when a cell of the picture is hidden.

    `heat` is (rows, columns), -1 to 1; below zero where hiding makes the label more probable.
    """

    label: str
    heat: Floats


def draw_heat_map(classifier: Classifier, picture: Fitted) -> HeatMap:
    """Return the heat map of the most probable class by occlusion, for any network.

    Parts are hidden under the picture's median colour, which in user interfaces is mostly the ground.
    Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901.
    """
    height, width = picture.pixels.shape[:2]
    cells = min(MOST_CELLS, MOST_PX / (height * width))
    cell_px = max(LEAST_CELL_PX, math.ceil(math.sqrt(height * width / cells)))
    rows, columns = math.ceil(height / cell_px), math.ceil(width / cell_px)
    hidden = [
        _hide(picture.pixels, row * cell_px, column * cell_px, cell_px)
        for row in range(rows)
        for column in range(columns)
    ]
    probabilities = classifier.probabilities([picture.pixels, *hidden])
    best = int(probabilities[0].argmax())
    heat = (probabilities[0, best] - probabilities[1:, best]).reshape(rows, columns)
    return HeatMap(classifier.model.classes[best], heat)


def _hide(pixels: Pixels, top: int, left: int, cell_px: int) -> Pixels:
    """Return a copy with the cell, and half a cell around it, in the median colour."""
    margin = cell_px // 2
    copy = pixels.copy()
    part = copy[max(0, top - margin) : top + cell_px + margin, max(0, left - margin) : left + cell_px + margin]
    part[:] = np.median(pixels.reshape(-1, 3), axis=0).astype(np.uint8)
    return copy
