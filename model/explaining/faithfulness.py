"""Whether a heat map means anything: what becomes of the answer where its hottest parts are taken away or put back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from base.arrays import Floats, Indices, Pixels
from base.seeds import rng_for
from model.classifying.classifier import Classifier
from model.explaining.heat_map import HeatMap
from model.explaining.occlusion import median_colour
from model.running.stages import Fitted

STEPS = 20
"""So many parts of equal area are taken away, one after the other."""

BLUR_PX = 8
"""Of the picture that insertion begins with; a mark cannot be told any more."""

GRAIN_PX = 8
"""Side of the cells of a random map: single pixels at random would destroy every mark at once."""


@dataclass(frozen=True)
class Faithfulness:
    """The mean probability of the class while the hottest parts come, and while they go; 0 to 1.

    A map that points at what decides has a high `insertion` and a low `deletion`.
    """

    insertion: float
    deletion: float

    @property
    def score(self) -> float:
        """Return how far insertion is above deletion."""
        return self.insertion - self.deletion


@dataclass(frozen=True)
class ComparedFaithfulness:
    """A map's faithfulness beside that of two maps that know nothing: a random one, and a spot in the middle."""

    own: Faithfulness
    random: Faithfulness
    centred: Faithfulness

    @property
    def gain(self) -> float:
        """Return how much better the score is than a random map's."""
        return self.own.score - self.random.score

    @property
    def gain_over_centred(self) -> float:
        """Return how much better the score is than that of a spot in the middle."""
        return self.own.score - self.centred.score


def measure_faithfulness(
    classifier: Classifier, picture: Fitted, found: HeatMap, *, seed: int = 0, name: str = ""
) -> ComparedFaithfulness:
    """Return insertion and deletion of a map, and of the two that know nothing.

    Deletion paints the hottest parts of the picture over in its median colour, insertion puts them back into a blurred
    picture, 5 % of its area at a time; both are areas under the curve. Petsiuk, Das and Saenko 2018, RISE,
    https://arxiv.org/abs/1806.07421.

    Args:
        classifier: whose map it is.
        picture: what it is of.
        found: the map.
        seed: of the random map.
        name: tells pictures apart, so that each has a random map of its own.
    """
    shape = (picture.pixels.shape[0], picture.pixels.shape[1])
    maps = [found.enlarged(shape), random_map(shape, seed, name), centred_map(shape)]
    index = classifier.model.classes.index(found.label)
    own, random, centred = _measure(classifier, picture.pixels, maps, index)
    return ComparedFaithfulness(own, random, centred)


def random_map(shape: tuple[int, int], seed: int, name: str) -> Floats:
    """Return a map of cells drawn at random, at the size in pixels."""
    rng = np.random.default_rng(rng_for(seed, name, "random map").getrandbits(64))
    rows, columns = (max(1, -(-side // GRAIN_PX)) for side in shape)
    return HeatMap("", rng.random((rows, columns), np.float32)).enlarged(shape)


def centred_map(shape: tuple[int, int]) -> Floats:
    """Return a round spot in the middle, a quarter of the sides wide, at the size in pixels."""
    down, across = (np.linspace(-2, 2, side, dtype=np.float32) if side > 1 else np.zeros(1) for side in shape)
    heat: Floats = np.exp(-(down[:, None] ** 2 + across[None] ** 2) / 2).astype(np.float32)
    return heat


def _measure(classifier: Classifier, pixels: Pixels, maps: Sequence[Floats], index: int) -> list[Faithfulness]:
    bare = np.broadcast_to(median_colour(pixels), pixels.shape)
    blurred = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR_PX)))
    pictures: list[Pixels] = []
    for heat in maps:
        order = np.argsort(-heat.ravel(), kind="stable")
        pictures += [*_exchange(blurred, pixels, order), *_exchange(pixels, bare, order)]
    curves = classifier.probabilities(pictures)[:, index].reshape(len(maps), 2, STEPS + 1)
    areas = ((curves[..., :-1] + curves[..., 1:]) / 2).mean(-1)  # by trapezoids, of width 1 / STEPS
    return [Faithfulness(float(insertion), float(deletion)) for insertion, deletion in areas]


def _exchange(before: Pixels, after: Pixels, order: Indices) -> list[Pixels]:
    """Return the picture while its pixels are exchanged, in that order: all of the one first, all of the other last."""
    count = order.size
    states = []
    for step in range(STEPS + 1):
        chosen = order[: round(count * step / STEPS)]
        state = before.reshape(-1, 3).copy()
        state[chosen] = after.reshape(-1, 3)[chosen]
        states.append(state.reshape(before.shape))
    return states
