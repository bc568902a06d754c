import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, Page

from base.errors import InputError
from generator.rendering.browser import BrowserChoice, in_thread, launch_browser, playwright_session
from model.assertions.expect import Expectation, expect_checked, expect_look, expect_look_async, expect_unchecked
from model.classifying.classifier import Classifier
from tests.test_predict import model

CANVAS = """<canvas width="240" height="48" style="background: white"></canvas><script>
  const canvas = document.querySelector("canvas"), pen = canvas.getContext("2d");
  let checked = false;
  function draw() {
    pen.clearRect(0, 0, 240, 48);
    pen.beginPath();
    pen.roundRect(14.5, 13.5, 20, 20, 4);
    pen.fillStyle = checked ? "#2563eb" : "white";
    pen.strokeStyle = checked ? "#2563eb" : "#6b7280";
    pen.lineWidth = 2;
    pen.fill(); pen.stroke();
    if (checked) {
      pen.beginPath(); pen.moveTo(19, 24); pen.lineTo(23, 28); pen.lineTo(30, 19);
      pen.strokeStyle = "white"; pen.stroke();
    }
    pen.fillStyle = "#111827"; pen.font = "16px sans-serif"; pen.fillText("Remember me", 46, 30);
  }
  canvas.addEventListener("click", () => setTimeout(() => { checked = !checked; draw(); }, 400));
  draw();
</script>"""
"""A canvas has no markup that could be asked whether its box is checked; this one is slow to draw, too."""


@pytest.fixture(scope="module")
def browser(browser_choice: BrowserChoice) -> Iterator[Browser]:
    with playwright_session() as playwright, launch_browser(playwright, browser_choice.launch) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_page() as page:
        yield page


@pytest.mark.browser
def test_a_checkbox_on_a_canvas_is_seen_to_be_checked_and_unchecked_again(page: Page) -> None:
    page.set_content(CANVAS)
    canvas = page.locator("canvas")
    expect_unchecked(canvas)
    canvas.click(position={"x": 24, "y": 24})
    expect_checked(canvas)
    canvas.click(position={"x": 24, "y": 24})
    expect_unchecked(canvas)


@pytest.mark.browser
def test_a_failure_says_what_was_seen_and_keeps_the_screenshot(page: Page) -> None:
    page.set_content(CANVAS)
    with pytest.raises(AssertionError) as caught:
        expect_checked(page.locator("canvas"), timeout_s=0.3)
    assert re.search(
        r"look checked, at 50% or more, within 0\.3 s, but it looks unchecked \(checked \d", str(caught.value)
    )
    saved = Path(str(caught.value).rpartition("screenshot is ")[2])
    with Image.open(saved) as picture:
        assert picture.size == (240, 48)
    saved.unlink()


@pytest.mark.browser
def test_a_part_of_a_canvas_is_looked_at_alone(page: Page) -> None:
    page.set_content(CANVAS)
    expect_unchecked(page.locator("canvas"), box=(4, 4, 120, 40))
    with pytest.raises(InputError, match=r"not within the screenshot of 240x48 px"):
        expect_unchecked(page.locator("canvas"), box=(200, 4, 120, 40))


@pytest.mark.browser
def test_the_async_api_is_served_too(browser_choice: BrowserChoice) -> None:
    async def visit() -> None:
        async with async_playwright() as playwright:
            launch = {**browser_choice.launch, "args": ["--no-sandbox"]}
            browser = await playwright.chromium.launch(**launch)  # type: ignore[arg-type]  # as launch_browser does
            page = await browser.new_page()
            await page.set_content(CANVAS)
            canvas = page.locator("canvas")
            await canvas.click(position={"x": 24, "y": 24})
            await expect_look_async(canvas, Expectation("checked"))
            with pytest.raises(AssertionError, match="but it looks checked"):
                await expect_look_async(canvas, Expectation("unchecked"), timeout_s=0)
            await browser.close()

    in_thread(lambda: asyncio.run(visit()))


class Still:
    """Shows one thing after another, and the last one for ever."""

    def __init__(self, *pictures: bytes) -> None:
        self.pictures = list(pictures)
        self.timeouts: list[float] = []

    def screenshot(self, *, timeout: float) -> bytes:
        self.timeouts.append(timeout)
        return self.pictures.pop(0) if len(self.pictures) > 1 else self.pictures[0]


def png(tmp_path: Path, color: str) -> bytes:
    Image.new("RGB", (60, 40), color).save(tmp_path / f"{color}.png")
    return (tmp_path / f"{color}.png").read_bytes()


def test_it_looks_again_until_it_looks_as_expected(tmp_path: Path) -> None:
    pictures = [png(tmp_path, color) for color in ("red", "white")]
    classifier = Classifier(model())
    before, after = (result.label for result in classifier(pictures))
    if before == after:
        pytest.skip("to random weights both look the same")
    locator = Still(pictures[0], pictures[0], pictures[1])
    expect_look(locator, Expectation(str(after), 0, classifier=classifier), timeout_s=10)
    assert len(locator.timeouts) == 3
    assert 1000 <= locator.timeouts[-1] < locator.timeouts[0] <= 10_000


def test_a_confidence_that_is_not_reached_fails(tmp_path: Path) -> None:
    locator = Still(png(tmp_path, "white"))
    classifier = Classifier(model())
    label = str(classifier([locator.pictures[0]])[0].label)
    with pytest.raises(AssertionError, match="at 100% or more"):
        expect_look(locator, Expectation(label, 1.0, classifier=classifier), timeout_s=0)
    assert locator.timeouts == [1000]


def test_a_class_that_the_model_does_not_know_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown class 'cheked'; did you mean checked"):
        expect_look(Still(png(tmp_path, "white")), Expectation("cheked", classifier=Classifier(model())))
