"""The studio: running browsers that take pictures of sheets."""

import base64
import contextlib
import functools
import importlib.resources
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from playwright.sync_api import Browser, CDPSession, Page, Playwright, Route, ViewportSize
from playwright.sync_api import Error as PlaywrightError

from base.arrays import Pixels
from base.errors import BrowserError
from generator.families.theme import FONT_CANDIDATES
from generator.families.words import SCRIPTS
from generator.rendering.browser import (
    BROWSER_TIMEOUT_S,
    BrowserChoice,
    in_thread,
    launch_browser,
    playwright_reason,
    playwright_session,
)
from generator.rendering.dress import define_libraries, refuse_lies
from generator.rendering.photograph import Photograph, read_places
from generator.rendering.png import decode_png
from generator.rendering.sheet import SHEET_WIDTH_PX, STYLE, Placed
from generator.sampling.box import Box

VIEWPORT_PX = (SHEET_WIDTH_PX, 600)
"""What a sheet is laid out for, in CSS pixels; its picture goes beyond. To resize it for each would paint twice."""

SHEETS_A_PAGE = 200
"""A page is closed and opened afresh after this many sheets: it grows by some two megabytes with each."""


@dataclass(frozen=True)
class Surroundings:
    """What pages look like here: the fonts that exist and the scripts that some font covers."""

    fonts: tuple[str, ...]
    scripts: tuple[str, ...]


@dataclass(frozen=True)
class Display:
    """What sheets are shown on: device pixels a CSS pixel, and whether text is drawn in subpixels."""

    scale: float
    subpixel_text: bool = False


@dataclass(frozen=True)
class Shot:
    """What the browser hands over: PNG files of a sheet, their heights, and where the cells of each slot lie.

    Places and heights are in CSS pixels. The first picture is of the whole sheet, each other goes down to the last slot
    that has so many cells.
    """

    pictures: tuple[bytes, ...]
    placed: tuple[tuple[Placed, ...], ...]
    heights_px: tuple[int, ...]


@dataclass(frozen=True)
class Capture:
    """A picture of a sheet (device pixels), where the shown cell of each slot lies (CSS pixels) and the scale."""

    pixels: Pixels
    placed: tuple[Placed, ...]
    scale: float


_Result = TypeVar("_Result")


def survey(choice: BrowserChoice) -> Surroundings:
    """Start the browser, ask it for its fonts and scripts, and close it.

    Raises:
        BrowserError: it does not start, or fails.
    """
    return with_studio(choice, Studio.surroundings)


def with_studio(choice: BrowserChoice, work: "Callable[[Studio], _Result]") -> _Result:
    """Start a studio in a thread of its own, give it to `work` and return what comes back.

    Raises:
        BrowserError: the browser does not start, or fails.
    """

    def run() -> _Result:
        with Studio(choice) as studio:
            return work(studio)

    return in_thread(run)


@dataclass
class _Stage:
    """A page that shows sheets on one kind of display, and how many it has shown."""

    page: Page
    session: CDPSession
    shown: int = 0
    libraries: set[str] = field(default_factory=set)


