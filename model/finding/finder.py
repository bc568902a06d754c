"""The finder at work: a screenshot in, candidates out. It needs ONNX Runtime alone."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Floats, Mask, Pixels
from model.finding.block_windows import grown, windows_of
from model.finding.cells import (
    ALIGNMENT_PX,
    CELL_PX,
    NO_CANDIDATES,
    PossibleWidgets,
    decode_cells,
    hinted_cells,
    suppress,
)
from model.finding.finder_files import finder_folder, read_finder_file
from model.networks.model_folders import GRAPH
from model.reading.crop_fitting import pad
from model.running.onnx_sessions import onnx_run, open_session

ANSWERS = "answers"
"""The output of the graph; its input is a picture, uint8 (1, H, W, 3), both sides multiples of 32."""

DEEPEST = 3
"""How often at most the picture is made half as large: so widgets of up to 200 px are found on what is left of it."""

SHORTEST_PX = 64
"""A picture is not made half as large where one side of it would become shorter."""

SMALL_PX = 500_000
"""A picture of fewer pixels is looked at whole; of a larger one, only what a look at half its size says is worth it."""

HALO_BLOCKS = 1
"""Blocks of ALIGNMENT_PX around what is looked at: the network answers from what stands around."""

MOST_WINDOWS = 0.6
"""Where windows make up more of a picture, it is looked at whole."""

BAND_PX = 2_500_000
"""A larger picture is looked at in bands of so many pixels."""

SEAM_PX = 64
"""Rows that are shown above and below a band: the network answers from what stands around."""

MOST_CANDIDATES = 1000
"""So many, the surest, are looked at on one picture: no screen has more widgets."""

TINY_PX = 16
"""Around candidates of a smaller side the picture is looked at twice as large as well."""

MOST_OVERLAP = 0.4
"""Of two candidates that overlap by more (IoU), the better is kept."""


class Finder:
    """A network that finds widgets. Any number of threads may use one at the same time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card = read_finder_file(folder)
        self._run = onnx_run(open_session(folder / GRAPH, is_lean=True), [ANSWERS])

    def candidates(self, image: Image.Image) -> PossibleWidgets:
        """Return what may be widgets on an RGB picture, best first."""
        joined = join_looks(list(self._looks(image)))
        surest = joined.take(np.argsort(-joined.scores, kind="stable")[:MOST_CANDIDATES])
        return surest.take(suppress(surest, MOST_OVERLAP))

    def _looks(self, image: Image.Image) -> Iterator[PossibleWidgets]:
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
            here = decode_cells(self._answers(pixels), least)
        else:
            here = self._look_at(pixels, grown(_blocks(hints, 2 * CELL_PX), HALO_BLOCKS), 1)
        yield here
        tiny = here.take(np.flatnonzero(here.boxes[:, 2:].prod(1) < TINY_PX**2))
        yield self._look_at(pixels, grown(_blocks_of(tiny, pixels), 1), 2).doubted(self.card.belief.doubt)

    def _look_at(self, pixels: Pixels, blocks: Mask, enlarged: int) -> PossibleWidgets:
        """Return what is seen in some blocks of the picture, made so many times as large."""
        found = list(windows_of(blocks))
        if sum((bottom - top) * (right - left) for top, left, bottom, right in found) > MOST_WINDOWS * blocks.size:
            found = [(0, 0, *blocks.shape)]
        seen = [NO_CANDIDATES]
        for top, left, bottom, right in found:
            rows, columns = (slice(a * ALIGNMENT_PX, b * ALIGNMENT_PX) for a, b in ((top, bottom), (left, right)))
            part = pixels[rows, columns]
            if enlarged > 1:
                size = (part.shape[1] * enlarged, part.shape[0] * enlarged)
                part = np.asarray(Image.fromarray(part).resize(size, Image.Resampling.BILINEAR))
            answers = decode_cells(self._answers(part), self.card.belief.least)
            seen.append(answers.scaled(1 / enlarged).moved(left * ALIGNMENT_PX, top * ALIGNMENT_PX))
        return join_looks(seen)

    def _answers(self, pixels: Pixels) -> Floats:
        """Return what the network answers, a band of a large picture at a time, which bounds the memory."""
        rows = max(ALIGNMENT_PX, BAND_PX // pixels.shape[1] // ALIGNMENT_PX * ALIGNMENT_PX)
        if pixels.shape[0] <= rows + SEAM_PX:
            whole: Floats = self._run(aligned(pixels))[0][0]
            return whole
        bands = []
        for top in range(0, pixels.shape[0], rows):
            above = min(top, SEAM_PX)
            answers = self._run(aligned(pixels[top - above : top + rows + SEAM_PX]))[0][0]
            bands.append(answers[:, above // CELL_PX : (above + rows) // CELL_PX])
        return np.concatenate(bands, axis=1)


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


def join_looks(found: list[PossibleWidgets]) -> PossibleWidgets:
    """Return the candidates of several looks as one."""
    return PossibleWidgets(*(np.concatenate(parts) for parts in zip(*(each.arrays for each in found), strict=True)))


def aligned(pixels: Pixels) -> Pixels:
    """Return a picture (1, H, W, 3), its edges repeated until both sides are multiples of ALIGNMENT_PX."""
    height, width = (-(-length // ALIGNMENT_PX) * ALIGNMENT_PX for length in pixels.shape[:2])
    if pixels.shape[:2] == (height, width):
        return pixels[None]
    return pad(pixels, (height, width), offset=(0, 0))[None]


def _blocks(cells: Mask, cell_px: int) -> Mask:
    """Return the blocks of the picture in which cells of so many of its pixels lie."""
    side = ALIGNMENT_PX // cell_px
    rows, columns = -cells.shape[0] % side, -cells.shape[1] % side
    padded = np.pad(cells, ((0, rows), (0, columns)))
    return np.asarray(padded.reshape(padded.shape[0] // side, side, -1, side).any((1, 3)))


def _blocks_of(candidates: PossibleWidgets, pixels: Pixels) -> Mask:
    """Return the blocks of the picture in which the centres of candidates lie."""
    shape = tuple(-(-length // ALIGNMENT_PX) for length in pixels.shape[:2])
    blocks = np.zeros(shape, bool)
    centres = (candidates.boxes[:, :2] + candidates.boxes[:, 2:] / 2) // ALIGNMENT_PX
    columns, rows = (np.clip(centres[:, axis].astype(np.intp), 0, shape[1 - axis] - 1) for axis in (0, 1))
    blocks[rows, columns] = True
    return blocks
