"""The studio: running browsers that take pictures of sheets."""

import contextlib
import functools
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from base.arrays import Pixels
from base.counting import counted
from base.errors import BrowserError
from generator.families.theme import FONT_CANDIDATES
from generator.families.words import SCRIPTS
from generator.rendering.browser import (
    BROWSER_VARIABLE,
    BrowserChoice,
    ask_browser,
    browser_errors,
    in_thread,
    launch_browser,
    playwright_session,
)
from generator.rendering.dress import define_libraries, refuse_lies
from generator.rendering.kept_surroundings import KeptSurroundings, keep_found, read_kept, surroundings_key
from generator.rendering.page_stage import (
    VIEWPORT_PX,
    PageStage,
    open_stage,
    page_script,
    resize_page,
    shoot_page,
    show_variant,
)
from generator.rendering.photograph import Photograph, read_places
from generator.rendering.png import decode_png
from generator.rendering.sheet import SHEET_WIDTH_PX, STYLE, Placed
from generator.rendering.text_rendering import SMOOTH
from generator.sampling.box import Box

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

SHEETS_A_PAGE = 200
"""A page is closed and opened afresh after this many sheets: it grows by some two megabytes with each."""


@dataclass(frozen=True)
class Surroundings:
    """What pages look like here: the fonts that exist and the scripts that some font covers."""

    fonts: tuple[str, ...]
    scripts: tuple[str, ...]


@dataclass(frozen=True)
class Display:
    """What sheets are shown on: device pixels a CSS pixel, and how text is drawn, a name of TEXT_RENDERINGS."""

    scale: float
    text_rendering: str = SMOOTH


@dataclass(frozen=True)
class SheetLayout:
    """Where the cells of each slot of a sheet lie, and how high it is, in CSS pixels: whole ones at any scale."""

    placed: tuple[tuple[Placed, ...], ...]
    height_px: int


@dataclass(frozen=True)
class Shot:
    """What the browser hands over: a PNG file of a sheet, and what it laid out."""

    picture: bytes
    layout: SheetLayout


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


def find_surroundings(wanted: str | None = None) -> tuple[BrowserChoice, Surroundings]:
    """Return what `look_around` does, or did with this browser and these fonts, for one start of it at most.

    Raises:
        BrowserError: none starts, or it fails.
    """
    return _find_surroundings(wanted, os.environ.get(BROWSER_VARIABLE), os.environ.get("PATH"))


@functools.cache
def _find_surroundings(wanted: str | None, *_environment: str | None) -> tuple[BrowserChoice, Surroundings]:
    key = surroundings_key(wanted, _probe())
    kept = read_kept(key)
    if kept is not None:
        return BrowserChoice(kept.launch, kept.how, kept.version), Surroundings(kept.fonts, kept.scripts)
    choice, found = look_around(wanted)
    # What has changed meanwhile was seen or not: nobody knows.
    if key == surroundings_key(wanted, _probe()):
        keep_found(
            key,
            KeptSurroundings(
                launch=choice.launch, how=choice.how, version=choice.version, fonts=found.fonts, scripts=found.scripts
            ),
        )
    return choice, found


def look_around(wanted: str | None = None) -> tuple[BrowserChoice, Surroundings]:
    """Return what `find_browser` finds and what `survey` says of it, for one start of the browser.

    Raises:
        BrowserError: none starts, or it fails.
    """
    return ask_browser(wanted, lambda browser: _ask_surroundings(open_stage(browser, 1.0).page))


def _probe() -> tuple[str, list[str], dict[str, str]]:
    """Return the script that asks a page for fonts and scripts, and what it asks for."""
    return page_script("probe.js"), list(FONT_CANDIDATES), {name: script.probe for name, script in SCRIPTS.items()}


def _ask_surroundings(page: "Page") -> Surroundings:
    script, fonts, probes = _probe()
    with browser_errors("the browser failed on the font probe"):
        found = page.evaluate(script, [fonts, probes])
    there = tuple(f"{name}, sans-serif" for name in found["fonts"])
    return Surroundings((*there, "sans-serif", "serif", "monospace"), tuple(found["scripts"]))


def with_studio(choice: BrowserChoice, work: "Callable[[Studio], _Result]") -> _Result:
    """Start a studio in a thread of its own, give it to `work` and return what comes back.

    Raises:
        BrowserError: the browser does not start, or fails.
    """

    def run() -> _Result:
        with Studio(choice) as studio:
            return work(studio)

    return in_thread(run)


