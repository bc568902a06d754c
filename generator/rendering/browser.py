"""The browser: finding one that starts, and starting it. Playwright is used in this room alone."""

import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from base.errors import BrowserError
from base.timing import package_log, timed
from generator.rendering.text_rendering import SMOOTH, font_settings, has_fringes

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


@dataclass(frozen=True)
class BrowserChoice:
    """A browser that started: what to launch it by, how it was found and its version."""

    launch: dict[str, str]
    how: str
    version: str


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


def ask_browser(wanted: str | None, ask: Callable[[Browser], _Result]) -> tuple[BrowserChoice, _Result]:
    """Return the browser that `find_browser` finds, and what it answered when it had started.

    Raises:
        BrowserError: as `find_browser`, or it failed while it was asked.
    """
    return in_thread(lambda: _ask(wanted, ask))


def _ask(wanted: str | None, ask: Callable[[Browser], _Result]) -> tuple[BrowserChoice, _Result]:
    failures = []
    with playwright_session() as playwright:
        for how, launch in _candidates(wanted):
            try:
                browser = launch_browser(playwright, launch)
            except PlaywrightError as error:
                failures.append(f"  {how}: {playwright_reason(error)}")
                continue
            with contextlib.closing(browser):
                return BrowserChoice(launch, how, browser.version), ask(browser)
    raise BrowserError(
        "no browser could be started:\n"
        + "\n".join(failures)
        + "\ninstall one with `boxwright doctor --install-browser`, "
        + f"or set {BROWSER_VARIABLE} to the path of a Chromium or Chrome"
    )


def _candidates(wanted: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    named = wanted or os.environ.get(BROWSER_VARIABLE)
    if named:
        # A person who names a browser wants that one: anything else would hide the mistake.
        yield (
            f"--browser {named}" if wanted else f"${BROWSER_VARIABLE}={named}",
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


def playwright_reason(error: PlaywrightError) -> str:
    """Return the first line of an error that says something."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip(" \t╔═╗║╚╝")]
    return lines[0] if lines else "failed without a message"


@contextlib.contextmanager
def playwright_session() -> Iterator[Playwright]:
    """Run Playwright; what fails in it comes out as a BrowserError."""
    try:
        with sync_playwright() as playwright:
            yield playwright
    except PlaywrightError as error:
        raise BrowserError(f"the browser failed: {playwright_reason(error)}") from error


def launch_browser(playwright: Playwright, launch: dict[str, Any], *, text_rendering: str = SMOOTH) -> Browser:
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
