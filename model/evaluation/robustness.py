"""Robustness: how accuracy falls as pictures get blurred, compressed, resized, shifted or cut."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from base.arrays import Labels
from base.errors import ImageError
from base.intervals import Interval, wilson
from base.threads import core_count
from generator.sampling.box import Box
from generator.sampling.degrade import CLEAN, Degradation, degrade
from model.labelled_folders.folders import Example
from model.networks.trained_model import Model
from model.reading.crop_fitting import pad
from model.reading.images import decode_image
from model.running.runtimes import build_scorer


@dataclass(frozen=True)
class Damage:
    """A way to spoil a picture: its levels with what they measure, one of which, `neutral`, leaves it as it is.

    `apply` takes a picture, a level and a number from 0 to 1 that stands for the picture, the same at all levels.
    """

    unit: str
    levels: tuple[float, ...]
    neutral: float
    apply: Callable[[Image.Image, float, float], Image.Image]


@dataclass(frozen=True)
class RobustnessPoint:
    """The accuracy at one level of damage, with Wilson's interval."""

    level: float
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class RobustnessCurve:
    """Accuracy on the same `n` pictures by the level of one damage, in the order of the levels."""

    damage: str
    unit: str
    neutral: float
    n: int
    points: tuple[RobustnessPoint, ...]

    def line(self) -> str:
        """Return the curve as a line of text."""
        points = ", ".join(f"{point.level:g}: {point.accuracy:.1%}" for point in self.points)
        return f"  {self.damage} ({self.unit}; {self.neutral:g} is none): {points}"


def _degrade(image: Image.Image, chain: Degradation) -> Image.Image:
    return degrade(image, Box(0, 0, 1, 1), chain)[0]


def _blur(image: Image.Image, level: float, _: float) -> Image.Image:
    return _degrade(image, replace(CLEAN, blur_px=level))


def _jpeg(image: Image.Image, level: float, _: float) -> Image.Image:
    return _degrade(image, replace(CLEAN, jpeg=round(level)))


def _scale(image: Image.Image, level: float, _: float) -> Image.Image:
    return _degrade(image, replace(CLEAN, scale=level))


def _shift(image: Image.Image, level: float, draw: float) -> Image.Image:
    """Move the picture in the drawn direction by a share of its shorter side; its edge is repeated behind it."""
    distance = level * min(image.size)
    down, right = round(distance * np.sin(2 * np.pi * draw)), round(distance * np.cos(2 * np.pi * draw))
    room = abs(down), abs(right)
    canvas = (image.height + 2 * room[0], image.width + 2 * room[1])
    padded = pad(np.asarray(image), canvas, offset=(room[0] + down, room[1] + right))
    return Image.fromarray(padded[room[0] : room[0] + image.height, room[1] : room[1] + image.width])


def _cut(image: Image.Image, level: float, _: float) -> Image.Image:
    """Cut a share of the shorter side off each of the four sides."""
    off = min(round(level * min(image.size)), (min(image.size) - 1) // 2)
    return image.crop((off, off, image.width - off, image.height - off))


DAMAGES: Mapping[str, Damage] = {
    "blur": Damage("sigma in px", (0, 0.5, 1, 1.5, 2, 3), 0, _blur),
    "JPEG": Damage("quality", (100, 80, 60, 40, 20, 10), 100, _jpeg),
    "scale": Damage("factor", (0.33, 0.5, 0.67, 1, 1.5, 2), 1, _scale),
    "shift": Damage("share of the shorter side", (0, 0.05, 0.1, 0.15, 0.2, 0.3), 0, _shift),
    "cut": Damage("share of the shorter side, off each side", (0, 0.05, 0.1, 0.15, 0.2, 0.3), 0, _cut),
}
"""What is measured, by name."""


@dataclass(frozen=True)
class _Sample:
    """Pictures in memory, the index of each one's class and the number drawn for it."""

    images: tuple[Image.Image, ...]
    labels: Labels
    draws: tuple[float, ...]


def robustness(
    model: Model,
    examples: Sequence[Example],
    *,
    most: int,
    seed: int,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[RobustnessCurve, ...]:
    """Return a curve for each of `DAMAGES`, on a random sample of at most `most` pictures, the same for all.

    Args:
        model: loaded by `model.networks.trained_model.load_model`.
        examples: labelled pictures that can be read, of the model's classes.
        most: bounds the sample; each picture is classified about 25 times.
        seed: of the sample and of the directions in which pictures are shifted.
        threads: for the damage and for the network; as many as there are cores when None.
        on_progress: called with levels done and levels in all.
    """
    count = threads or core_count()
    sample = _draw(model, examples, most, seed)
    score = build_scorer(model, threads=count)
    done = itertools.count(1)
    total = 1 + sum(len(damage.levels) - 1 for damage in DAMAGES.values())

    def count_right(images: Iterable[Image.Image]) -> int:
        probabilities = score([model.geometry.fit(image) for image in images]).probabilities
        if on_progress is not None:
            on_progress(next(done), total)
        return int((probabilities.argmax(1) == sample.labels).sum())

    def measure(damage: Damage, level: float) -> RobustnessPoint:
        if level == damage.neutral:
            right = untouched
        else:
            right = count_right(pool.map(damage.apply, sample.images, itertools.repeat(level), sample.draws))
        return RobustnessPoint(level, right / len(sample.labels), wilson(right, len(sample.labels)))

    with ThreadPoolExecutor(count) as pool:
        untouched = count_right(sample.images)
        points = {name: tuple(measure(one, level) for level in one.levels) for name, one in DAMAGES.items()}
    return tuple(
        RobustnessCurve(name, one.unit, one.neutral, len(sample.labels), points[name]) for name, one in DAMAGES.items()
    )


def _draw(model: Model, examples: Sequence[Example], most: int, seed: int) -> _Sample:
    """Read a sample; what has become unreadable since it was evaluated is passed over."""
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(examples))[:most])
    images, labels, draws = [], [], []
    for index, draw in zip(chosen, rng.random(len(chosen)), strict=True):
        try:
            images.append(decode_image(examples[index].path, geometry=model.geometry))
        except ImageError:
            continue
        labels.append(model.classes.index(examples[index].label))
        draws.append(float(draw))
    return _Sample(tuple(images), np.array(labels, np.int64), tuple(draws))
