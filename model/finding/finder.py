"""The finder at work: a screenshot in, candidates out. It needs ONNX Runtime alone."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Pixels
from model.finding.cells import ALIGNMENT_PX, Candidates, decode_cells, suppress
from model.finding.finder_files import finder_folder, read_finder_file
from model.networks.model_folders import GRAPH
from model.running.onnx_sessions import onnx_run, open_session

ANSWERS = "answers"
"""The output of the graph; its input is a picture, uint8 (1, H, W, 3), both sides multiples of 32."""

DEEPEST = 3
"""How often at most the picture is made half as large: so widgets of up to 200 px are found on what is left of it."""

SHORTEST_PX = 64
"""A picture is not made half as large where one side of it would become shorter."""

MOST_OVERLAP = 0.4
"""Of two candidates that overlap by more (IoU), the better is kept."""


class Finder:
    """A network that finds widgets. Any number of threads may use one at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card = read_finder_file(folder)
        self._run = onnx_run(open_session(folder / GRAPH), [ANSWERS])

    def candidates(self, image: Image.Image) -> Candidates:
        """Return what may be widgets on an RGB picture, best first."""
        found = [
            decode_cells(self._run(aligned(pixels))[0][0], self.card.belief.least).scaled(factor)
            for factor, pixels in pyramid(image)
        ]
        joined = Candidates(*(np.concatenate(parts) for parts in zip(*(each.arrays for each in found), strict=True)))
        return joined.take(suppress(joined, MOST_OVERLAP))


def load_finder(name: str | Path | None = None) -> Finder:
    """Return the finder of a folder, or the one in the box.

    Raises:
        MissingError, ModelError: see `finder_folder` and `read_finder_file`.
    """
    return Finder(finder_folder(name))


def deepest_level(width: int, height: int) -> int:
    """Return how often a picture is made half as large."""
    depth = 0
    while depth < DEEPEST and min(width, height) >> (depth + 1) >= SHORTEST_PX:
        depth += 1
    return depth


def pyramid(image: Image.Image) -> Iterator[tuple[int, Pixels]]:
    """Yield a picture, and made half as large again and again: how many times smaller, and its pixels (H, W, 3)."""
    for depth in range(deepest_level(*image.size) + 1):
        factor = 1 << depth
        yield factor, np.asarray(image.reduce(factor) if depth else image)


def aligned(pixels: Pixels) -> Pixels:
    """Return a picture (1, H, W, 3), its edges repeated until both sides are multiples of ALIGNMENT_PX."""
    height, width = pixels.shape[:2]
    below, right = -height % ALIGNMENT_PX, -width % ALIGNMENT_PX
    return np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")[None]