class Studio:
    """Running browsers that take pictures of one sheet after another; use it as a context manager.

    Each scale has a page of its own, in a process of its own: Chromium caches glyphs by the scale that a process
    met first, so that a shared page's text would depend on what it had shown before. Each way to draw text needs a
    browser of its own, which is started when the first such sheet comes.
    """

    def __init__(self, choice: BrowserChoice) -> None:
        self.choice = choice
        self._stack = contextlib.ExitStack()
        self._playwright: Playwright
        self._browsers: dict[str, Browser] = {}
        self._stages: dict[tuple[Display, str], PageStage] = {}

    def __enter__(self) -> "Studio":
        self._playwright = self._stack.enter_context(playwright_session())
        try:
            self._browser(SMOOTH)
        except BrowserError:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _browser(self, text_rendering: str) -> "Browser":
        if text_rendering not in self._browsers:
            with browser_errors("the browser does not start"):
                browser = launch_browser(self._playwright, self.choice.launch, text_rendering=text_rendering)
            self._stack.callback(browser.close)
            if browser.version != self.choice.version:
                raise BrowserError(
                    f"the browser was {self.choice.version} when it was found and is {browser.version} now; run again"
                )
            self._browsers[text_rendering] = browser
        return self._browsers[text_rendering]

    def shoot(self, html: str, *, display: Display) -> Shot:
        """Show `html` and take its picture.

        Raises:
            BrowserError: the page crashed or hung.
        """
        with self._showing(html, display) as stage:
            layout = read_layout(stage.page.evaluate(page_script("show.js"), html))
            resize_page(stage.session, (SHEET_WIDTH_PX, layout.height_px), display.scale)
            stage.page.evaluate("height => window.unveil(height)", layout.height_px)
            picture = shoot_page(stage)
            # What stays would be painted once more, and its pixels kept until the page shows another sheet.
            stage.page.evaluate("document.body.replaceChildren()")
            # And the next is laid out for the same window, whatever was shown before.
            resize_page(stage.session, VIEWPORT_PX, display.scale)
            return Shot(picture, layout)

    def capture(self, html: str, *, count: int, display: Display, variants: int = 1) -> list[Capture]:
        """Show `html` with `count` slots and return what is seen of it, a capture for each variant there is.

        See `SheetPainter` in `painters`.
        """
        shot = self.shoot(html, display=display)
        return read_shot(shot, count=count, display=display, variants=variants)

    def photograph(
        self, html: str, *, size_px: tuple[int, int], display: Display, scrolled: float, style: str, variants: int = 1
    ) -> Photograph:
        """Show a screen in a window of `size_px`, width and height, and take its pictures, one a variant.

        Raises:
            BrowserError: the page crashed or hung.
        """
        with self._showing(html, display, style=style) as stage:
            resize_page(stage.session, size_px, display.scale)
            places = read_places(stage.page.evaluate(page_script("place.js"), [html, scrolled]))
            width, height = (-(-math.ceil(px) // 4) * 4 for px in places.size_px)
            clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
            pictures = []
            for variant in range(variants):
                show_variant(stage, variant)
                pictures.append(shoot_page(stage, clip=clip))
            stage.page.evaluate("window.bareScreen()")
            bare = shoot_page(stage, clip=clip)
        return Photograph(tuple(pictures), bare, (width, height), places.items)

    @contextlib.contextmanager
    def _showing(self, html: str, display: Display, *, style: str = STYLE) -> Iterator[PageStage]:
        with browser_errors("the browser failed on a sheet"):
            stage = self._stage(display, style)
            define_libraries(stage.page.evaluate, html, defined=stage.libraries)
            yield stage
            stage.shown += 1

    def surroundings(self) -> Surroundings:
        """Ask the browser which fonts differ from the fallback and which scripts are more than empty boxes.

        Raises:
            BrowserError: the page crashed or hung.
        """
        return _ask_surroundings(self._stage(Display(1.0)).page)

    def _stage(self, display: Display, style: str = STYLE) -> PageStage:
        stage = self._stages.get((display, style))
        if stage and stage.shown >= SHEETS_A_PAGE:
            stage.page.context.close()
            stage = None
        if stage is None:
            browser = self._browser(display.text_rendering)
            stage = self._stages[display, style] = open_stage(browser, display.scale, style)
        return stage


def read_layout(answer: str) -> SheetLayout:
    """Return what show.js answers.

    Raises:
        TemplateError: a widget's state is not what its label says.
        BrowserError: a cell has no widget.
    """
    layout = json.loads(answer)
    refuse_lies(layout["lies"])
    placed = tuple(tuple(_placed(rects) for rects in slot) for slot in layout["slots"])
    return SheetLayout(placed, max(4, layout["height"]))


def read_shot(shot: Shot, *, count: int, display: Display, variants: int) -> list[Capture]:
    """Return what is seen in the picture of a sheet of `count` slots, a capture for each variant.

    Raises:
        BrowserError: the picture is of another size than was asked for, or slots are missing.
    """
    placed, height = shot.layout.placed, shot.layout.height_px
    expected = (round(height * display.scale), round(SHEET_WIDTH_PX * display.scale), 3)
    picture = decode_png(shot.picture)
    if picture.shape != expected or len(placed) != count:
        raise BrowserError(
            f"a sheet of {counted(count, 'slot')} came out with {len(placed)} at {picture.shape}, expected {expected}"
        )
    return [
        Capture(picture, tuple(slot[min(variant, len(slot) - 1)] for slot in placed), display.scale)
        for variant in range(variants)
    ]


def _placed(rects: dict[str, Sequence[float] | None]) -> Placed:
    cell, widget, label = (Box(*rects[name]) if rects[name] else None for name in ("cell", "widget", "label"))  # type: ignore[misc]  # the page returns four numbers each
    if cell is None or widget is None:
        raise BrowserError("a cell has no widget on the page")
    return Placed(cell, widget, label)
