"""A pytest plug-in: tests ask what a page shows, with one scanner for the whole session.

    def test_newsletter_can_be_chosen(page, boxwright_screen):
        page.goto("https://example.org/form")
        page.mouse.click(*boxwright_screen.find(page, "Newsletter").centre)
        boxwright_screen.expect_checked(page, label="Newsletter")

It is loaded with every pytest, and so loads nothing itself until a fixture is asked for.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from typing import Unpack

    from model.assertions.expect import Looking
    from model.assertions.looks import Expectation
    from model.assertions.page_pictures import AnyPage, AsyncLocator
    from model.finding.scanner import Scan
    from model.finding.widgets import FoundWidget

FOLDER_OPTION = "--boxwright-artifacts"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says where the screenshots of failures are kept."""
    group = parser.getgroup("boxwright", "what pages show")
    group.addoption(
        FOLDER_OPTION, metavar="DIR", help="keep the screenshots of failed looks below DIR (default: pytest's tmp_path)"
    )


class BoxwrightScreen:
    """What pages show, seen by the session's scanner; `folder` is where the screenshots of failures are kept."""

    def __init__(self, scan: "Scan", folder: Callable[[], Path]) -> None:
        self.scan = scan
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Return the folder, which is made when something is kept in it."""
        return self._folder()

    def state(self, page: "AnyPage", *, labels: bool = False) -> "list[FoundWidget]":
        """Return the widgets that the page shows; see `boxwright.page_state`."""
        from model.assertions.page_state import page_state

        return page_state(page, labels=labels, scan=self.scan)

    async def state_async(self, page: "AsyncLocator | AnyPage", *, labels: bool = False) -> "list[FoundWidget]":
        """Return the widgets that a page of an async API shows."""
        from model.assertions.page_state import page_state_async

        return await page_state_async(page, labels=labels, scan=self.scan)

    def find(self, page: "AnyPage", label: str) -> "FoundWidget":
        """Return the one widget of that label; see `boxwright.find_widget`."""
        from model.captioning.widget_search import find_widget

        return find_widget(self.state(page, labels=True), label)

    def expect_checked(self, page: "AnyPage", **looking: "Unpack[Looking]") -> None:
        """Wait until it looks checked; see `boxwright.expect_checked`."""
        from model.assertions.expect import expect_checked

        expect_checked(page, **self._ours(looking))

    def expect_unchecked(self, page: "AnyPage", **looking: "Unpack[Looking]") -> None:
        """Wait until it looks unchecked; see `boxwright.expect_unchecked`."""
        from model.assertions.expect import expect_unchecked

        expect_unchecked(page, **self._ours(looking))

    async def expect_look_async(
        self, page: "AsyncLocator | AnyPage", expected: "Expectation", *, timeout_s: float = 5.0
    ) -> None:
        """Wait until a page of an async API looks as expected; see `boxwright.expect_look_async`."""
        from dataclasses import replace

        from model.assertions.expect import expect_look_async

        ours = replace(expected, scan=expected.scan or self.scan, folder=expected.folder or self.folder)
        await expect_look_async(page, ours, timeout_s=timeout_s)

    def _ours(self, looking: "Looking") -> "Looking":
        return {"scan": self.scan, "folder": self.folder, **looking}


@pytest.fixture(scope="session")
def boxwright_scan() -> "Scan":
    """Return what finds widgets: the scanner in the box. Override it to take a model of your own."""
    from model.finding.scanner import load_scanner

    return load_scanner().scan


@pytest.fixture
def boxwright_screen(request: pytest.FixtureRequest, boxwright_scan: "Scan") -> "Iterator[BoxwrightScreen]":
    """Return what tells the state of pages, and waits until they look as expected."""
    chosen: Any = request.config.getoption(FOLDER_OPTION)

    def folder() -> Path:
        if chosen is None:
            kept: Path = request.getfixturevalue("tmp_path")
            return kept
        return Path(chosen) / "".join(c if c.isalnum() or c in "-_." else "_" for c in request.node.nodeid)

    yield BoxwrightScreen(boxwright_scan, folder)
