"""A page of the browser that shows sheets or screens on one kind of display, and what is done with it."""

import base64
import functools
import importlib.resources
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.rendering.browser import BROWSER_TIMEOUT_S
from generator.rendering.sheet import SHEET_WIDTH_PX, STYLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page, Route

VIEWPORT_PX = (SHEET_WIDTH_PX, 600)
"""What a sheet is laid out for, in CSS pixels; its picture goes beyond. To resize it for each would paint twice."""


@dataclass
class PageStage:
    """A page that shows sheets on one kind of display, and how many it has shown."""

    page: "Page"
    session: "CDPSession"
    shown: int = 0
    libraries: set[str] = field(default_factory=set)


def show_variant(stage: PageStage, variant: int) -> None:
    """Show that cell of each slot; a sheet begins with the first."""
    if variant:
        stage.page.evaluate("variant => window.showVariant(variant)", variant)


def shoot_page(stage: PageStage, **options: object) -> bytes:
    """Return what the page shows as a PNG file."""
    shot = stage.session.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True, **options})
    return base64.b64decode(shot["data"])


def open_stage(browser: "Browser", scale: float, style: str = STYLE) -> PageStage:
    """Open a page of the browser with a style sheet on it and the scripts that show what is put there."""
    width, height = VIEWPORT_PX
    context = browser.new_context(offline=True, device_scale_factor=scale, viewport={"width": width, "height": height})
    context.set_default_timeout(BROWSER_TIMEOUT_S * 1000)
    page = context.new_page()
    page.route("**/*", _refuse)
    page.set_content(f"<!doctype html><meta charset=utf-8><style>{style}</style><body></body>")
    page.evaluate(page_script("stage.js"))
    session = context.new_cdp_session(page)
    # A session that has not set the scale itself gets pictures at scale 1.
    resize_page(session, VIEWPORT_PX, scale)
    return PageStage(page, session)


def resize_page(session: "CDPSession", size_px: tuple[int, int], scale: float) -> None:
    """Give the page's window another size, in CSS pixels."""
    size = {"width": size_px[0], "height": size_px[1], "deviceScaleFactor": scale, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", size)


@functools.cache
def page_script(name: str) -> str:
    """Return a script that runs on the page."""
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _refuse(route: "Route") -> None:
    route.abort()
