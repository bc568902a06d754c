"""The pane of the labeller that shows a picture: as half blocks or quadrants, or pixel by pixel where that works."""

import os
import struct
import sys

from PIL import Image
from rich.text import Text
from textual.widget import Widget

from active.labelling.graphics import PIXELS, clear, encode
from active.labelling.halfblocks import fit_cells, render, render_quadrants, visible_box

DEFAULT_CELL_PX = (8, 16)
"""Taken where the terminal does not say how large a character is."""


def cell_px() -> tuple[int, int]:
    """Return the (width, height) of a character, as the terminal's driver knows it without being asked."""
    try:
        import fcntl
        import termios
    except ImportError:  # not on Windows
        return DEFAULT_CELL_PX
    for stream in (sys.__stderr__, sys.__stdin__):
        try:
            packed = fcntl.ioctl(stream.fileno() if stream else -1, termios.TIOCGWINSZ, b"\0" * 8)
        except (OSError, ValueError):
            continue
        lines, columns, width, height = struct.unpack("HHHH", packed)
        if lines and columns and width >= columns and height >= lines:
            return width // columns, height // lines
    return DEFAULT_CELL_PX


class CropView(Widget):
    """Shows one picture as large as the pane allows, or a text in its place; `graphics` says how."""

    ZOOMS = (1, 2, 4, 8)

    def __init__(self, graphics: str) -> None:
        super().__init__()
        self._graphics = graphics
        self._content: Image.Image | Text = Text()
        self._zoom = 0
        self._centre = (0.5, 0.5)
        self._painted = False

    def show(self, content: Image.Image | Text) -> None:
        """Show a picture, whole and centred, or a text."""
        self._content, self._zoom, self._centre = content, 0, (0.5, 0.5)
        self.refresh()

    @property
    def at_full_zoom(self) -> bool:
        """Tell whether `zoom` can go no further in."""
        return self._zoom == len(self.ZOOMS) - 1

    @property
    def zoomed_in(self) -> bool:
        """Tell whether less than the whole picture may be in sight."""
        return self._zoom > 0

    def zoom(self, steps: int) -> None:
        """Double the scale `steps` times, or halve it where negative, down to the whole picture."""
        self._zoom = min(max(self._zoom + steps, 0), len(self.ZOOMS) - 1)
        self.refresh()

    def move(self, right: int, down: int) -> None:
        """Move by quarters of what is visible, up to the picture's edges."""
        half = 0.5 / self.ZOOMS[self._zoom]
        x, y = (
            min(max(middle + steps * half / 2, half), 1 - half)
            for middle, steps in zip(self._centre, (right, down), strict=True)
        )
        self._centre = (x, y)
        self.refresh()

    def render(self) -> Text:
        """Draw the visible part for the pane's current size; where pixels are shown, leave the room blank for them."""
        if self._graphics in PIXELS:
            self.call_after_refresh(self._paint)
        if isinstance(self._content, Text):
            return self._content
        if self._graphics in ("none", *PIXELS):
            return Text()
        draw = render_quadrants if self._graphics == "quadrants" else render
        return draw(self._visible((self.size.width, 2 * self.size.height)), self.size.width, self.size.height)

    def _visible(self, pane_px: tuple[int, int]) -> Image.Image:
        assert isinstance(self._content, Image.Image), "only pictures are cropped"
        box = visible_box(self._content.size, pane_px, zoom=self.ZOOMS[self._zoom], centre=self._centre)
        return self._content.crop(box)

    def _paint(self) -> None:
        """Write the picture's pixels over the blank pane, the cursor being put back where it was."""
        driver = self.app._driver
        if driver is None or driver.is_headless or not self.size.area:
            return
        parts = [clear(self._graphics)] if self._painted else []
        self._painted = isinstance(self._content, Image.Image)
        if self._painted:
            width, height = cell_px()
            pane_px = (self.size.width * width, (self.size.height - 1) * height)  # sixels on the last line may scroll
            image = fit_cells(
                self._visible(pane_px).convert("RGB"), width_px=max(pane_px[0], 1), height_px=max(pane_px[1], 1)
            )
            cells = -(-image.width // width), -(-image.height // height)
            column = self.content_region.x + (self.size.width - cells[0]) // 2
            line = self.content_region.y + (self.size.height - cells[1]) // 2
            parts.append(f"\x1b7\x1b[{line + 1};{column + 1}H{encode(image, self._graphics, cells=cells)}\x1b8")
        driver.write("".join(parts))
        driver.flush()


def is_dumb() -> bool:
    """Tell whether the terminal cannot move its cursor, so that there is no screen to draw on."""
    return os.environ.get("TERM", "") in ("", "dumb")
