"""A picture of what a page shows, whatever drives it: Playwright, Selenium, Appium, or a picture that is there."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from PIL import Image

from base.errors import InputError
from model.classifying.classifier import AnyPicture

PAUSES_S = (0.1, 0.25, 0.5, 1.0)
"""Between screenshots, the last one again and again, as in Playwright's own `expect`."""

LEAST_SCREENSHOT_S = 1.0
"""What a screenshot may take even when little time is left: it should fail for the picture, not for the clock."""

SELENIUM = ("screenshot_as_png", "get_screenshot_as_png")
"""What elements and drivers of Selenium and Appium have: an attribute, and a method."""


class Locator(Protocol):
    """What takes screenshots: a locator, element or page of Playwright's sync API."""

    def screenshot(self, *, timeout: float) -> bytes:
        """Return an encoded picture, made within `timeout` milliseconds."""
        ...


class AsyncLocator(Protocol):
    """What takes screenshots: a locator, element or page of Playwright's async API."""

    def screenshot(self, *, timeout: float) -> Awaitable[bytes]:
        """Return an encoded picture, made within `timeout` milliseconds."""
        ...


class Driver(Protocol):
    """A driver of Selenium or Appium."""

    def get_screenshot_as_png(self) -> bytes:
        """Return an encoded picture of the window."""
        ...


class DrivenElement(Protocol):
    """An element of Selenium or Appium."""

    @property
    def screenshot_as_png(self) -> bytes:
        """Return an encoded picture of the element."""
        ...


AnyPage = Locator | Driver | DrivenElement | AnyPicture
"""What is looked at: a page or a part of it, or a picture, which stays as it is."""


def page_picture(page: AnyPage, timeout_s: float = 5.0) -> AnyPicture:
    """Return what the page shows now.

    Raises:
        InputError: nothing takes a screenshot of it, or it is of Playwright's async API.
    """
    if isinstance(page, str | Path | bytes | Image.Image | np.ndarray):
        return page
    attribute, method = (getattr(type(page), name, None) for name in SELENIUM)
    if attribute is not None or method is not None:  # first: an element's `screenshot` there writes a file
        driven = cast(Any, page)
        return cast(bytes, driven.screenshot_as_png if attribute is not None else driven.get_screenshot_as_png())
    taken = _screenshot(page, timeout_s)
    if isinstance(taken, Awaitable):
        if asyncio.iscoroutine(taken):
            taken.close()
        raise InputError("this page is of an async API: await page_state_async or expect_look_async")
    return cast(bytes, taken)


async def page_picture_async(page: AsyncLocator | AnyPage, timeout_s: float = 5.0) -> AnyPicture:
    """Return what a page shows now, also one of Playwright's async API; what is not async is asked in a thread."""
    if callable(getattr(type(page), "screenshot", None)) and not any(hasattr(type(page), name) for name in SELENIUM):
        taken = _screenshot(page, timeout_s)
        return cast(bytes, await taken) if isinstance(taken, Awaitable) else cast(bytes, taken)
    return await asyncio.to_thread(page_picture, cast(AnyPage, page), timeout_s)


def pictures_until(page: AnyPage, timeout_s: float) -> Iterator[AnyPicture]:
    """Yield pictures of the page until the time is over; at least one. What looking at them takes does not count."""
    clock = _PageClock(timeout_s)
    while clock.goes_on():
        with clock.running():
            picture = page_picture(page, clock.screenshot_s)
        yield picture
        with clock.running():
            time.sleep(clock.pause_s)


async def pictures_until_async(page: AsyncLocator | AnyPage, timeout_s: float) -> AsyncIterator[AnyPicture]:
    """Yield pictures of a page of an async API likewise."""
    clock = _PageClock(timeout_s)
    while clock.goes_on():
        with clock.running():
            picture = await page_picture_async(page, clock.screenshot_s)
        yield picture
        with clock.running():
            await asyncio.sleep(clock.pause_s)


class _PageClock:
    """The time that a page still has, and how often it was looked at."""

    def __init__(self, timeout_s: float) -> None:
        self.left_s = timeout_s
        self.looks = 0

    def goes_on(self) -> bool:
        self.looks += 1
        return self.looks == 1 or self.left_s > 0

    @property
    def screenshot_s(self) -> float:
        return max(self.left_s, LEAST_SCREENSHOT_S)

    @property
    def pause_s(self) -> float:
        return max(0.0, min(PAUSES_S[min(self.looks, len(PAUSES_S)) - 1], self.left_s))

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        begun_s = time.monotonic()
        yield
        self.left_s -= time.monotonic() - begun_s


def _screenshot(page: object, timeout_s: float) -> object:
    if not callable(getattr(page, "screenshot", None)):
        raise InputError(
            f"a {type(page).__name__} takes no screenshot; give a page, locator, driver, element or picture"
        )
    return cast(Any, page).screenshot(timeout=timeout_s * 1000)
