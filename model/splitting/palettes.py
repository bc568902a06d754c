"""Visual groups: crops of one site share its colours, whatever widget they show and whatever its state."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from base.arrays import Floats, Pixels
from base.errors import ImageError, InputError
from model.reading.images import read_image

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LEVELS = 20
"""Steps of a colour channel: fine enough to tell the grey ink of one site from that of another."""

MOST_PIXELS = 20_000
"""Of larger crops every second, third, … pixel is counted."""

PRESENT = 0.002
"""Share of a crop's pixels from which on a colour counts as one of the crop's."""

ACCENT = 0.8
"""How much less a pure colour weighs than a grey: an accent comes and goes with the state, ground and ink stay."""

FURTHEST = 0.45
"""Mean cosine distance up to which two groups are one; found by looking at contact sheets of groups."""

MOST_BY_PALETTE = 5000
"""More crops than this are not grouped: memory and time grow with their square."""


def group_by_palette(
    paths: Sequence[Path], *, threads: int | None = None, on_progress: Callable[[int, int], None] | None = None
) -> list[int]:
    """Return a group number for each crop, counted in the order of first appearance; unreadable ones are alone.

    A crop is described by how much of each colour it has. Colours that few crops have weigh most (inverse document
    frequency), saturated ones less. Groups are joined by average linkage.

    Raises:
        InputError: there are more than `MOST_BY_PALETTE`.
    """
    from scipy.sparse import csr_array  # it takes long to load, and not everybody needs it

    if len(paths) > MOST_BY_PALETTE:
        raise InputError(
            f"{len(paths)} pictures are too many to group by their looks, at most {MOST_BY_PALETTE}; name the "
            "group of each in metadata.csv, with columns file_name and group"
        )
    palettes = []
    with ThreadPoolExecutor(threads) as pool:
        for done, palette in enumerate(pool.map(_palette_of_file, paths), start=1):
            palettes.append(palette)
            if on_progress is not None:
                on_progress(done, len(paths))
    readable = {index: palette for index, palette in enumerate(palettes) if palette is not None}
    found = _cluster(csr_array(np.stack(list(readable.values())))) if len(readable) > 1 else [0] * len(readable)
    labels = dict(zip(readable, found, strict=True))
    names: dict[str, int] = {}
    keys = [f"group {labels[index]}" if index in labels else f"alone {index}" for index in range(len(paths))]
    return [names.setdefault(key, len(names)) for key in keys]


def _palette_of_file(path: Path) -> Floats | None:
    try:
        return measure_palette(np.asarray(read_image(path)))
    except ImageError:
        return None


def measure_palette(pixels: Pixels) -> Floats:
    """Return the share of each colour, (LEVELS ** 3,); a pixel counts for the eight colours around its own."""
    flat = pixels.reshape(-1, 3)
    sampled = flat[:: len(flat) // MOST_PIXELS + 1].astype(np.int32)
    # Screenshots have few colours: counting them first as single numbers takes a fifth of the time.
    packed, counts = np.unique((sampled[:, 0] << 16) | (sampled[:, 1] << 8) | sampled[:, 2], return_counts=True)
    places = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], 1) * ((LEVELS - 1) / 255)
    below = np.minimum(places.astype(np.int64), LEVELS - 2)
    above = places - below
    shares = np.zeros(LEVELS**3, np.float64)
    for corner in product((0, 1), repeat=3):
        weights = np.where(corner, above, 1 - above).prod(1) * counts
        bins = ((below + corner) * (LEVELS**2, LEVELS, 1)).sum(1)
        shares += np.bincount(bins, weights, minlength=len(shares))
    return (shares / len(sampled)).astype(np.float32)


def _cluster(palettes: "csr_array") -> list[int]:
    from scipy.cluster.hierarchy import fcluster, linkage  # it takes long to load, and not everybody needs it
    from scipy.spatial.distance import squareform  # it takes long to load, and not everybody needs it

    rarity = np.log(palettes.shape[0] / (1 + (palettes > PRESENT).sum(0)))
    colours = np.stack(np.meshgrid(*[np.linspace(0, 1, LEVELS)] * 3, indexing="ij"), -1).reshape(-1, 3)
    saturation = np.minimum(1, 1.5 * (colours.max(1) - colours.min(1)))
    # A colour that all crops have must still count a little, or a plain white crop would be nothing at all.
    weights = np.maximum(rarity, 0.05) * (1 - ACCENT * saturation)
    vectors = palettes.sqrt() * weights
    vectors = vectors * (1 / np.sqrt((vectors * vectors).sum(1)))[:, None]
    distances = 1 - np.asarray((vectors @ vectors.T).todense())
    condensed = squareform(distances.clip(0).round(6), checks=False)
    groups: list[int] = fcluster(linkage(condensed, "average"), FURTHEST, criterion="distance").tolist()
    return groups
