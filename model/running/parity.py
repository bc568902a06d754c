"""Whether two ways to run a network agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from base.arrays import Floats, Pixels
from base.seeds import rng_for
from model.reading.crop_fitting import Geometry
from model.running.scorer import Scorer

EXACT = 1e-3
"""Probabilities of the same network, computed by other means in float32, differ by far less."""

PROBES = ((48, 48), (48, 131), (20, 90), (160, 37), (3, 2), (48, 700))
"""Heights and widths of crops before they are fitted: usual, small, tall, tiny and wide."""


@dataclass(frozen=True)
class Parity:
    """How a network's answers to `n` pictures compare with those of the original.

    Attributes:
        n: pictures.
        same: of which the most probable class is the same.
        largest: difference of a probability.
        mean: difference of the probabilities.
    """

    n: int
    same: int
    largest: float
    mean: float


def compare_scorers(original: Scorer, other: Scorer, pictures: Sequence[Pixels]) -> tuple[Parity, Floats, Floats]:
    """Return how two agree on fitted pictures, at least one, and the probabilities of each."""
    ours, theirs = original(pictures).probabilities, other(pictures).probabilities
    difference = np.abs(ours - theirs)
    same = int((ours.argmax(1) == theirs.argmax(1)).sum())
    return Parity(len(pictures), same, float(difference.max()), float(difference.mean())), ours, theirs


def probe_pictures(geometry: Geometry, *, rounds: int = 1) -> list[Pixels]:
    """Return crops of all sorts of sizes, fitted: flat grounds with frames and specks, the same ones every time."""
    pictures = []
    for number in range(rounds):
        for shape in PROBES:
            generator = np.random.default_rng(rng_for(number, "probe", str(shape)).getrandbits(63))
            height, width = geometry.size(shape)
            picture = np.full((height, width, 3), generator.integers(256, size=3), np.uint8)
            for _ in range(4):
                top, left = generator.integers(height), generator.integers(width)
                side = int(generator.integers(2, 24))
                picture[top : top + side, left : left + side] = generator.integers(256, size=3)
            pictures.append(picture)
    return pictures
