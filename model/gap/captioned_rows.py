"""Rows of crops with words under each, as one picture to learn from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from generator.formats.contact_sheet import fit_tile

GAP_PX = 10
LINE_PX = 15
TITLE_PX = 26
TEXT_PX = 12
LARGEST_ZOOM = 2.0
GROUND, INK, MUTED, RULE = "#8a8a8a", "#000000", "#1d1d1d", "#6f6f6f"


@dataclass(frozen=True)
class Tile:
    """A crop and the lines of text under it; the first line stands out."""

    image: Image.Image
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Band:
    """A heading and the rows of tiles below it; in each row tiles stand in columns."""

    title: str
    rows: Sequence[Sequence[Tile]]


def draw_bands(bands: Iterable[Band], *, tile_px: tuple[int, int] = (240, 84)) -> Image.Image:
    """Lay bands out below each other; each crop keeps its aspect within `tile_px`, width and height."""
    chosen = [band for band in bands if band.rows]
    columns = max((len(row) for band in chosen for row in band.rows), default=1)
    width = GAP_PX + columns * (tile_px[0] + GAP_PX)
    heights = [[_row_height(row, tile_px[1]) for row in band.rows] for band in chosen]
    total = GAP_PX + sum(TITLE_PX + sum(rows) for rows in heights)
    picture = Image.new("RGB", (width, total), GROUND)
    pen = ImageDraw.Draw(picture)
    top = GAP_PX
    for band, rows in zip(chosen, heights, strict=True):
        pen.text((GAP_PX, top), band.title, fill=INK, font=ImageFont.load_default(TEXT_PX + 5))
        top += TITLE_PX
        for row, height in zip(band.rows, rows, strict=True):
            for column, tile in enumerate(row):
                _draw_tile(picture, pen, tile, (GAP_PX + column * (tile_px[0] + GAP_PX), top), tile_px)
            top += height
            pen.line((0, top - GAP_PX // 2, width, top - GAP_PX // 2), fill=RULE)
    return picture


def _row_height(row: Sequence[Tile], tile_height_px: int) -> int:
    return tile_height_px + LINE_PX * max(len(tile.lines) for tile in row) + GAP_PX


def _draw_tile(
    picture: Image.Image, pen: ImageDraw.ImageDraw, tile: Tile, corner: tuple[int, int], tile_px: tuple[int, int]
) -> None:
    left, top = corner
    crop = fit_tile(tile.image, tile_px, largest_zoom=LARGEST_ZOOM)
    picture.paste(crop, (left, top + (tile_px[1] - crop.height) // 2))
    for number, line in enumerate(tile.lines):
        at = (left, top + tile_px[1] + 2 + number * LINE_PX)
        pen.text(at, _shorten(line, tile_px[0]), fill=MUTED if number else INK, font=ImageFont.load_default(TEXT_PX))


def _shorten(line: str, width_px: int) -> str:
    font = ImageFont.load_default(TEXT_PX)
    while line and font.getlength(line) > width_px:
        line = line[:-2] + "…" if len(line) > 2 else ""
    return line
