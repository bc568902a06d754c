"""Contact sheets: many crops in rows on one picture, to look at."""

from collections.abc import Iterable, Sequence

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
        tile = fit_tile(image, (widest_px, row_px), largest_zoom=LARGEST_ZOOM)
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


def fit_tile(image: Image.Image, size_px: tuple[int, int], *, largest_zoom: float) -> Image.Image:
    """Return a picture brought within `size_px`, width and height, keeping its aspect; small ones are enlarged."""
    zoom = min(size_px[0] / image.width, size_px[1] / image.height, largest_zoom)
    size = (max(1, round(image.width * zoom)), max(1, round(image.height * zoom)))
    return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def stack(pictures: Sequence[Image.Image]) -> Image.Image:
    """Return pictures below each other on one, as wide as the widest."""
    whole = Image.new("RGB", (max(picture.width for picture in pictures), sum(picture.height for picture in pictures)))
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height
    return whole
