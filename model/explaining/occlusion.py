"""What hiding each part of a picture does to the answer, for any network."""

import math

import numpy as np

from base.arrays import Floats, Pixels
from model.classifying.classifier import Classifier
from model.running.stages import Fitted

MOST_CELLS = 320
MOST_PX = 6_000_000
"""Of all pictures that a map takes, which is what it costs: large ones get fewer cells."""

LEAST_CELL_PX = 5
"""Side of a cell in a small picture; what is hidden is twice as wide."""


def occlusion(classifier: Classifier, picture: Fitted, index: int) -> Floats:
    """Return how much of the probability of class `index` is lost where a part is hidden, (rows, columns).

    Parts are hidden under the picture's median colour, which in user interfaces is mostly the ground.
    Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, https://arxiv.org/abs/1311.2901.
    """
    height, width = picture.pixels.shape[:2]
    cells = min(MOST_CELLS, MOST_PX / (height * width))
    cell_px = max(LEAST_CELL_PX, math.ceil(math.sqrt(height * width / cells)))
    rows, columns = math.ceil(height / cell_px), math.ceil(width / cell_px)
    ground = median_colour(picture.pixels)
    hidden = [
        _hide(picture.pixels, ground, row * cell_px, column * cell_px, cell_px)
        for row in range(rows)
        for column in range(columns)
    ]
    probabilities = classifier.probabilities([picture.pixels, *hidden])[:, index]
    lost: Floats = (probabilities[0] - probabilities[1:]).reshape(rows, columns)
    return lost


def median_colour(pixels: Pixels) -> Pixels:
    """Return the median of each channel, (3,)."""
    colour: Pixels = np.median(pixels.reshape(-1, 3), axis=0).astype(np.uint8)
    return colour


def _hide(pixels: Pixels, ground: Pixels, top: int, left: int, cell_px: int) -> Pixels:
    """Return a copy with the cell, and half a cell around it, in the ground's colour."""
    margin = cell_px // 2
    copy = pixels.copy()
    copy[max(0, top - margin) : top + cell_px + margin, max(0, left - margin) : left + cell_px + margin] = ground
    return copy
