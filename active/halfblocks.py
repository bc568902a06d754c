"""Pictures in a terminal: two pixels a character cell, drawn as half blocks in true colour."""

from functools import lru_cache
from itertools import groupby

from PIL import Image
from rich.color import Color
from rich.style import Style
from rich.text import Text

UPPER_HALF = "▀"

Pixel = tuple[int, int, int]
Size = tuple[int, int]


def render(image: Image.Image, width_cells: int, height_cells: int) -> Text:
    """Draw `image` as large as fits, its aspect kept: one line of text for two rows of pixels.

    Small pictures grow by whole factors, so that each pixel stays a square; large ones shrink by averaging areas.
    Colours are 24 bit; rich itself reduces them where the terminal shows fewer.
    """
    fitted = _fit(image.convert("RGB"), width_px=max(width_cells, 1), height_px=max(2 * height_cells, 2))
    rows = _rows(fitted)
    text = Text(no_wrap=True, end="")
    for top in range(0, len(rows), 2):
        if top:
            text.append("\n")
        lower_row: list[Pixel | None] = list(rows[top + 1]) if top + 1 < len(rows) else [None] * fitted.width
        for (upper, lower), run in groupby(zip(rows[top], lower_row, strict=True)):
            text.append(UPPER_HALF * len(list(run)), _style(upper, lower))
    return text


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


def _fit(image: Image.Image, *, width_px: int, height_px: int) -> Image.Image:
    scale = min(width_px / image.width, height_px / image.height)
    if scale >= 1:
        return image.resize((image.width * int(scale), image.height * int(scale)), Image.Resampling.NEAREST)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _rows(image: Image.Image) -> list[list[Pixel]]:
    data = image.tobytes()
    pixels = list(zip(data[0::3], data[1::3], data[2::3], strict=True))
    return [pixels[start : start + image.width] for start in range(0, len(pixels), image.width)]


@lru_cache(maxsize=4096)  # screenshots repeat few pairs, and the labeller draws between two keys
def _style(upper: Pixel, lower: Pixel | None) -> Style:
    return Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower) if lower else None)