class Studio:
    """Running browsers that take pictures of one sheet after another; use it as a context manager.

    Each scale has a page of its own, in a process of its own: Chromium caches glyphs by the scale that a process
    met first, so that a shared page's text would depend on what it had shown before. Subpixel text needs a browser
    of its own, which is started when the first such sheet comes.
    """

    def __init__(self, choice: BrowserChoice) -> None:
        self.choice = choice
        self._stack = contextlib.ExitStack()
        self._playwright: Playwright
        self._browsers: dict[bool, Browser] = {}
        self._stages: dict[tuple[Display, str], _Stage] = {}

    def __enter__(self) -> "Studio":
        self._playwright = self._stack.enter_context(playwright_session())
        try:
            self._browser(subpixel_text=False)
        except BrowserError:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _browser(self, *, subpixel_text: bool) -> Browser:
        if subpixel_text not in self._browsers:
            try:
                browser = launch_browser(self._playwright, self.choice.launch, subpixel_text=subpixel_text)
            except PlaywrightError as error:
                raise BrowserError(f"the browser does not start: {playwright_reason(error)}") from error
            self._stack.callback(browser.close)
            self._browsers[subpixel_text] = browser
        return self._browsers[subpixel_text]

    def shoot(self, html: str, *, display: Display, variants: int = 1) -> Shot:
        """Show `html` and take its picture, `variants` times at most, each with other cells of the slots.

        Raises:
            BrowserError: the page crashed or hung.
        """
        with self._showing(html, display) as stage:
            layout = json.loads(stage.page.evaluate(_script("show.js"), html))
            refuse_lies(layout["lies"])
            # A multiple of four is whole at every scale.
            heights = tuple(max(4, -(-int(height) // 4) * 4) for height in layout["heights"][:variants])
            pictures = []
            for variant, height in enumerate(heights):
                _show_variant(stage, variant)
                clip = {"x": 0, "y": 0, "width": SHEET_WIDTH_PX, "height": height, "scale": 1}
                pictures.append(_shoot(stage, clip=clip, captureBeyondViewport=True))
        placed = tuple(tuple(_placed(rects) for rects in slot) for slot in layout["slots"])
        return Shot(tuple(pictures), placed, heights)

    def capture(self, html: str, *, count: int, display: Display, variants: int = 1) -> list[Capture]:
        """Show `html` with `count` slots and return what is seen of it, a capture for each variant there is.

        A slot that has no cell for a variant is not to be looked for in that variant's capture.

        Raises:
            BrowserError: the page crashed, hung or came out at another size than was asked for.
        """
        shot = self.shoot(html, display=display, variants=variants)
        expected = [
            (round(height * display.scale), round(SHEET_WIDTH_PX * display.scale), 3) for height in shot.heights_px
        ]
        pictures = [decode_png(picture) for picture in shot.pictures]
        shapes = [picture.shape for picture in pictures]
        if shapes != expected or len(shot.placed) != count:
            raise BrowserError(
                f"a sheet of {count} slots came out with {len(shot.placed)} at {shapes}, expected {expected}"
            )
        return [
            Capture(picture, tuple(slot[min(variant, len(slot) - 1)] for slot in shot.placed), display.scale)
            for variant, picture in enumerate(pictures)
        ]

    def photograph(
        self, html: str, *, size_px: tuple[int, int], display: Display, scrolled: float, style: str, variants: int = 1
    ) -> Photograph:
        """Show a screen in a window of `size_px`, width and height, and take its pictures, one a variant.

        Raises:
            BrowserError: the page crashed or hung.
        """
        with self._showing(html, display, style=style) as stage:
            _resize(stage.session, size_px, display.scale)
            places = read_places(stage.page.evaluate(_script("place.js"), [html, scrolled]))
            width, height = (-(-math.ceil(px) // 4) * 4 for px in places.size_px)
            clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
            pictures = []
            for variant in range(variants):
                _show_variant(stage, variant)
                pictures.append(_shoot(stage, clip=clip))
            stage.page.evaluate("window.bareScreen()")
            bare = _shoot(stage, clip=clip)
        return Photograph(tuple(pictures), bare, (width, height), places.items)

    @contextlib.contextmanager
    def _showing(self, html: str, display: Display, *, style: str = STYLE) -> Iterator[_Stage]:
        try:
            stage = self._stage(display, style)
            define_libraries(stage.page.evaluate, html, defined=stage.libraries)
            yield stage
            stage.shown += 1
        except PlaywrightError as error:
            raise BrowserError(f"the browser failed on a sheet: {playwright_reason(error)}") from error

    def surroundings(self) -> Surroundings:
        """Ask the browser which fonts differ from the fallback and which scripts are more than empty boxes.

        Raises:
            BrowserError: the page crashed or hung.
        """
        probes = {name: script.probe for name, script in SCRIPTS.items()}
        try:
            found = self._stage(Display(1.0)).page.evaluate(_script("probe.js"), [list(FONT_CANDIDATES), probes])
        except PlaywrightError as error:
            raise BrowserError(f"the browser failed on the font probe: {playwright_reason(error)}") from error
        fonts = tuple(f"{name}, sans-serif" for name in found["fonts"])
        return Surroundings((*fonts, "sans-serif", "serif", "monospace"), tuple(found["scripts"]))

    def _stage(self, display: Display, style: str = STYLE) -> _Stage:
        stage = self._stages.get((display, style))
        if stage and stage.shown >= SHEETS_A_PAGE:
            stage.page.context.close()
            stage = None
        if stage is None:
            browser = self._browser(subpixel_text=display.subpixel_text)
            stage = self._stages[display, style] = _open_stage(browser, display.scale, style)
        return stage


def _show_variant(stage: _Stage, variant: int) -> None:
    """Show that cell of each slot; a sheet begins with the first."""
    if variant:
        stage.page.evaluate("variant => window.showVariant(variant)", variant)


def _shoot(stage: _Stage, **options: object) -> bytes:
    """Return what the page shows as a PNG file."""
    shot = stage.session.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True, **options})
    return base64.b64decode(shot["data"])


def _open_stage(browser: Browser, scale: float, style: str) -> _Stage:
    viewport = ViewportSize(width=VIEWPORT_PX[0], height=VIEWPORT_PX[1])
    context = browser.new_context(offline=True, device_scale_factor=scale, viewport=viewport)
    context.set_default_timeout(BROWSER_TIMEOUT_S * 1000)
    page = context.new_page()
    page.route("**/*", _refuse)
    page.set_content(f"<!doctype html><meta charset=utf-8><style>{style}</style><body></body>")
    page.evaluate(_script("stage.js"))
    session = context.new_cdp_session(page)
    # A session that has not set the scale itself gets pictures at scale 1.
    _resize(session, VIEWPORT_PX, scale)
    return _Stage(page, session)


def _resize(session: CDPSession, size_px: tuple[int, int], scale: float) -> None:
    size = {"width": size_px[0], "height": size_px[1], "deviceScaleFactor": scale, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", size)


@functools.cache
def _script(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _refuse(route: Route) -> None:
    route.abort()


def _placed(rects: dict[str, Sequence[float] | None]) -> Placed:
    cell, widget, label = (Box(*rects[name]) if rects[name] else None for name in ("cell", "widget", "label"))  # type: ignore[misc]  # the page returns four numbers each
    if cell is None or widget is None:
        raise BrowserError("a cell has no widget on the page")
    return Placed(cell, widget, label)
