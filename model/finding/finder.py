"""The finder at work: a screenshot in, candidates out. It needs ONNX Runtime alone."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Floats, Mask, Pixels
from model.finding.cells import ALIGNMENT_PX, CELL_PX, Candidates, decode_cells, hinted_cells, suppress
from model.finding.finder_files import finder_folder, read_finder_file
from model.finding.windows import grown, windows_of
from model.networks.model_folders import GRAPH
from model.running.onnx_sessions import onnx_run, open_session

ANSWERS = "answers"
"""The output of the graph; its input is a picture, uint8 (1, H, W, 3), both sides multiples of 32."""

DEEPEST = 3
"""How often at most the picture is made half as large: so widgets of up to 200 px are found on what is left of it."""

SHORTEST_PX = 64
"""A picture is not made half as large where one side of it would become shorter."""

SMALL_PX = 500_000
"""A picture of fewer pixels is looked at whole; of a larger one, only what a look at half its size says is worth it."""

HALO_BLOCKS = 2
"""Blocks of ALIGNMENT_PX around what is looked at: the network answers from what stands around."""

MOST_WINDOWS = 0.6
"""Where windows make up more of a picture, it is looked at whole."""

MOST_OVERLAP = 0.4
"""Of two candidates that overlap by more (IoU), the better is kept."""


class Finder:
    """A network that finds widgets. Any number of threads may use one at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card = read_finder_file(folder)
        self._run = onnx_run(open_session(folder / GRAPH, is_lean=True), [ANSWERS])

    def candidates(self, image: Image.Image) -> Candidates:
        """Return what may be widgets on an RGB picture, best first."""
        joined = join(list(self._looks(image)))
        return joined.take(suppress(joined, MOST_OVERLAP))

    def _looks(self, image: Image.Image) -> Iterator[Candidates]:
        """Yield what is seen on the picture, and made half as large again and again."""
        least = self.card.belief.least
        deepest = deepest_level(*image.size)
        hints: Mask | None = None
        for depth in range(deepest, 0, -1):
            answers = self._answers(np.asarray(image.reduce(1 << depth)))
            yield decode_cells(answers, least).scaled(1 << depth)
            hints = hinted_cells(answers, self.card.belief.least_hint)
        pixels = np.asarray(image)
        if hints is None or image.width * image.height <= SMALL_PX:
            yield decode_cells(self._answers(pixels), least)
        else:
            yield from self._look_closely(pixels, hints)

    def _look_closely(self, pixels: Pixels, hints: Mask) -> Iterator[Candidates]:
        """Yield what is seen at full size around the hints of the picture half as large."""
        blocks = grown(_blocks(hints), HALO_BLOCKS)
        found = list(windows_of(blocks))
        if sum((bottom - top) * (right - left) for top, left, bottom, right in found) > MOST_WINDOWS * blocks.size:
            found = [(0, 0, *blocks.shape)]
        for top, left, bottom, right in found:
            rows, columns = (slice(a * ALIGNMENT_PX, b * ALIGNMENT_PX) for a, b in ((top, bottom), (left, right)))
            answers = self._answers(pixels[rows, columns])
            yield decode_cells(answers, self.card.belief.least).moved(left * ALIGNMENT_PX, top * ALIGNMENT_PX)

    def _answers(self, pixels: Pixels) -> Floats:
        return self._run(aligned(pixels))[0][0]


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


def join(found: list[Candidates]) -> Candidates:
    """Return the candidates of several looks as one."""
    return Candidates(*(np.concatenate(parts) for parts in zip(*(each.arrays for each in found), strict=True)))


def aligned(pixels: Pixels) -> Pixels:
    """Return a picture (1, H, W, 3), its edges repeated until both sides are multiples of ALIGNMENT_PX."""
    height, width = pixels.shape[:2]
    below, right = -height % ALIGNMENT_PX, -width % ALIGNMENT_PX
    if not below and not right:
        return pixels[None]
    return np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")[None]


def _blocks(hints: Mask) -> Mask:
    """Return the blocks of the full picture in which cells of the half one lie: two cells are a block's side."""
    side = ALIGNMENT_PX // (2 * CELL_PX)
    rows, columns = -hints.shape[0] % side, -hints.shape[1] % side
    padded = np.pad(hints, ((0, rows), (0, columns)))
    blocks: Mask = padded.reshape(padded.shape[0] // side, side, -1, side).any((1, 3))
    return blocks
