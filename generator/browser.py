"""The browser: finding one that starts, and taking pictures of sheets. All Playwright code is here."""

import base64
import contextlib
import functools
import importlib.resources
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, Playwright, Route, ViewportSize, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from generator.box import Box
from generator.dress import define_libraries, refuse_lies
from generator.errors import BrowserError
from generator.sheet import STYLE, WIDTH_PX, Placed
from generator.theme import FONT_CANDIDATES
from generator.words import SCRIPTS

VARIABLE = "BOXWRIGHT_BROWSER"
NAMES_ON_PATH = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
)
TIMEOUT_S = 60
FIRST_HEIGHT_PX = 600
SHEETS_A_PAGE = 200
"""A page is closed and opened afresh after this many sheets: it grows by some two megabytes with each."""

FLAGS = [
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--hide-scrollbars",
    "--disable-background-networking",
]


@dataclass(frozen=True)
class Choice:
    """A browser that started: what to launch it by, how it was found and its version."""

    launch: dict[str, str]
    how: str
    version: str


@dataclass(frozen=True)
class Surroundings:
    """What pages look like here: the fonts that exist and the scripts that some font covers."""

    fonts: tuple[str, ...]
    scripts: tuple[str, ...]


@dataclass(frozen=True)
class Capture:
    """A picture of a sheet (device pixels), where its cells lie (CSS pixels) and device pixels a CSS pixel."""

    image: Image.Image
    placed: tuple[Placed, ...]
    scale: float


Result = TypeVar("Result")


def _in_thread(function: Callable[[], Result]) -> Result:
    """Call in a thread of its own: Playwright's sync API refuses to run beside an event loop, as notebooks have."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def find_browser(wanted: str | None = None) -> Choice:
    """Return the first browser that starts: `wanted`, $BOXWRIGHT_BROWSER, Playwright's own, Chrome, Edge, then PATH.

    Raises:
        BrowserError: none starts; the message lists each attempt and its failure.
    """
    return _in_thread(lambda: _find(wanted))


def survey(choice: Choice) -> Surroundings:
    """Start the browser, ask it for its fonts and scripts, and close it.

    Raises:
        BrowserError: it does not start, or fails.
    """
    return with_studio(choice, Studio.surroundings)


def with_studio(choice: Choice, work: "Callable[[Studio], Result]") -> Result:
    """Start a studio in a thread of its own, give it to `work` and return what comes back.

    Raises:
        BrowserError: the browser does not start, or fails.
    """

    def run() -> Result:
        with Studio(choice) as studio:
            return work(studio)

    return _in_thread(run)


def _find(wanted: str | None) -> Choice:
    failures = []
    with _playwright() as playwright:
        for how, launch in _candidates(wanted):
            try:
                browser = _launch(playwright, launch)
            except PlaywrightError as error:
                failures.append(f"  {how}: {_first_line(error)}")
                continue
            version = browser.version
            browser.close()
            return Choice(launch, how, version)
    raise BrowserError(
        "no browser could be started:\n"
        + "\n".join(failures)
        + "\ninstall one with `boxwright doctor --install-browser`, "
        + f"or set {VARIABLE} to the path of a Chromium or Chrome"
    )


def _candidates(wanted: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    named = wanted or os.environ.get(VARIABLE)
    if named:
        # A person who names a browser wants that one: anything else would hide the mistake.
        yield (
            f"--browser {named}" if wanted else f"${VARIABLE}={named}",
            {"executable_path": _real_binary(named)},
        )
        return
    yield "Playwright's own Chromium", {}
    for channel in ("chrome", "msedge"):
        yield f"channel {channel}", {"channel": channel}
    for name in NAMES_ON_PATH:
        path = shutil.which(name)
        if path:
            yield path, {"executable_path": _real_binary(path)}


def _real_binary(path: str) -> str:
    """Return Debian's real binary behind its wrapper script, which adds flags of its own."""
    real = Path("/usr/lib/chromium/chromium")
    return str(real) if Path(path) == Path("/usr/bin/chromium") and real.exists() else path


def _first_line(error: PlaywrightError) -> str:
    lines = [line.strip() for line in error.message.splitlines() if line.strip(" \t╔═╗║╚╝")]
    return lines[0] if lines else "failed without a message"


@contextlib.contextmanager
def _playwright() -> Iterator[Playwright]:
    try:
        with sync_playwright() as playwright:
            yield playwright
    except PlaywrightError as error:
        raise BrowserError(f"the browser failed: {_first_line(error)}") from error


