"""Pictures that are nearly one: found by their thumbnails, then compared pixel by pixel, shifted to fit.

A copy that was compressed, scaled, brightened or cut by a few pixels still shows every stroke where the original has
one, give or take a pixel. Another state, or another word beside the widget, does not.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Floats, Pixels, Thumbnails
from base.errors import ImageError
from base.progress import OnProgress
from model.labelled_folders.signatures import SIDE_PX
from model.reading.images import read_image

ALIKE = 0.8
"""The correlation of thumbnails from which on two pictures are compared."""

MOST_COMPARED = 8
"""A picture is compared with so many others, those whose thumbnails are most alike."""

CHUNK_ROWS = 500
"""Rows of the matrix of correlations at a time: ten thousand pictures take 20 MB."""

ASPECTS = 0.25
"""Pictures are not compared that differ by more than this in the logarithm of width over height."""

LARGEST_COMPARED_PX = 256
"""The longer side of what is compared; larger pictures are scaled down."""

CUT_PX = 12
"""Pictures whose sides differ by no more may be cuts of one, and are compared as they are."""

FURTHEST_SHIFT_PX = 8

DIFFERENT = 0.2
"""The share of the picture's own span of levels that makes a place different."""

ROUGHLY_DIFFERENT = 0.3
"""The same of a thumbnail's cell, before brightness is made equal."""

DIFFERENT_LEVELS = 16.0
"""Fewer levels than this are noise in any picture."""

GAINS = (0.7, 1.4)
"""How much more contrast one copy may have than the other."""


def compare_pictures(
    paths: Sequence[Path],
    thumbnails: Thumbnails,
    states: Sequence[str],
    *,
    on_progress: OnProgress | None = None,
) -> list[tuple[int, int]]:
    """Return the pairs of pictures that are nearly one, as places, the lower first.

    Args:
        paths: of pictures that can be read.
        thumbnails: theirs, (N, SIDE_PX²).
        states: what each shows; pictures of different states are not compared, empty is like any.
        on_progress: called with (compared, total).
    """
    pairs = sorted(_candidates(thumbnails)) if len(paths) > 1 else []
    pairs = [pair for pair in pairs if len({states[place] for place in pair} - {""}) < 2]
    pairs = _sift(pairs, thumbnails)
    found, done = [], 0
    for first, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
        ours = _load(paths[first])
        for _, second in group:
            theirs = None if ours is None else _load(paths[second])
            if ours is not None and theirs is not None and show_the_same(ours, theirs):
                found.append((first, second))
            done += 1
        if on_progress is not None:
            on_progress(done, len(pairs))
    return found


def _candidates(thumbnails: Thumbnails) -> set[tuple[int, int]]:
    """Return the pairs of places whose thumbnails correlate, of each picture the most alike."""
    looks = _standardise(thumbnails)
    most = min(MOST_COMPARED + 1, len(looks))
    pairs = set()
    for start in range(0, len(looks), CHUNK_ROWS):
        likeness = looks[start : start + CHUNK_ROWS] @ looks.T
        nearest = np.argpartition(-likeness, most - 1, axis=1)[:, :most]
        for row, others in enumerate(nearest):
            alike = others[likeness[row, others] >= ALIKE].tolist()
            pairs |= {(min(start + row, other), max(start + row, other)) for other in alike if other != start + row}
    return pairs


def _sift(pairs: Sequence[tuple[int, int]], thumbnails: Thumbnails) -> list[tuple[int, int]]:
    """Return the pairs of whose thumbnails no cell differs much from all around it in the other: few are left."""
    from scipy.ndimage import maximum_filter, minimum_filter  # it takes long to load, and not everybody needs it

    cells = thumbnails.reshape(-1, SIDE_PX, SIDE_PX)
    low, high = (each(cells, (1, 3, 3), mode="nearest").astype(np.int16) for each in (minimum_filter, maximum_filter))
    most = DIFFERENT_LEVELS + ROUGHLY_DIFFERENT * np.ptp(cells, (1, 2))
    kept = []
    for start in range(0, len(pairs), CHUNK_ROWS):
        chunk = np.array(pairs[start : start + CHUNK_ROWS])
        missing = [
            np.maximum(cells[one] - high[other], low[other] - cells[one]).max((1, 2))
            for one, other in (chunk.T, chunk.T[::-1])
        ]
        kept += chunk[np.maximum(*missing) <= most[chunk].max(1)].tolist()
    return [(one, other) for one, other in kept]


