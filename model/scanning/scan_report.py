"""The HTML report of a scan: screens with their widgets marked and listed, those of the least certain widgets first."""

import base64
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from base.document import render_html
from base.errors import ImageError
from base.files import write_text
from model.evaluation.page_parts import read_style
from model.finding.cutouts import cutout_box
from model.finding.widgets import FoundWidget
from model.reading.images import decode_bytes
from model.scanning.marking import UNSURE, state_colours
from model.scanning.screen_rows import ScannedScreen, ScreenReading, certainty_of
from model.scanning.screen_tally import ScreenTally
from model.scanning.screen_work import ScreenScanner
from model.streaming.in_order import PictureResult
from model.tables.journal import Journal
from model.tables.least_certain_rows import KeptPictures, Offer
from model.tables.table_run import Drawn

MOST_SCREENS = 40
"""Screens of a page; one with thousands would not open."""

MOST_LISTED = 60
"""Widgets listed beside a screen."""

LARGEST_SHOT_PX = 2560
"""The longer side of a screen on the page."""

QUALITY = 88
"""Of the screens, as WebP."""

CROP_PX = (150, 76)
"""Room for a widget's crop in the list."""

LARGEST_CROP_ZOOM = 4

WITHOUT_WIDGETS = 2.0
"""Stands for the certainty of a screen on which nothing was found: it comes last."""


@dataclass(frozen=True)
class MarkedBox:
    """A widget on the page: `style` places it on its screen, `crop_style` shows it in the list."""

    widget: FoundWidget
    certainty: float
    is_unsure: bool
    colour: str
    style: str
    crop_style: str


@dataclass(frozen=True)
class MarkedScreen:
    """A screen on the page: its picture as a data URL, and the widgets that are listed, the least certain first."""

    row: ScannedScreen
    source: str
    size: tuple[int, int]
    boxes: tuple[MarkedBox, ...]
    listed: tuple[MarkedBox, ...]


def shot_keeping(
    journal: Journal[ScannedScreen],
) -> Callable[[Sequence[ScannedScreen], Sequence[PictureResult[ScreenReading]], int], Drawn]:
    """Return what keeps, of rows as they come, the pictures that a report may show."""
    kept = KeptPictures(MOST_SCREENS)
    for seq, row, _ in journal.shots():
        kept.take([(row, _offer(row))], seq)

    def draw(rows: Sequence[ScannedScreen], chunk: Sequence[PictureResult[ScreenReading]], first: int) -> Drawn:
        taken, dropped = kept.take([(row, _offer(row)) for row in rows], first)
        drawn = {place: _shot(chunk[place]) for place in taken}
        return {place: shot for place, shot in drawn.items() if shot is not None}, dropped

    return draw


def write_scan_report(
    path: Path,
    journal: Journal[ScannedScreen],
    tally: ScreenTally,
    scanner: ScreenScanner,
    *,
    sources: Sequence[str],
) -> None:
    """Write the page, whole or not at all."""
    colours = state_colours(scanner.states)
    values = {
        "style": read_style(),
        "fingerprint": scanner.fingerprint,
        "tally": tally,
        "sources": sources,
        "colours": colours,
        "unsure": UNSURE,
        "screens": list(_screens(journal, colours)),
        "crop": CROP_PX,
    }
    write_text(path, render_html("model.scanning", "scan_report.html", values))


def _offer(row: ScannedScreen) -> Offer | None:
    if row.reading.widgets is None:
        return None
    return "", WITHOUT_WIDGETS if row.certainty is None else row.certainty


def _shot(found: PictureResult[ScreenReading]) -> bytes | None:
    """Return the screen as a WebP file; None where it is no longer there, or is not what was scanned."""
    try:
        image = decode_bytes(found.picture.read_again(found.content, since="scanned")).image
    except ImageError:
        return None
    image.thumbnail((LARGEST_SHOT_PX, LARGEST_SHOT_PX))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=2)
    return buffer.getvalue()


def _screens(journal: Journal[ScannedScreen], colours: dict[str, str]) -> Iterator[MarkedScreen]:
    for _, row, shot in journal.shots():
        with Image.open(io.BytesIO(shot)) as image:
            size, shown = row.reading.size or image.size, image.size
        boxes = [_box(widget, size, shown, colours) for widget in row.widgets]
        listed = sorted(boxes, key=lambda box: box.certainty)[:MOST_LISTED]
        source = "data:image/webp;base64," + base64.b64encode(shot).decode("ascii")
        yield MarkedScreen(row, source, size, tuple(boxes), tuple(listed))


def _box(widget: FoundWidget, size: tuple[int, int], shown: tuple[int, int], colours: dict[str, str]) -> MarkedBox:
    left, top, width, height = widget.box
    style = (
        f"left:{100 * left / size[0]:.3f}%;top:{100 * top / size[1]:.3f}%;"
        f"width:{100 * width / size[0]:.3f}%;height:{100 * height / size[1]:.3f}%"
    )
    certainty = certainty_of(widget)
    colour = colours[widget.state]
    return MarkedBox(widget, certainty, certainty < UNSURE, colour, style, _crop_style(widget, size, shown))


def _crop_style(widget: FoundWidget, size: tuple[int, int], shown: tuple[int, int]) -> str:
    """Return what shows a widget and its context out of the screen's own picture, enlarged by whole numbers."""
    left, top, right, bottom = cutout_box(widget.box, size)
    room = min(CROP_PX[0] / (right - left), CROP_PX[1] / (bottom - top))
    zoom = min(int(room), LARGEST_CROP_ZOOM) if room >= 1 else room
    pixelated = zoom * size[0] > shown[0]
    return (
        f"width:{(right - left) * zoom:.0f}px;height:{(bottom - top) * zoom:.0f}px;"
        f"background-size:{size[0] * zoom:.0f}px {size[1] * zoom:.0f}px;"
        f"background-position:{-left * zoom:.1f}px {-top * zoom:.1f}px"
        + (";image-rendering:pixelated" if pixelated else "")
    )
