"""The browser: finding one that starts, and starting it. Playwright is used in this room alone."""

import contextlib
import importlib.util
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from base.errors import BrowserError
from base.timing import package_log, timed
from generator.rendering.text_rendering import SMOOTH, font_settings, has_fringes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright
    from playwright.sync_api import Error as PlaywrightError

LOG = package_log(__name__)

BROWSER_VARIABLE = "BOXWRIGHT_BROWSER"
NAMES_ON_PATH = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
)
BROWSER_TIMEOUT_S = 60
FLAGS = (
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--disable-background-networking",
)
UNUSED_FEATURES = (
    # The address bar's lists of suggestions are web pages of some 400 files, loaded anew for every context.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # The browser heeds the last such flag alone, so that what Playwright turns off is named again.
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)


CHANNELS = {"chrome": "/opt/google/chrome/chrome", "msedge": "/opt/microsoft/msedge/msedge"}
"""Playwright's names of browsers that are installed for all, and where they lie on Linux."""


@dataclass(frozen=True)
class BrowserChoice:
    """A browser that started: what to launch it by, how it was found and its version."""

    launch: dict[str, str]
    how: str
    version: str


@dataclass(frozen=True)
class BrowserCandidate:
    """A browser that may be there: how it is found, what to launch it by, and the files, on Linux, that it would be."""

    how: str
    launch: dict[str, str]
    files: tuple[Path, ...]


_Result = TypeVar("_Result")


def in_thread(function: Callable[[], _Result]) -> _Result:
    """Call in a thread of its own: Playwright's sync API refuses to run beside an event loop, as notebooks have."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def find_browser(wanted: str | None = None) -> BrowserChoice:
    """Return the first browser that starts: `wanted`, $BOXWRIGHT_BROWSER, Playwright's own, Chrome, Edge, then PATH.

    Raises:
        BrowserError: none starts; the message lists each attempt and its failure.
    """
    return ask_browser(wanted, lambda browser: None)[0]


def ask_browser(wanted: str | None, ask: "Callable[[Browser], _Result]") -> tuple[BrowserChoice, _Result]:
    """Return the browser that `find_browser` finds, and what it answered when it had started.

    Raises:
        BrowserError: as `find_browser`, or it failed while it was asked.
    """
    return in_thread(lambda: _ask(wanted, ask))


def _ask(wanted: str | None, ask: "Callable[[Browser], _Result]") -> tuple[BrowserChoice, _Result]:
    from playwright.sync_api import Error as PlaywrightError

    failures = []
    with playwright_session() as playwright:
        for candidate in browser_candidates(wanted):
            try:
                browser = launch_browser(playwright, candidate.launch)
            except PlaywrightError as error:
                failures.append(f"  {candidate.how}: {playwright_reason(error)}")
                continue
            with contextlib.closing(browser):
                return BrowserChoice(candidate.launch, candidate.how, browser.version), ask(browser)
    raise BrowserError(
        "no browser could be started:\n"
        + "\n".join(failures)
        + "\ninstall one with `boxwright doctor --install-browser`, "
        + f"or set {BROWSER_VARIABLE} to the path of a Chromium or Chrome"
    )


def browser_candidates(wanted: str | None) -> Iterator[BrowserCandidate]:
    """Yield the browsers that are tried, in order; see `find_browser`."""
    named = wanted or os.environ.get(BROWSER_VARIABLE)
    if named:
        # A person who names a browser wants that one: anything else would hide the mistake.
        yield _at(f"--browser {named}" if wanted else f"${BROWSER_VARIABLE}={named}", named)
        return
    yield BrowserCandidate("Playwright's own Chromium", {}, tuple(sorted(_playwright_folder().glob("chromium*"))))
    for channel, path in CHANNELS.items():
        yield BrowserCandidate(f"channel {channel}", {"channel": channel}, (Path(path),))
    for name in NAMES_ON_PATH:
        if found := shutil.which(name):
            yield _at(found, found)


def _at(how: str, path: str) -> BrowserCandidate:
    real = _real_binary(path)
    return BrowserCandidate(how, {"executable_path": real}, (Path(real),))


def _playwright_folder() -> Path:
    """Return where Playwright keeps its browsers on Linux: a folder for each, named after its version."""
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if named == "0":
        package = importlib.util.find_spec("playwright")
        assert package is not None and package.origin is not None
        return Path(package.origin).parent / "driver" / "package" / ".local-browsers"
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(named) if named else Path(caches) / "ms-playwright"


def _real_binary(path: str) -> str:
    """Return Debian's real binary behind its wrapper script, which adds flags of its own."""
    real = Path("/usr/lib/chromium/chromium")
    return str(real) if Path(path) == Path("/usr/bin/chromium") and real.exists() else path


def playwright_reason(error: "PlaywrightError") -> str:
    """Return the first line of an error that says something."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip(" \t╔═╗║╚╝")]
    return lines[0] if lines else "failed without a message"


@contextlib.contextmanager
def playwright_session() -> "Iterator[Playwright]":
    """Run Playwright; what fails in it comes out as a BrowserError."""
    from playwright.sync_api import sync_playwright  # here, because who only asks what was found starts no browser

    with browser_errors("the browser failed"), sync_playwright() as playwright:
        yield playwright


@contextlib.contextmanager
def browser_errors(what: str) -> Iterator[None]:
    """Raise what Playwright raises inside as a BrowserError that begins with `what`."""
    from playwright.sync_api import Error as PlaywrightError

    try:
        yield
    except PlaywrightError as error:
        raise BrowserError(f"{what}: {playwright_reason(error)}") from error


def launch_browser(playwright: "Playwright", launch: dict[str, Any], *, text_rendering: str = SMOOTH) -> "Browser":
    """Start a browser that draws text in one of TEXT_RENDERINGS, where it can: off Linux it draws as it does."""
    # Chromium refuses to start its sandbox as root, which is what containers run as.
    root = sys.platform == "linux" and os.geteuid() == 0
    features = f"--disable-features={','.join(UNUSED_FEATURES)}"
    flags = [
        *FLAGS,
        features,
        *(["--no-sandbox"] if root else []),
        *([] if has_fringes(text_rendering) else ["--disable-lcd-text"]),
    ]
    environment: dict[str, str | float | bool] = dict(os.environ)
    if fonts := font_settings(text_rendering):
        environment["FONTCONFIG_FILE"] = str(fonts)
    with timed(LOG, f"starting {', '.join(launch.values()) or 'the Chromium of Playwright'}", level=logging.DEBUG):
        return playwright.chromium.launch(args=flags, env=environment, timeout=BROWSER_TIMEOUT_S * 1000, **launch)
