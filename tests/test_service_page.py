"""The page at / in a real browser: choose, drop and paste pictures, see predictions, heat maps, screenshots."""

import base64
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from generator.rendering.browser import BrowserChoice, launch_browser, playwright_session
from model.classifying.classifier import Classifier
from model.finding.scanner import Scanner
from model.finding.widgets import FoundWidget
from service.app import create_app
from service.listening import listen
from service.service_settings import ServeSettings
from service.serving import Serving
from tests.squares import BOXES, SquareFinder, draw_screen
from tests.test_predict import model, write_pool

pytestmark = pytest.mark.browser
TOKEN = "0123456789abcdef"
TOUCH_PX = 44

DROP = """([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
  const event = name === "drop" ? new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true })
                                : new ClipboardEvent(name, { clipboardData: transfer, bubbles: true });
  document.querySelector("main").dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def addresses() -> Iterator[tuple[str, str]]:
    """Addresses of a service without a token and of one with it, in threads of this process."""
    servers, threads, ports = [], [], []
    for token in (None, TOKEN):
        app = create_app(Serving(lambda: Classifier(model()), ServeSettings(), load_finder=SquareFinder), token=token)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        listener = listen("127.0.0.1", 0)
        ports.append(listener.getsockname()[1])
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        servers.append(server)
        threads.append(thread)
    yield f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
    for server, thread in zip(servers, threads, strict=True):
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser(browser_choice: BrowserChoice) -> Iterator[Browser]:
    with playwright_session() as playwright, launch_browser(playwright, browser_choice.launch) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, addresses: tuple[str, str]) -> Iterator[Page]:
    with browser.new_page() as page:
        page.goto(addresses[0])
        yield page


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return write_pool(tmp_path, 3)


def test_pictures_that_are_chosen_get_predictions_and_bad_ones_a_reason(page: Page, paths: list[Path]) -> None:
    paths[1].write_text("I am a text", encoding="utf-8")
    page.get_by_label("Choose pictures").set_input_files(paths)
    expect(page.get_by_role("status").first).to_contain_text("3 of 3 done")
    cards = page.locator(".card")
    results = Classifier(model())(paths)
    for index in (0, 2):
        label, confidence = results[index].label, results[index].confidence
        assert confidence is not None
        expect(cards.nth(index).get_by_role("heading")).to_have_text(f"{label}, {100 * confidence:.1f} %")
        expect(cards.nth(index).locator(".bars li")).to_have_count(3)
    expect(cards.nth(1).get_by_role("heading")).to_have_text("001.png: is not a picture")
    page.get_by_role("button", name="Clear").click()
    expect(cards).to_have_count(0)


def test_how_a_picture_was_understood_is_shown(page: Page, paths: list[Path]) -> None:
    tick = Image.new("RGBA", (40, 40))
    ImageDraw.Draw(tick).line([(8, 20), (17, 30), (32, 9)], fill="white", width=5)
    tick.save(paths[0])
    page.get_by_label("Choose pictures").set_input_files(paths[:2])
    expect(page.get_by_role("status").first).to_contain_text("2 of 2 done")
    expect(page.locator(".card").nth(0)).to_contain_text("transparent: laid over black")
    expect(page.locator(".card").nth(1).locator(".note")).to_be_hidden()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_pictures_can_be_dropped_and_pasted(way: str, page: Page, paths: list[Path]) -> None:
    page.evaluate(DROP, [way, base64.b64encode(paths[0].read_bytes()).decode()])
    expect(page.locator(".card .bars li")).to_have_count(3)


def test_a_heat_map_comes_when_asked_for_and_goes_again(page: Page, paths: list[Path]) -> None:
    page.get_by_label("Choose pictures").set_input_files(paths[0])
    why = page.get_by_role("button", name="Heat map of 000.png")
    why.click()
    expect(page.locator(".said")).to_contain_text("iding", timeout=20_000)
    expect(page.locator("canvas.heat")).to_be_visible()
    assert page.evaluate("document.querySelector('canvas.heat').width") > 1
    why.click()
    expect(page.locator("canvas.heat")).to_be_hidden()


def test_it_works_by_keyboard_alone(page: Page, paths: list[Path]) -> None:
    # Playwright takes choosers over from the first listener on, but does not wait for the browser to say so.
    page.on("filechooser", lambda _: None)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Choose pictures")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(paths[0])
    expect(page.locator(".card .bars li")).to_have_count(3)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Clear")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Crop")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Heat map of 000.png")).to_have_attribute("aria-pressed", "true")


def test_on_a_phone_nothing_overflows_and_buttons_can_be_hit(page: Page, paths: list[Path]) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_label("Choose pictures").set_input_files(paths)
    expect(page.locator(".card .bars li")).to_have_count(9)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for button in page.locator("button:visible, #drop").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= TOUCH_PX


def test_the_token_is_asked_for_once_and_remembered(
    browser: Browser, addresses: tuple[str, str], paths: list[Path]
) -> None:
    with browser.new_page() as page:
        page.goto(addresses[1])
        token = page.get_by_label("This service asks for its token")
        token.fill("wrong")
        token.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("That is not the token.")
        token.fill(TOKEN)
        token.press("Enter")
        expect(page.locator("#model")).to_contain_text("checked, other, unchecked")
        page.reload()
        page.get_by_label("Choose pictures").set_input_files(paths[0])
        expect(page.locator(".card .bars li")).to_have_count(3)
        expect(token).to_be_hidden()


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    path = tmp_path / "screen.png"
    draw_screen(*BOXES).save(path)
    return path


def found_on(screen: Path) -> list[FoundWidget]:
    """What the page lists, from top to bottom."""
    found = Scanner(SquareFinder(), Classifier(model())).scan(Image.open(screen))
    return sorted(found, key=lambda widget: (widget.centre[1], widget.centre[0]))


def test_a_picture_as_large_as_a_screen_is_scanned_and_its_widgets_are_outlined_where_they_are(
    page: Page, paths: list[Path], screen: Path
) -> None:
    page.get_by_label("Choose pictures").set_input_files([paths[0], screen])
    expect(page.get_by_role("status").first).to_contain_text("2 of 2 done")
    expect(page.get_by_role("status").first).to_contain_text("4 widgets on screenshots")
    crop, card = page.locator(".card").nth(0), page.locator(".card").nth(1)
    expect(crop.locator(".bars li")).to_have_count(3)
    expect(crop.get_by_role("radio", name="Crop")).to_be_checked()
    expect(card.get_by_role("radio", name="Screenshot")).to_be_checked()
    expect(card.get_by_role("heading")).to_contain_text("4 widgets: ")
    picture = card.locator("img").bounding_box()
    assert picture is not None
    zoom = picture["width"] / 900
    widgets = found_on(screen)
    expect(card.locator(".widgets li")).to_have_count(len(widgets))
    for index, widget in enumerate(widgets):
        mark = card.locator(".mark").nth(index)
        expect(mark).to_have_attribute("data-state", widget.state)
        box = mark.bounding_box()
        assert box is not None
        centre = (box["x"] + box["width"] / 2 - picture["x"], box["y"] + box["height"] / 2 - picture["y"])
        assert centre == pytest.approx([zoom * side for side in widget.centre], abs=1.5)
        assert box["width"] == pytest.approx(zoom * widget.box[2] + 4, abs=1.5), "outlined, not covered"
        said = card.locator(".widgets button").nth(index).inner_text()
        assert f"{widget.kind}, {widget.state}" in said
        assert f"{100 * min(widget.confidence, widget.state_confidence):.1f} %" in said


def test_pointing_at_a_widget_says_what_it_is_in_both_places(page: Page, screen: Path) -> None:
    page.get_by_label("Choose pictures").set_input_files(screen)
    widget = found_on(screen)[1]
    tip = page.locator(".tip")
    expect(tip).to_be_hidden()
    page.locator(".mark").nth(1).hover()
    said, sure = f"{widget.kind}, {widget.state} {100 * widget.state_confidence:.1f} %", 100 * widget.confidence
    expect(tip).to_have_text(f"{said} · a widget {sure:.1f} %")
    expect(page.locator(".widgets button").nth(1)).to_have_class("active")
    expect(page.locator(".loupe")).to_be_visible()
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    page.locator(".mark").nth(2).click()
    expect(page.locator(".widgets button").nth(2)).to_be_focused()
    expect(tip).to_be_visible()


def test_the_list_of_widgets_is_one_stop_and_is_walked_with_arrows(page: Page, screen: Path) -> None:
    page.get_by_label("Choose pictures").set_input_files(screen)
    buttons = page.locator(".widgets button")
    expect(buttons).to_have_count(4)
    page.get_by_role("radio", name="Screenshot").focus()
    page.keyboard.press("Tab")
    expect(buttons.nth(0)).to_be_focused()
    for key, index in (("ArrowDown", 1), ("End", 3), ("ArrowDown", 3), ("ArrowUp", 2), ("Home", 0)):
        page.keyboard.press(key)
        expect(buttons.nth(index)).to_be_focused()
        expect(page.locator(".mark").nth(index)).to_have_class("mark active")
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(buttons.nth(3)).to_be_focused()


def test_a_picture_can_be_read_as_the_other(page: Page, paths: list[Path], screen: Path) -> None:
    page.get_by_label("Choose pictures").set_input_files(screen)
    expect(page.locator(".widgets li")).to_have_count(4)
    page.get_by_text("Crop", exact=True).click()
    expect(page.locator(".bars li")).to_have_count(3)
    expect(page.locator(".mark")).to_have_count(0)
    expect(page.locator(".note")).to_contain_text("as large as a screen")
    expect(page.get_by_role("status").first).to_contain_text("1 of 1 done: 1 ")
    page.get_by_text("Screenshot", exact=True).click()
    expect(page.locator(".widgets li")).to_have_count(4)
    expect(page.locator(".bars li")).to_have_count(0)
    expect(page.locator(".note")).to_be_hidden()


def test_a_screenshot_without_widgets_or_too_large_a_one_says_so(page: Page, tmp_path: Path) -> None:
    for name, size in (("empty.png", (900, 700)), ("large.png", (5000, 4000))):
        draw_screen(size=size).save(tmp_path / name)
    page.get_by_label("Choose pictures").set_input_files([tmp_path / "empty.png", tmp_path / "large.png"])
    headings = page.locator(".card").get_by_role("heading")
    expect(headings.nth(0)).to_have_text("No widget found")
    expect(headings.nth(1)).to_have_text("large.png: too large: 5000x4000 px, at most 10 megapixels are read")
    expect(page.get_by_role("status").first).to_contain_text("1 failed")


@pytest.mark.parametrize("width", [360, 1200])
def test_a_screenshot_overflows_nowhere(width: int, page: Page, tmp_path: Path) -> None:
    draw_screen(*BOXES, (2900, 900, 40, 40), size=(3000, 1000)).save(tmp_path / "wide.png")
    page.set_viewport_size({"width": width, "height": 740})
    page.get_by_label("Choose pictures").set_input_files(tmp_path / "wide.png")
    expect(page.locator(".widgets li")).to_have_count(5, timeout=20_000)
    page.locator(".mark").nth(4).hover()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    tip, picture = page.locator(".tip").bounding_box(), page.locator("img").bounding_box()
    assert tip is not None
    assert picture is not None
    assert tip["x"] >= picture["x"]
    assert tip["x"] + tip["width"] <= picture["x"] + picture["width"] + 1
    for button in page.locator("button:visible, .as label:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= TOUCH_PX