def _standardise(thumbnails: Thumbnails) -> Floats:
    """Return unit vectors (N, SIDE_PX² / 4 + 1) whose products are correlations of smoothed thumbnails.

    The last value makes flat pictures, which have no direction, alike.
    """
    half = SIDE_PX // 2
    smooth = thumbnails.reshape(-1, half, 2, half, 2).astype(np.float32).mean((2, 4)).reshape(-1, half * half)
    centred = smooth - smooth.mean(1, keepdims=True)
    with_flat = np.column_stack([centred, np.full(len(centred), 4.0, np.float32)])
    unit: Floats = (with_flat / np.linalg.norm(with_flat, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _load(path: Path) -> Image.Image | None:
    try:
        image = read_image(path)
    except ImageError:
        return None
    image.thumbnail((LARGEST_COMPARED_PX, LARGEST_COMPARED_PX), Image.Resampling.BOX)
    return image


def show_the_same(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether two RGB pictures are copies of one but for compression, scale, brightness and a few pixels."""
    if abs(np.log(one.width / one.height) - np.log(other.width / other.height)) > ASPECTS:
        return False
    fits = max(abs(one.width - other.width), abs(one.height - other.height)) <= CUT_PX
    if fits and _match(np.asarray(one), np.asarray(other)):
        return True
    small, large = sorted((one, other), key=lambda image: image.width * image.height)
    return one.size != other.size and _match(
        np.asarray(small), np.asarray(large.resize(small.size, Image.Resampling.BOX))
    )


def _match(one: Pixels, other: Pixels) -> bool:
    ours, theirs = _overlay(one.astype(np.float32), other.astype(np.float32))
    if ours.size < one.size / 2:
        return False
    theirs = _equalise(ours, theirs)
    most = max(DIFFERENT_LEVELS, DIFFERENT * float(np.ptp(ours)))
    return bool(_difference(ours, theirs) <= most)


def _overlay(ours: Floats, theirs: Floats) -> tuple[Floats, Floats]:
    """Return the parts of both (H, W, 3) that lie on one another where they fit best."""
    down, right = _shift(ours.mean(2), theirs.mean(2))
    top, left = max(0, down), max(0, right)
    height = min(ours.shape[0] - top, theirs.shape[0] - max(0, -down))
    width = min(ours.shape[1] - left, theirs.shape[1] - max(0, -right))
    return (
        ours[top : top + height, left : left + width],
        theirs[max(0, -down) : max(0, -down) + height, max(0, -right) : max(0, -right) + width],
    )


def _shift(ours: Floats, theirs: Floats) -> tuple[int, int]:
    """Return by how many pixels theirs (H, W) lies lower and further right in ours where edges correlate best."""
    shape = [max(pair) + 2 * FURTHEST_SHIFT_PX for pair in zip(ours.shape, theirs.shape, strict=True)]
    spectra = [np.fft.rfft2(_edges(each), shape) for each in (ours, theirs)]
    correlation = np.fft.irfft2(spectra[0] * spectra[1].conj(), shape)
    steps = np.arange(-FURTHEST_SHIFT_PX, FURTHEST_SHIFT_PX + 1)
    near = correlation[np.ix_(steps, steps)]
    down, right = np.unravel_index(int(near.argmax()), near.shape)
    return int(steps[down]), int(steps[right])


def _edges(grey: Floats) -> Floats:
    down, right = np.gradient(grey)
    strength: Floats = np.hypot(down, right).astype(np.float32)
    return strength


def _equalise(ours: Floats, theirs: Floats) -> Floats:
    """Return theirs with the gain and offset that make it most like ours, within bounds."""
    spread = float(theirs.var())
    gain = float(((ours - ours.mean()) * (theirs - theirs.mean())).mean()) / spread if spread > 1 else 1.0
    gain = min(max(gain, GAINS[0]), GAINS[1])
    equal: Floats = (theirs - theirs.mean()) * gain + ours.mean()
    return equal


def _difference(ours: Floats, theirs: Floats) -> float:
    """Return by how many levels the most different place differs from all within a pixel of it in the other."""
    from scipy.ndimage import uniform_filter

    missing = np.zeros(ours.shape[:2], np.float32)
    for one, other in ((ours, theirs), (theirs, ours)):
        low, high = _reach(other)
        missing = np.maximum(missing, np.maximum(one - high, low - one).max(2))
    return float(uniform_filter(missing.clip(0), 3, mode="nearest").max())


def _reach(levels: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and the highest level within a pixel, (H, W, 3) each."""
    from scipy.ndimage import maximum_filter, minimum_filter

    low: Floats = minimum_filter(levels, (3, 3, 1), mode="nearest")
    high: Floats = maximum_filter(levels, (3, 3, 1), mode="nearest")
    return low, high
