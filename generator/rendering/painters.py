"""What paints sheets: the painters by name, how they are found, and what all of them can show."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from generator.rendering.browser import BrowserChoice, in_thread
from generator.rendering.firefox_studio import FirefoxStudio, find_firefox
from generator.rendering.painter_names import CHROMIUM, FIREFOX
from generator.rendering.studio import Capture, Display, Studio, Surroundings, find_surroundings, survey


class SheetPainter(Protocol):
    """A running browser that takes pictures of one sheet after another; use it as a context manager.

    `choice` is what was started, and its version what a crop's row says.
    """

    choice: BrowserChoice

    def __enter__(self) -> "SheetPainter": ...

    def __exit__(self, *_: object) -> None: ...

    def capture(self, html: str, *, count: int, display: Display, variants: int = 1) -> list[Capture]:
        """Show `html` with `count` slots and return what is seen of it, a capture for each variant there is.

        A slot that has no cell for a variant is not to be looked for in that variant's capture.

        Raises:
            BrowserError: the page crashed, hung or came out at another size than was asked for.
        """
        ...


PAINTERS: dict[str, Callable[[BrowserChoice], SheetPainter]] = {CHROMIUM: Studio, FIREFOX: FirefoxStudio}
"""Name to what starts it."""

_Result = TypeVar("_Result")


def find_painter(name: str, wanted: str | None = None) -> BrowserChoice:
    """Return a painter's browser; `wanted` is a path of Chromium's.

    Raises:
        BrowserError: there is none, or it does not start.
    """
    return find_firefox() if name == FIREFOX else find_surroundings(wanted)[0]


def find_painters(names: Iterable[str], wanted: str | None = None) -> tuple[dict[str, BrowserChoice], Surroundings]:
    """Return the browsers of the painters named, Chromium's always among them, and what all can show.

    Chromium is asked which scripts have a font: Firefox draws a character that has none as a box with its number in it.

    Raises:
        BrowserError: one is not there, or does not start.
    """
    chromium, surroundings = find_surroundings(wanted)
    choices = {CHROMIUM: chromium} | {name: find_painter(name, wanted) for name in names if name != CHROMIUM}
    return choices, _shared(surroundings, choices)


def survey_painters(choices: Mapping[str, BrowserChoice]) -> Surroundings:
    """Start all of them, return what `find_painters` would, and close them.

    Raises:
        BrowserError: one does not start, or fails.
    """
    return _shared(survey(choices[CHROMIUM]), choices)


def _shared(surroundings: Surroundings, choices: Mapping[str, BrowserChoice]) -> Surroundings:
    if FIREFOX not in choices:
        return surroundings
    with FirefoxStudio(choices[FIREFOX]) as studio:
        known = studio.fonts()
    # Those without a comma are the generic families, which every browser has.
    fonts = (font for font in surroundings.fonts if "," not in font or font.partition(",")[0] in known)
    return Surroundings(tuple(fonts), surroundings.scripts)


def with_painter(name: str, choice: BrowserChoice, work: Callable[[SheetPainter], _Result]) -> _Result:
    """Start a painter in a thread of its own, give it to `work` and return what comes back.

    Raises:
        BrowserError: it does not start, or fails.
    """

    def run() -> _Result:
        with PAINTERS[name](choice) as painter:
            return work(painter)

    return in_thread(run)
