import asyncio
import contextlib
import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError

from generator.browser import Choice, Studio, Surroundings, find_browser, survey
from generator.cell import draw_cell
from generator.errors import BrowserError
from generator.sheet import sheet_html
from tests.families import BOX, family, palette

pytestmark = pytest.mark.browser


def test_a_browser_that_does_not_start_is_an_error_that_says_which_and_what_next(tmp_path: Path) -> None:
    with pytest.raises(BrowserError) as caught:
        find_browser(str(tmp_path / "no-such-browser"))
    assert "no-such-browser" in str(caught.value)
    assert "boxwright doctor --install-browser" in str(caught.value)


def test_a_named_browser_is_the_only_one_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_BROWSER", "/bin/false")
    with pytest.raises(BrowserError) as caught:
        find_browser()
    assert "$BOXWRIGHT_BROWSER=/bin/false" in str(caught.value)
    assert "channel" not in str(caught.value)


@pytest.mark.parametrize("scale", [1.0, 1.5, 3.0])
def test_a_picture_has_the_asked_scale_and_every_cell_its_place(studio: Studio, scale: float) -> None:
    shown = palette()
    cells = [draw_cell(shown, seed=0, index=index) for index in range(7)]
    capture = studio.capture(sheet_html(cells, shown.families), count=7, scale=scale)
    assert capture.image.width == 1600 * scale
    for placed in capture.placed:
        assert placed.widget.clipped(placed.cell) == placed.widget
        assert placed.widget.width > 0


def test_the_same_sheet_gives_the_same_pixels(studio: Studio) -> None:
    shown = palette()
    html = sheet_html([draw_cell(shown, seed=0, index=index) for index in range(20)], shown.families)
    first, second = (studio.capture(html, count=20, scale=2.0).image.tobytes() for _ in range(2))
    assert first == second


def test_a_family_can_mark_a_box_that_overhangs(studio: Studio) -> None:
    overhang = '<u data-box style="position:absolute;left:-4px;top:-4px;width:50px;height:50px"></u>'
    marked = palette(family("marked", BOX + overhang))
    cell = draw_cell(marked, seed=0, index=0)
    capture = studio.capture(sheet_html([cell], marked.families), count=1, scale=1.0)
    assert (capture.placed[0].widget.width, capture.placed[0].widget.height) == (50, 50)


def test_too_few_cells_on_the_page_is_an_error(studio: Studio) -> None:
    shown = palette()
    html = sheet_html([draw_cell(shown, seed=0, index=0)], shown.families)
    with pytest.raises(BrowserError, match="a sheet of 2 cells came out with 1"):
        studio.capture(html, count=2, scale=1.0)


def test_no_page_reaches_the_network(studio: Studio) -> None:
    with _server() as (address, requests):
        remote = palette(family("remote", BOX + f'<img src="{address}/a.png">'))
        cell = draw_cell(remote, seed=0, index=0)
        studio.capture(sheet_html([cell], remote.families), count=1, scale=1.0)
    assert requests == []


def test_the_fonts_that_are_found_exist_and_invented_ones_are_not(surroundings: Surroundings) -> None:
    assert "sans-serif" in surroundings.fonts
    assert "latin" in surroundings.scripts
    assert len(surroundings.fonts) < 40


def test_a_crashed_page_is_a_named_error(browser_choice: Choice) -> None:
    shown = palette()
    html = sheet_html([draw_cell(shown, seed=0, index=0)], shown.families)

    def crash() -> None:
        with Studio(browser_choice) as crashing:
            crashing.capture(html, count=1, scale=1.0)
            with contextlib.suppress(PlaywrightError):
                crashing._stages[1.0].page.goto("chrome://crash", timeout=2000)
            crashing.capture(html, count=1, scale=1.0)

    with ThreadPoolExecutor(1) as pool, pytest.raises(BrowserError, match="the browser failed on a sheet"):
        pool.submit(crash).result()


def test_a_browser_can_be_surveyed_beside_an_event_loop(browser_choice: Choice) -> None:
    async def inside() -> Surroundings:
        return survey(browser_choice)

    with ThreadPoolExecutor(1) as pool:
        assert "latin" in pool.submit(asyncio.run, inside()).result().scripts


@contextlib.contextmanager
def _server() -> Iterator[tuple[str, list[str]]]:
    requests: list[str] = []

    class Recorder(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
