"""What a page shows: the checkboxes, radio buttons and switches found on it, with state and box."""

import asyncio
import functools

from PIL import Image

from model.assertions.page_pictures import AnyPage, AsyncLocator, page_picture, page_picture_async
from model.captioning.widget_labels import label_widgets
from model.classifying.classifier import AnyPicture, decode_picture
from model.finding.scanner import Scan, load_scanner
from model.finding.widgets import FoundWidget


def page_state(page: AnyPage, *, labels: bool = False, scan: Scan | None = None) -> list[FoundWidget]:
    """Return the widgets that the page shows, the surest first; boxes are in pixels of its screenshot.

    Args:
        page: a page or locator of Playwright's sync API, a driver or element of Selenium or Appium, or a picture.
        labels: read the words beside each, too; needs RapidOCR.
        scan: what finds widgets; the scanner in the box when None.

    Raises:
        ImageError: the picture cannot be read.
        InputError: there is no picture of it, or RapidOCR is not installed.
    """
    return widgets_on(screen_image(page_picture(page)), labels=labels, scan=scan)


async def page_state_async(
    page: AsyncLocator | AnyPage, *, labels: bool = False, scan: Scan | None = None
) -> list[FoundWidget]:
    """Return the same of a page of Playwright's async API; the networks run in a thread."""
    picture = await page_picture_async(page)
    return await asyncio.to_thread(lambda: widgets_on(screen_image(picture), labels=labels, scan=scan))


def screen_image(picture: AnyPicture) -> Image.Image:
    """Return a picture of any origin as RGB.

    Raises:
        ImageError, InputError: it cannot be read, or is none.
    """
    return decode_picture(picture).image


def widgets_on(image: Image.Image, *, labels: bool, scan: Scan | None) -> list[FoundWidget]:
    """Return the widgets on an RGB picture, with the words beside each where `labels` says so."""
    widgets = (scan or _scanner_in_the_box())(image)
    return label_widgets(image, widgets) if labels else widgets


@functools.cache
def _scanner_in_the_box() -> Scan:
    return load_scanner().scan
