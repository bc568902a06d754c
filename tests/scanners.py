"""A scanner without networks: it finds the boxes that `draw_screen` draws, by their colours, and screens of such."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from base.arrays import Pixels
from model.finding.widgets import FoundWidget

INK, FAINT = (20, 40, 60), (120, 140, 160)
"""Colours of frames; the faint ones are less sure to be widgets."""

SIDE = 16

Drawn = tuple[int, int, str, bool]
"""Left, top, kind, and whether it is on."""


class FrameScanner:
    """Finds frames of INK and FAINT; what is filled is checked, and what is wide a switch."""

    states = ("checked", "unchecked")

    def __init__(self, fingerprint: str = "frames") -> None:
        self.fingerprint = fingerprint

    def scan(self, image: Image.Image, *, min_confidence: float = 0.5) -> list[FoundWidget]:
        assert image.mode == "RGB"
        pixels = np.asarray(image)
        found = [
            self._widget(pixels, area, confidence)
            for colour, confidence in ((INK, 0.97), (FAINT, 0.6))
            for area in self._frames(pixels, colour)
        ]
        found = [widget for widget in found if widget.confidence >= min_confidence]
        return sorted(found, key=lambda widget: (-widget.confidence, widget.box[1], widget.box[0]))

    def _frames(self, pixels: Pixels, colour: tuple[int, int, int]) -> Iterator[tuple[slice, slice]]:
        rows = np.flatnonzero((pixels[:, :, 0] == colour[0]).any(1))
        if not rows.size:
            return
        top = int(rows[0])
        for down, across in ndimage.find_objects(ndimage.label((pixels[top : rows[-1] + 1] == colour).all(2))[0]):
            yield slice(down.start + top, down.stop + top), across

    def _widget(self, pixels: Pixels, area: tuple[slice, slice], confidence: float) -> FoundWidget:
        rows, columns = area
        width, height = columns.stop - columns.start, rows.stop - rows.start
        middle = pixels[(rows.start + rows.stop) // 2, (columns.start + columns.stop) // 2]
        return FoundWidget(
            kind="switch" if width > 1.5 * height else "checkbox",
            state="checked" if middle.max() < 128 else "unchecked",
            box=(float(columns.start), float(rows.start), float(width), float(height)),
            confidence=confidence,
            state_confidence=0.9,
            enabled=confidence > 0.9,
        )


def draw_screen(
    widgets: Sequence[Drawn], *, size: tuple[int, int] = (320, 200), faint: bool = False, shade: int = 255
) -> Image.Image:
    image = Image.new("RGB", size, (shade, shade, shade))
    pen = ImageDraw.Draw(image)
    for left, top, kind, is_on in widgets:
        width = 2 * SIDE if kind == "switch" else SIDE
        frame = (left, top, left + width - 1, top + SIDE - 1)
        pen.rectangle(frame, fill=(0, 0, 0) if is_on else (250, 250, 250), outline=FAINT if faint else INK, width=2)
    return image


def some_widgets(number: int) -> list[Drawn]:
    """Return a few widgets, other ones for each number, and none for each fourth."""
    return [
        (20 + 7 * place, 12 + 34 * place, ("checkbox", "switch")[(number + place) % 2], (number * 3 + place) % 3 > 0)
        for place in range(number % 4)
    ]


def write_screens(folder: Path, count: int) -> Path:
    for number in range(count):
        place = folder / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        image = draw_screen(some_widgets(number), faint=number % 5 == 0, shade=255 - number % 100)
        image.save(place / f"{number:03}.png")
    return folder
