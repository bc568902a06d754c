"""Contact sheets: many crops in rows on one picture, to look at."""

from collections.abc import Iterable

from PIL import Image

GAP_PX = 6
LARGEST_ZOOM = 3.0


def contact_sheet(
    images: Iterable[Image.Image],
    *,
    width_px: int = 1500,
    row_px: int = 60,
    widest_px: int = 300,
    ground: str = "#888888",
) -> Image.Image:
    """Lay crops out in rows of equal height, in order, keeping their aspect; small ones are enlarged up to 3 times."""
    rows: list[list[Image.Image]] = [[]]
    used = GAP_PX
    for image in images:
        tile = _tile(image, row_px=row_px, widest_px=widest_px)
        if used + tile.width + GAP_PX > width_px and rows[-1]:
            rows.append([])
            used = GAP_PX
        rows[-1].append(tile)
        used += tile.width + GAP_PX
    sheet = Image.new("RGB", (width_px, GAP_PX + len(rows) * (row_px + GAP_PX)), ground)
    for number, row in enumerate(rows):
        left, top = GAP_PX, GAP_PX + number * (row_px + GAP_PX)
        for tile in row:
            sheet.paste(tile, (left, top + (row_px - tile.height) // 2))
            left += tile.width + GAP_PX
    return sheet


def _tile(image: Image.Image, *, row_px: int, widest_px: int) -> Image.Image:
    zoom = min(row_px / image.height, widest_px / image.width, LARGEST_ZOOM)
    size = (max(1, round(image.width * zoom)), max(1, round(image.height * zoom)))
    return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