def _launch(playwright: Playwright, launch: dict[str, Any]) -> Browser:
    # Chromium refuses to start its sandbox as root, which is what containers run as.
    root = sys.platform == "linux" and os.geteuid() == 0
    return playwright.chromium.launch(
        args=[*FLAGS, *(["--no-sandbox"] if root else [])], timeout=TIMEOUT_S * 1000, **launch
    )


@dataclass
class _Stage:
    """A page that shows sheets at one scale, and how many it has shown."""

    page: Page
    session: CDPSession
    shown: int = 0
    libraries: set[str] = field(default_factory=set)


class Studio:
    """A running browser that takes pictures of one sheet after another; use it as a context manager.

    Each scale has a page of its own, in a process of its own: Chromium caches glyphs by the scale that a process
    met first, so that a shared page's text would depend on what it had shown before.
    """

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._stack = contextlib.ExitStack()
        self._browser: Browser
        self._stages: dict[float, _Stage] = {}

    def __enter__(self) -> "Studio":
        playwright = self._stack.enter_context(_playwright())
        try:
            self._browser = _launch(playwright, self._choice.launch)
        except PlaywrightError as error:
            self._stack.close()
            raise BrowserError(f"the browser does not start: {_first_line(error)}") from error
        self._stack.callback(self._browser.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def capture(self, html: str, *, count: int, scale: float) -> Capture:
        """Show `html` with `count` cells at `scale` device pixels a CSS pixel and take its picture.

        Raises:
            BrowserError: the page crashed, hung or came out at another size than was asked for.
        """
        try:
            stage = self._stage(scale)
            define_libraries(stage.page.evaluate, html, defined=stage.libraries)
            layout = stage.page.evaluate(_script("show.js"), html)
            refuse_lies(layout["lies"])
            # A multiple of four is whole at every scale.
            height = max(4, -(-int(layout["height"]) // 4) * 4)
            _resize(stage.session, height, scale)
            shot = stage.session.send(
                "Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True, "fromSurface": True}
            )
            stage.shown += 1
        except PlaywrightError as error:
            raise BrowserError(f"the browser failed on a sheet: {_first_line(error)}") from error
        image = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
        expected = (round(WIDTH_PX * scale), round(height * scale))
        if image.size != expected or len(layout["cells"]) != count:
            raise BrowserError(
                f"a sheet of {count} cells came out with {len(layout['cells'])} at {image.size}, expected {expected}"
            )
        return Capture(image, tuple(_placed(rects) for rects in layout["cells"]), scale)

    def surroundings(self) -> Surroundings:
        """Ask the browser which fonts differ from the fallback and which scripts are more than empty boxes.

        Raises:
            BrowserError: the page crashed or hung.
        """
        probes = {name: script.probe for name, script in SCRIPTS.items()}
        try:
            found = self._stage(1.0).page.evaluate(_script("probe.js"), [list(FONT_CANDIDATES), probes])
        except PlaywrightError as error:
            raise BrowserError(f"the browser failed on the font probe: {_first_line(error)}") from error
        fonts = tuple(f"{name}, sans-serif" for name in found["fonts"])
        return Surroundings((*fonts, "sans-serif", "serif", "monospace"), tuple(found["scripts"]))

    def _stage(self, scale: float) -> _Stage:
        stage = self._stages.get(scale)
        if stage and stage.shown >= SHEETS_A_PAGE:
            stage.page.context.close()
            stage = None
        if stage is None:
            stage = self._stages[scale] = _open_stage(self._browser, scale)
        return stage


def _open_stage(browser: Browser, scale: float) -> _Stage:
    viewport = ViewportSize(width=WIDTH_PX, height=FIRST_HEIGHT_PX)
    context = browser.new_context(offline=True, device_scale_factor=scale, viewport=viewport)
    context.set_default_timeout(TIMEOUT_S * 1000)
    page = context.new_page()
    page.route("**/*", _refuse)
    page.set_content(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><body></body>")
    return _Stage(page, context.new_cdp_session(page))


def _resize(session: CDPSession, height: int, scale: float) -> None:
    size = {"width": WIDTH_PX, "height": height, "deviceScaleFactor": scale, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", size)


@functools.cache
def _script(name: str) -> str:
    return importlib.resources.files("generator").joinpath(name).read_text(encoding="utf-8")


def _refuse(route: Route) -> None:
    route.abort()


def _placed(rects: dict[str, Sequence[float] | None]) -> Placed:
    cell, widget, label = (Box(*rects[name]) if rects[name] else None for name in ("cell", "widget", "label"))  # type: ignore[misc]  # the page returns four numbers each
    if cell is None or widget is None:
        raise BrowserError("a cell has no widget on the page")
    return Placed(cell, widget, label)
