"""Pictures in a terminal as text: two pixels a character cell as half blocks, or four as quadrants."""

from functools import lru_cache
from itertools import groupby
from operator import itemgetter

import numpy as np
from PIL import Image
from rich.color import Color
from rich.style import Style
from rich.text import Text

from base.arrays import Floats, Indices, Pixels

UPPER_HALF = "▀"

Pixel = tuple[int, int, int]
Size = tuple[int, int]


def render(image: Image.Image, width_cells: int, height_cells: int) -> Text:
    """Draw `image` as large as fits, its aspect kept: one line of text for two rows of pixels.

    Small pictures grow by whole factors, so that each pixel stays a square; large ones shrink by averaging areas.
    Colours are 24 bit; rich itself reduces them where the terminal shows fewer.
    """
    fitted = fit_cells(image.convert("RGB"), width_px=max(width_cells, 1), height_px=max(2 * height_cells, 2))
    rows = _rows(fitted)
    text = Text(no_wrap=True, end="")
    for top in range(0, len(rows), 2):
        if top:
            text.append("\n")
        lower_row: list[Pixel | None] = list(rows[top + 1]) if top + 1 < len(rows) else [None] * fitted.width
        for (upper, lower), run in groupby(zip(rows[top], lower_row, strict=True)):
            text.append(UPPER_HALF * len(list(run)), _style(upper, lower))
    return text


QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""The character whose parts in the first colour are the bits upper left, upper right, lower left, lower right."""


def render_quadrants(image: Image.Image, width_cells: int, height_cells: int) -> Text:
    """Draw `image` as large as fits with twice the half blocks' resolution across, in two colours a cell.

    Of the ways to split a cell's four pixels in two, the one whose colours are closest to their own mean is drawn.
    """
    fitted = fit_cells(image.convert("RGB"), width_px=max(width_cells, 1), height_px=max(2 * height_cells, 2))
    drawn_cells, lines = fitted.width, -(-fitted.height // 2)
    size = (2 * drawn_cells, 2 * lines)
    # Nearest where the picture grew, or its sharp edges would blur; from the original where it shrank.
    grown = fitted.width > image.width
    fine = image.convert("RGB").resize(size, Image.Resampling.NEAREST if grown else Image.Resampling.BOX)
    cells = np.asarray(fine, np.float32).reshape(lines, 2, drawn_cells, 2, 3).transpose(0, 2, 1, 3, 4)
    signs, colours = _split(cells.reshape(lines, drawn_cells, 4, 3))
    text = Text(no_wrap=True, end="")
    for line in range(lines):
        text.append("\n" * bool(line))
        pairs = [(tuple(first), tuple(second)) for first, second in colours[line].tolist()]
        for pair, run in groupby(zip(pairs, signs[line].tolist(), strict=True), key=itemgetter(0)):
            text.append("".join(QUADRANTS[sign] for _, sign in run), _style(*pair))
    return text


def _split(pixels: Floats) -> tuple[Indices, Pixels]:
    """Return the best split of each cell's pixels (lines, columns, 4, 3): its bits, and two colours (…, 2, 3)."""
    numbers = np.arange(15, 0, -1)  # a cell of one colour is a full block
    masks = (numbers[:, None] >> np.arange(4) & 1).astype(np.float32)
    both = np.stack([masks, 1 - masks], axis=1)  # 15 ways, two sides, four pixels
    sizes = np.maximum(both.sum(axis=2), 1)
    means = np.einsum("wsp,lcpv->lcwsv", both, pixels) / sizes[:, :, None]
    # The squared distance to the means is smallest where the means' own squares, weighted, are largest.
    fits = (sizes * (means**2).sum(axis=-1)).sum(axis=-1)
    best = fits.argmax(axis=2)
    chosen = np.take_along_axis(means, best[:, :, None, None, None], axis=2)[:, :, 0]
    return numbers[best], chosen.round().astype(np.uint8)


def visible_box(size_px: Size, pane_px: Size, *, zoom: float, centre: tuple[float, float]) -> tuple[int, int, int, int]:
    """Return the box (left, upper, right, lower) of a picture that a pane shows at `zoom` times the fitting scale.

    `centre` is what to look at, in shares of the picture's width and height; the box never leaves the picture.
    """
    scale = zoom * min(pane_px[0] / size_px[0], pane_px[1] / size_px[1])
    (left, right), (upper, lower) = (
        _span(length, max(1, min(length, round(pane / max(scale, 1e-9)))), middle)
        for length, pane, middle in zip(size_px, pane_px, centre, strict=True)
    )
    return left, upper, right, lower


def _span(length: int, visible: int, middle: float) -> tuple[int, int]:
    start = min(max(round(length * middle - visible / 2), 0), length - visible)
    return start, start + visible


def fit_cells(image: Image.Image, *, width_px: int, height_px: int) -> Image.Image:
    """Return `image` as large as fits, its aspect kept: grown by a whole factor, or shrunk by averaging areas."""
    scale = min(width_px / image.width, height_px / image.height)
    if scale >= 1:
        return image.resize((image.width * int(scale), image.height * int(scale)), Image.Resampling.NEAREST)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _rows(image: Image.Image) -> list[list[Pixel]]:
    data = image.tobytes()
    pixels = list(zip(data[0::3], data[1::3], data[2::3], strict=True))
    return [pixels[start : start + image.width] for start in range(0, len(pixels), image.width)]


@lru_cache(maxsize=65536)  # screenshots repeat few pairs, and the labeller draws between two keys
def _style(upper: Pixel, lower: Pixel | None) -> Style:
    return Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower) if lower else None)
