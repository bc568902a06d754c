"""Screenshots of drawn boxes, and a finder that finds each dark frame on them: real parts do the rest."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from model.finding.cells import FOUND_KINDS, KIND_COUNT, PossibleWidgets
from model.finding.finder_files import FINDER_FORMAT, FinderDescription

INK = 60
"""What is darker belongs to a frame."""


class SquareFinder:
    """Finds what is framed darkly; wide frames are switches. It has what `model.finding.finder.Finder` has."""

    card = FinderDescription(format=FINDER_FORMAT, widths=(1,), blocks=(1,), fingerprint="squares")

    def candidates(self, image: Image.Image) -> PossibleWidgets:
        ink = np.asarray(image.convert("L")) < INK
        parts = ndimage.find_objects(ndimage.label(ink, np.ones((3, 3)))[0])
        boxes = [(x.start, y.start, x.stop - x.start, y.stop - y.start) for y, x in parts if x.stop - x.start > 8]
        kinds = np.full((len(boxes), KIND_COUNT), -5, np.float32)
        for row, (_, _, width, height) in enumerate(boxes):
            kinds[row, FOUND_KINDS.index("switch" if width > 1.5 * height else "checkbox")] = 5
        scores = np.linspace(4, 3, len(boxes), dtype=np.float32)
        return PossibleWidgets(
            scores, np.array(boxes, np.float32).reshape(-1, 4), kinds, np.ones(len(boxes), np.float32)
        )


def draw_screen(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (900, 700)) -> Image.Image:
    """Draw boxes (left, top, width, height); every second one has a tick."""
    screen = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(screen)
    for index, (left, top, width, height) in enumerate(boxes):
        pen.rectangle((left, top, left + width - 1, top + height - 1), outline="black", width=2)
        if index % 2:
            tick = [(0.2, 0.5), (0.4, 0.75), (0.8, 0.2)]
            pen.line([(left + x * width, top + y * height) for x, y in tick], fill=(0, 90, 220), width=3)
    return screen


def encoded_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


BOXES: Sequence[tuple[int, int, int, int]] = (
    (40, 50, 20, 20),
    (40, 120, 20, 20),
    (300, 50, 44, 22),
    (300, 120, 44, 22),
)
