"""Assertions for tests of user interfaces: does a widget *look* checked, whatever its markup says, or has none?

For Playwright's locators, and anything else that takes screenshots in the same way:

    from model.assertions.expect import expect_checked

    page.mouse.click(40, 40)
    expect_checked(page.locator("canvas"))
"""

import asyncio
import functools
import io
import tempfile
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from base.errors import InputError, unknown_choice
from model.classifying.classifier import Classification, Classifier, load_classifier
from model.running.readings import BoxPx

CHECKED = "checked"
UNCHECKED = "unchecked"

PAUSES_S = (0.1, 0.25, 0.5, 1.0)
"""Between screenshots, the last one again and again, as in Playwright's own `expect`."""

LEAST_SCREENSHOT_S = 1.0
"""What a screenshot may take even when little time is left: it should fail for the picture, not for the clock."""


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


@dataclass(frozen=True)
class Expectation:
    """What a widget should look like.

    Attributes:
        label: a class of the classifier's model.
        confidence: the least probability of that class.
        box: left, top, width and height of the part that shows the widget, in pixels of the screenshot; all of it when
            None. A canvas often holds a whole application.
        classifier: the model in the box when None.
    """

    label: str
    confidence: float = 0.5
    box: BoxPx | None = None
    classifier: Classifier | None = None


@dataclass(frozen=True)
class Sighting:
    """A screenshot and what the model makes of it."""

    image: Image.Image
    result: Classification


def expect_checked(
    locator: Locator,
    *,
    timeout_s: float = 5.0,
    confidence: float = 0.5,
    box: BoxPx | None = None,
    classifier: Classifier | None = None,
) -> None:
    """Wait until what the locator shows looks checked; see `expect_look`."""
    expect_look(locator, Expectation(CHECKED, confidence, box, classifier), timeout_s=timeout_s)


def expect_unchecked(
    locator: Locator,
    *,
    timeout_s: float = 5.0,
    confidence: float = 0.5,
    box: BoxPx | None = None,
    classifier: Classifier | None = None,
) -> None:
    """Wait until what the locator shows looks unchecked; see `expect_look`."""
    expect_look(locator, Expectation(UNCHECKED, confidence, box, classifier), timeout_s=timeout_s)


def expect_look(locator: Locator, expected: Expectation, *, timeout_s: float = 5.0) -> None:
    """Take screenshots until one looks as expected.

    Raises:
        AssertionError: none did within `timeout_s`; says what the last one looks like, and where it is saved.
        InputError: the classifier's model has no such class, or the box is not in the screenshot.
    """
    _refuse_unknown(expected)
    look: Sighting | None = None
    for left_s, pause_s in _attempts(timeout_s):
        look = _look(locator.screenshot(timeout=left_s * 1000), expected)
        if _fits(look, expected):
            return
        time.sleep(pause_s)
    raise AssertionError(_failure(look, expected, timeout_s))


async def expect_look_async(locator: AsyncLocator, expected: Expectation, *, timeout_s: float = 5.0) -> None:
    """Do the same as `expect_look` with Playwright's async API; the model runs in a thread."""
    _refuse_unknown(expected)
    look: Sighting | None = None
    for left_s, pause_s in _attempts(timeout_s):
        picture = await locator.screenshot(timeout=left_s * 1000)
        look = await asyncio.to_thread(_look, picture, expected)
        if _fits(look, expected):
            return
        await asyncio.sleep(pause_s)
    raise AssertionError(_failure(look, expected, timeout_s))


@functools.cache
def _in_the_box() -> Classifier:
    return load_classifier()


def _classifier(expected: Expectation) -> Classifier:
    return expected.classifier or _in_the_box()


def _refuse_unknown(expected: Expectation) -> None:
    classes = _classifier(expected).model.classes
    if expected.label not in classes:
        raise unknown_choice("class", expected.label, classes)


def _attempts(timeout_s: float) -> Iterator[tuple[float, float]]:
    """Yield for each screenshot how long it may take and how long to wait after it; at least one."""
    end_s = time.monotonic() + timeout_s
    attempt = 0
    while attempt == 0 or time.monotonic() < end_s:
        left_s = end_s - time.monotonic()
        pause_s = PAUSES_S[min(attempt, len(PAUSES_S) - 1)]
        yield max(left_s, LEAST_SCREENSHOT_S), max(0.0, min(pause_s, left_s))
        attempt += 1


def _look(screenshot: bytes, expected: Expectation) -> Sighting:
    image: Image.Image = Image.open(io.BytesIO(screenshot))
    if expected.box is not None:
        left, top, width, height = expected.box
        edges = (round(left), round(top), round(left + width), round(top + height))
        if not (0 <= edges[0] < edges[2] <= image.width and 0 <= edges[1] < edges[3] <= image.height):
            raise InputError(f"the box {expected.box} is not within the screenshot of {image.width}x{image.height} px")
        image = image.crop(edges)
    return Sighting(image, _classifier(expected)([image])[0])


def _fits(look: Sighting, expected: Expectation) -> bool:
    return look.result.label == expected.label and (look.result.confidence or 0.0) >= expected.confidence


def _failure(look: Sighting | None, expected: Expectation, timeout_s: float) -> str:
    assert look is not None  # there is at least one attempt
    wanted = f"expected it to look {expected.label}, at {expected.confidence:.0%} or more, within {timeout_s:g} s"
    if look.result.error:
        return f"{wanted}; the screenshot {look.result.error}"
    with tempfile.NamedTemporaryFile(prefix="boxwright-", suffix=".png", delete=False) as file:
        look.image.save(file, "PNG")
    others = ", ".join(f"{name} {share:.1%}" for name, share in look.result.probabilities.items())
    return f"{wanted}, but it looks {look.result.label} ({others}); the last screenshot is {file.name}"
