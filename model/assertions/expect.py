"""Assertions for tests of user interfaces: does a widget *look* checked, whatever its markup says, or has none?

For Playwright's locators and pages, and whatever else a screenshot can be taken of:

    from model.assertions.expect import expect_checked

    page.mouse.click(40, 40)
    expect_checked(page.locator("canvas"))
    expect_checked(page, label="Newsletter")
"""

import asyncio
from pathlib import Path
from typing import TypedDict, Unpack

from model.assertions.looks import Expectation, PageLook, failure_text, look_at_picture
from model.assertions.page_pictures import AnyPage, AsyncLocator, pictures_until, pictures_until_async
from model.classifying.classifier import AnyPicture, Classifier
from model.finding.scanner import Scan
from model.running.readings import BoxPx

CHECKED = "checked"
UNCHECKED = "unchecked"


class Looking(TypedDict, total=False):
    """What `expect_checked` and `expect_unchecked` take, all by keyword.

    `timeout_s` is how long to wait, 5 s; `label` the words beside the widget, where the screenshot shows several: then
    `scan` finds them, the scanner in the box unless given. `confidence`, `box`, `classifier` and `folder` are those of
    `Expectation`.
    """

    timeout_s: float
    confidence: float
    box: BoxPx | None
    classifier: Classifier | None
    label: str | None
    scan: Scan | None
    folder: Path | None


def expect_checked(page: AnyPage, **looking: Unpack[Looking]) -> None:
    """Wait until what the page shows looks checked, or its widget of that label; see `Looking` and `expect_look`."""
    _expect(CHECKED, page, looking)


def expect_unchecked(page: AnyPage, **looking: Unpack[Looking]) -> None:
    """Wait until what the page shows looks unchecked, or its widget of that label; see `Looking` and `expect_look`."""
    _expect(UNCHECKED, page, looking)


def expect_look(page: AnyPage, expected: Expectation, *, timeout_s: float = 5.0) -> None:
    """Take screenshots until one looks as expected.

    Args:
        page: a page or locator of Playwright, a driver or element of Selenium or Appium, or a picture.
        expected: how it should look.
        timeout_s: how long to wait.

    Raises:
        AssertionError: none did within `timeout_s`; says what the last one looks like, and where it is saved.
        InputError: the classifier's model has no such class, the box is not in the screenshot, or a widget is named and
            RapidOCR is not installed.
    """
    expected.check()
    watch = _Watch(expected)
    for picture in pictures_until(page, timeout_s):
        if watch.sees(picture):
            return
    raise AssertionError(watch.failure(timeout_s))


async def expect_look_async(page: AsyncLocator | AnyPage, expected: Expectation, *, timeout_s: float = 5.0) -> None:
    """Do the same as `expect_look` with Playwright's async API; the models run in a thread."""
    expected.check()
    watch = _Watch(expected)
    async for picture in pictures_until_async(page, timeout_s):
        if await asyncio.to_thread(watch.sees, picture):
            return
    raise AssertionError(watch.failure(timeout_s))


class _Watch:
    """Looks at one screenshot after another; at one that is the same as the last, it looks once."""

    def __init__(self, expected: Expectation) -> None:
        self.expected = expected
        self._picture: AnyPicture | None = None
        self._look: PageLook | None = None

    def sees(self, picture: AnyPicture) -> bool:
        if self._look is None or not isinstance(picture, bytes) or picture != self._picture:
            self._picture, self._look = picture, look_at_picture(picture, self.expected)
        return self._look.fits(self.expected)

    def failure(self, timeout_s: float) -> str:
        assert self._look is not None  # there is at least one attempt
        return failure_text(self._look, self.expected, timeout_s)


def _expect(state: str, page: AnyPage, looking: Looking) -> None:
    expected = Expectation(
        state,
        confidence=looking.get("confidence", 0.5),
        box=looking.get("box"),
        classifier=looking.get("classifier"),
        named=looking.get("label"),
        scan=looking.get("scan"),
        folder=looking.get("folder"),
    )
    expect_look(page, expected, timeout_s=looking.get("timeout_s", 5.0))
