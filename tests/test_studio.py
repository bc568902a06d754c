import asyncio
import contextlib
import http.server
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Error as PlaywrightError

from base.errors import BrowserError
from generator.rendering.browser import BrowserChoice
from generator.rendering.difference import visible_change
from generator.rendering.png import decode_png
from generator.rendering.sheet import sheet_html
from generator.rendering.studio import Display, Studio, Surroundings, survey
from generator.sampling.cell import draw_cell, draw_counterpart
from tests.families import BOX, family, palette

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scale", [1.0, 1.5, 3.0])
def test_a_picture_has_the_asked_scale_and_every_cell_its_place(studio: Studio, scale: float) -> None:
    shown = palette()
    slots = [(draw_cell(shown, seed=0, style=style),) for style in range(7)]
    [capture] = studio.capture(sheet_html(slots, shown.families), count=7, display=Display(scale))
    assert capture.pixels.shape[1] == 1600 * scale
    for placed in capture.placed:
        assert placed.widget.clipped(placed.cell) == placed.widget
        assert placed.widget.width > 0


def test_the_same_sheet_gives_the_same_pixels(studio: Studio) -> None:
    shown = palette()
    html = sheet_html([(draw_cell(shown, seed=0, style=style),) for style in range(20)], shown.families)
    first, second = (studio.capture(html, count=20, display=Display(2.0))[0].pixels.tobytes() for _ in range(2))
    assert first == second


def test_a_family_can_mark_a_box_that_overhangs(studio: Studio) -> None:
    overhang = '<u data-box style="position:absolute;left:-4px;top:-4px;width:50px;height:50px"></u>'
    marked = palette(family("marked", BOX + overhang))
    cell = draw_cell(marked, seed=0, style=0)
    [capture] = studio.capture(sheet_html([(cell,)], marked.families), count=1, display=Display(1.0))
    box = capture.placed[0].widget
    assert (box.width, box.height) == pytest.approx((50 * cell.layout.zoom,) * 2, abs=0.1)


def test_too_few_cells_on_the_page_is_an_error(studio: Studio) -> None:
    shown = palette()
    html = sheet_html([(draw_cell(shown, seed=0, style=0),)], shown.families)
    with pytest.raises(BrowserError, match="a sheet of 2 slots came out with 1"):
        studio.capture(html, count=2, display=Display(1.0))


def test_variants_are_shown_in_turn_in_the_same_place(studio: Studio) -> None:
    shown = palette(family())
    cell = draw_cell(shown, seed=0, style=0)
    pair = (cell, draw_counterpart(cell, shown.families["box"], seed=0))
    first, second = studio.capture(sheet_html([pair], shown.families), count=1, display=Display(2.0), variants=2)
    assert first.placed == second.placed
    assert visible_change(first.pixels, second.pixels).any()
    [alone] = studio.capture(sheet_html([pair[1:]], shown.families), count=1, display=Display(2.0))
    assert (alone.pixels == second.pixels).all()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system decides how text is drawn")
def test_subpixel_text_has_coloured_fringes_and_other_text_has_none(studio: Studio) -> None:
    html = '<div class="slot"><div class="cell" style="background:#fff;color:#000"><div class="row main">'
    html += '<span class="host">lil</span></div></div></div>'
    plain, fringed = (
        studio.shoot(html.replace("lil", '<template shadowrootmode="open">lil</template>'), display=screen).pictures[0]
        for screen in (Display(1.0), Display(1.0, subpixel_text=True))
    )
    assert not coloured(plain)
    assert coloured(fringed)


def coloured(png: bytes) -> bool:
    pixels = decode_png(png).astype(int)
    return bool((pixels.max(axis=2) - pixels.min(axis=2) > 20).any())


def test_no_page_reaches_the_network(studio: Studio) -> None:
    with _server() as (address, requests):
        remote = palette(family("remote", BOX + f'<img src="{address}/a.png">'))
        cell = draw_cell(remote, seed=0, style=0)
        studio.capture(sheet_html([(cell,)], remote.families), count=1, display=Display(1.0))
    assert requests == []


def test_the_fonts_that_are_found_exist_and_invented_ones_are_not(surroundings: Surroundings) -> None:
    assert "sans-serif" in surroundings.fonts
    assert "latin" in surroundings.scripts
    assert len(surroundings.fonts) < 40


def test_a_crashed_page_is_a_named_error(browser_choice: BrowserChoice) -> None:
    shown = palette()
    html = sheet_html([(draw_cell(shown, seed=0, style=0),)], shown.families)

    def crash() -> None:
        with Studio(browser_choice) as crashing:
            crashing.capture(html, count=1, display=Display(1.0))
            with contextlib.suppress(PlaywrightError):
                crashing._stages[Display(1.0)].page.goto("chrome://crash", timeout=2000)
            crashing.capture(html, count=1, display=Display(1.0))

    with ThreadPoolExecutor(1) as pool, pytest.raises(BrowserError, match="the browser failed on a sheet"):
        pool.submit(crash).result()


def test_a_browser_can_be_surveyed_beside_an_event_loop(browser_choice: BrowserChoice) -> None:
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
