import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageColor
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, Page

from base.errors import ImageError, InputError
from generator.rendering.browser import BrowserChoice, in_thread, launch_browser, playwright_session
from model.assertions.expect import Expectation, expect_checked, expect_look_async, expect_unchecked
from model.assertions.page_pictures import page_picture
from model.assertions.page_state import page_state, page_state_async
from model.captioning.widget_search import find_widget
from model.scanning.marking import STATE_COLOURS
from tests.framed_pages import FORM, scan_frames

LABELS = ["Newsletter", "Dark mode", "Send crash reports"]


@pytest.fixture(scope="module")
def browser(browser_choice: BrowserChoice) -> Iterator[Browser]:
    with playwright_session() as playwright, launch_browser(playwright, browser_choice.launch) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_page() as page:
        page.set_content(FORM)
        yield page


@pytest.mark.browser
def test_the_state_of_a_drawn_form_is_told_with_boxes_and_labels(page: Page) -> None:
    widgets = page_state(page, labels=True, scan=scan_frames)
    assert [widget.label for widget in widgets] == LABELS
    assert [widget.state for widget in widgets] == ["unchecked", "checked", "unchecked"]
    assert [widget.box for widget in widgets] == [(30, top, 22, 22) for top in (30, 80, 130)]
    page.mouse.click(*find_widget(widgets, "newsletter").centre)
    expect_checked(page, label="Newsletter", scan=scan_frames)
    expect_unchecked(page.locator("canvas"), label="send crash reports", scan=scan_frames)


@pytest.mark.browser
def test_a_failure_names_what_was_seen_and_keeps_the_marked_screenshot(page: Page, tmp_path: Path) -> None:
    with pytest.raises(AssertionError) as caught:
        expect_checked(page, label="Newsletter", scan=scan_frames, timeout_s=0.2, folder=tmp_path / "kept")
    text = str(caught.value)
    assert text.startswith(
        "expected the widget 'Newsletter' to look checked, at 50% or more, within 0.2 s, but it looks"
    )
    assert re.search(
        r"looks unchecked \(\d+\.\d%\); seen: 1\. checkbox 'Newsletter' unchecked \d+% at 30,30 22x22", text
    )
    assert "2. checkbox 'Dark mode' checked" in text
    [saved] = (tmp_path / "kept").iterdir()
    assert text.endswith(str(saved))
    with Image.open(saved) as picture:
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or ()}
    assert set(map(ImageColor.getrgb, STATE_COLOURS[:2])) <= colours


@pytest.mark.browser
def test_a_label_that_is_not_there_fails_and_says_so(page: Page, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"no widget is called so; seen: 1\. checkbox 'Newsletter'"):
        expect_checked(page, label="Bluetooth", scan=scan_frames, timeout_s=0, folder=tmp_path)


@pytest.mark.browser
def test_pages_of_the_async_api_are_read_too(browser_choice: BrowserChoice) -> None:
    async def visit() -> None:
        async with async_playwright() as playwright:
            launch = {**browser_choice.launch, "args": ["--no-sandbox"]}
            browser = await playwright.chromium.launch(**launch)  # type: ignore[arg-type]  # as launch_browser does
            page = await browser.new_page()
            await page.set_content(FORM)
            widgets = await page_state_async(page, scan=scan_frames)
            assert [widget.state for widget in widgets] == ["unchecked", "checked", "unchecked"]
            await expect_look_async(page, Expectation("checked", named="dark mode", scan=scan_frames))
            with pytest.raises(InputError, match="await page_state_async"):
                page_state(page, scan=scan_frames)  # type: ignore[arg-type]  # that is the mistake
            await browser.close()

    in_thread(lambda: asyncio.run(visit()))


class SeleniumDriver:
    """Has what drivers of Selenium and Appium have."""

    def __init__(self, png: bytes) -> None:
        self.png = png

    def get_screenshot_as_png(self) -> bytes:
        return self.png


class SeleniumElement(SeleniumDriver):
    """Has what elements have; `screenshot` writes a file there."""

    @property
    def screenshot_as_png(self) -> bytes:
        return self.png

    def screenshot(self, filename: str) -> bool:
        raise AssertionError(filename)


@pytest.mark.parametrize("kind", [SeleniumDriver, SeleniumElement])
def test_what_selenium_and_appium_drive_is_read_by_its_own_screenshots(kind: type[SeleniumDriver]) -> None:
    assert page_picture(kind(b"a picture")) == b"a picture"


def test_a_picture_is_read_as_it_is_and_what_is_none_is_an_error(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60), "white").save(tmp_path / "white.png")
    assert page_state(tmp_path / "white.png", scan=scan_frames) == []
    assert page_state(Image.new("RGB", (80, 60), "gray"), labels=True, scan=scan_frames) == []
    with pytest.raises(ImageError):
        page_state(b"no picture", scan=scan_frames)
    with pytest.raises(InputError, match="a int takes no screenshot; give a page, locator, driver, element or picture"):
        page_state(3, scan=scan_frames)  # type: ignore[arg-type]  # that is the mistake
