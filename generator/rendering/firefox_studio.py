"""Firefox as a painter of sheets: finding it, and taking pictures with it."""

import base64
import contextlib
import json
import re
import subprocess
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from base.errors import BrowserError
from generator.families.theme import FONT_CANDIDATES
from generator.rendering.browser import BrowserChoice
from generator.rendering.dress import define_libraries
from generator.rendering.firefox_process import FIREFOX_VARIABLE, FirefoxProcess, firefox_program
from generator.rendering.page_stage import VIEWPORT_PX, page_script
from generator.rendering.sheet import STYLE
from generator.rendering.studio import SHEETS_A_PAGE, Capture, Display, Shot, read_layout, read_shot
from generator.rendering.text_rendering import SMOOTH, font_settings

OLDEST = 128
"""The first version of Firefox whose pages can all that sheets need: shadow roots in HTML among it."""

SCALE = "layout.css.devPixelsPerPx"
SCRIPT_S = 60
VERSION_S = 60

PREFERENCES: dict[str, str | int | bool] = {
    # What is painted is the same on every machine: light, in one accent colour, in sRGB and without scroll bars.
    "layout.css.prefers-color-scheme.content-override": 1,
    "widget.non-native-theme.use-theme-accent": False,
    "gfx.color_management.force_srgb": True,
    "ui.useOverlayScrollbars": 1,
    # Nothing is fetched: all goes by way of a port where nobody listens, and no name is looked up.
    "network.proxy.type": 1,
    **{f"network.proxy.{scheme}": "127.0.0.1" for scheme in ("http", "ssl", "socks")},
    **{f"network.proxy.{scheme}_port": 9 for scheme in ("http", "ssl", "socks")},
    "network.proxy.no_proxies_on": "",
    "network.proxy.allow_hijacking_localhost": True,
    "network.proxy.failover_direct": False,
    "network.dns.disabled": True,
    "media.peerconnection.enabled": False,
    # One page needs few processes.
    "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": False,
    "fission.autostart": False,
    "extensions.webextensions.remote": False,
    "media.rdd-process.enabled": False,
    "network.process.enabled": False,
    "browser.tabs.remote.separatePrivilegedContentProcess": False,
    "browser.newtab.preload": False,
}

# What Marionette itself runs sees the page from outside, and a style sheet that is made there fits into no page: the
# page evaluates. What is out of the body is cut off, so that a picture of the whole page is as high as the body.
PAGE = f"""<!doctype html><meta charset=utf-8>
<style>{STYLE} html {{ scrollbar-width: none; overflow: hidden; }} body {{ overflow: clip; }}</style><body><script>
window.answer = async (source, given) => JSON.stringify(await (0, eval)(`(${{source}})`)(JSON.parse(given)) ?? null);
</script></body>"""


def find_firefox() -> BrowserChoice:
    """Return the Firefox of this machine; it is asked for its version, and not started.

    Raises:
        BrowserError: there is none, or it is too old or cannot be run; the message says where was looked.
    """
    program = firefox_program()
    if program is None:
        raise BrowserError(
            "no Firefox on the PATH: install one (Debian: apt install firefox-esr), "
            f"or set {FIREFOX_VARIABLE} to its path"
        )
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=VERSION_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrowserError(f"{program} cannot be run: {error}") from error
    found = re.search(r"Firefox (\d+)(\.\d+)*", done.stdout)
    if not found:
        raise BrowserError(f"{program} is no Firefox: --version says {(done.stdout + done.stderr).strip()[:80]!r}")
    if int(found[1]) < OLDEST:
        raise BrowserError(f"{program} is {found[0]}, and {OLDEST} is the oldest that can paint crops")
    return BrowserChoice({"executable_path": program}, program, found[0])


class FirefoxPage:
    """A Firefox of its own with one page that shows sheets; `libraries` are those that the page knows."""

    def __init__(self, choice: BrowserChoice, text_rendering: str) -> None:
        fonts = font_settings(text_rendering)
        environment = {"FONTCONFIG_FILE": str(fonts)} if fonts else {}
        program = choice.launch["executable_path"]
        self._process = FirefoxProcess(program, PREFERENCES, arguments=("--headless",), environment=environment)
        self._ask = self._process.marionette.ask
        self.libraries: set[str] = set()
        self._scale = 0.0
        self._shown = 0
        try:
            self._ask("WebDriver:SetTimeouts", script=SCRIPT_S * 1000)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the browser."""
        self._process.close()

    def open_at(self, scale: float) -> None:
        """Have an open page of so many device pixels a CSS pixel, which has not shown too many sheets yet."""
        if scale == self._scale and self._shown < SHEETS_A_PAGE:
            self._shown += 1
            return
        self._ask("Marionette:SetContext", value="chrome")
        self._script("Services.prefs.setStringPref(...arguments)", SCALE, str(scale))
        self._ask("Marionette:SetContext", value="content")
        self._ask("WebDriver:Navigate", url=f"data:text/html;charset=utf-8,{quote(PAGE)}")
        self._resize(scale)
        self.evaluate(page_script("stage.js"))
        self.libraries.clear()
        self._scale, self._shown = scale, 1

    def evaluate(self, source: str, given: object = None) -> Any:  # noqa: ANN401  whatever JSON the function returns
        """Return what a function of JavaScript, run on the page, makes of a value."""
        return json.loads(self._script("return window.answer(...arguments)", source, json.dumps(given)))

    def picture(self, height: int) -> bytes:
        """Take the veil off a sheet of a height in CSS pixels, the window's at least; return it as a PNG file."""
        self._script("window.unveil(arguments[0])", height)
        shot = self._ask("WebDriver:TakeScreenshot", full=True, hash=False)
        return base64.b64decode(shot["value"])

    def _script(self, script: str, *given: object) -> Any:  # noqa: ANN401  whatever JSON the script returns
        return self._ask("WebDriver:ExecuteScript", script=script, args=given)["value"]

    def _resize(self, scale: float) -> None:
        """Give the page the size that sheets are laid out for, whatever the window has around it."""
        size = "return [innerWidth, innerHeight, devicePixelRatio, outerWidth, outerHeight]"
        width, height, _, outer_width, outer_height = self._script(size)
        around = (outer_width - width, outer_height - height)
        wide, high = (inner + more for inner, more in zip(VIEWPORT_PX, around, strict=True))
        self._ask("WebDriver:SetWindowRect", width=wide, height=high)
        found = self._script(size)[:3]
        if found != [*VIEWPORT_PX, scale]:
            raise BrowserError(f"Firefox has a page of {found} (width, height, scale) for {[*VIEWPORT_PX, scale]}")


class FirefoxStudio:
    """Running Firefoxes that take pictures of one sheet after another; use it as a context manager.

    Each way to draw text needs a Firefox of its own, which is started when the first such sheet comes. What Firefox
    takes pictures with draws no text in subpixels: it shows those ways that are WITHOUT_FRINGES.
    """

    def __init__(self, choice: BrowserChoice) -> None:
        self.choice = choice
        self._stack = contextlib.ExitStack()
        self._pages: dict[str, FirefoxPage] = {}

    def __enter__(self) -> "FirefoxStudio":
        self._page(SMOOTH)
        return self

    def __exit__(self, *_: object) -> None:
        self._pages.clear()
        self._stack.close()

    def capture(self, html: str, *, count: int, display: Display, variants: int = 1) -> list[Capture]:
        """See `SheetPainter` in `painters`."""
        page = self._page(display.text_rendering)
        page.open_at(display.scale)
        define_libraries(page.evaluate, html, defined=page.libraries)
        layout = read_layout(page.evaluate(page_script("show.js"), html))
        layout = replace(layout, height_px=max(VIEWPORT_PX[1], layout.height_px))
        shot = Shot(page.picture(layout.height_px), layout)
        return read_shot(shot, count=count, display=display, variants=variants)

    def fonts(self) -> frozenset[str]:
        """Return which of the fonts that themes name there are.

        Raises:
            BrowserError: it failed.
        """
        page = self._page(SMOOTH)
        page.open_at(1.0)
        return frozenset(page.evaluate(page_script("probe.js"), [list(FONT_CANDIDATES), {}])["fonts"])

    def _page(self, text_rendering: str) -> FirefoxPage:
        if text_rendering not in self._pages:
            page = FirefoxPage(self.choice, text_rendering)
            self._stack.callback(page.close)
            self._pages[text_rendering] = page
        return self._pages[text_rendering]
