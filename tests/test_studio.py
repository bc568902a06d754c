import asyncio
import contextlib
import http.server
import itertools
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Error as PlaywrightError

from base.arrays import Pixels
from base.errors import BrowserError, TemplateError
from generator.rendering.browser import BrowserChoice
from generator.rendering.difference import visible_change
from generator.rendering.png import decode_png
from generator.rendering.sheet import STYLE, crop_box, sheet_html
from generator.rendering.studio import Capture, Display, Studio, Surroundings, survey
from generator.rendering.text_rendering import TEXT_RENDERINGS
from generator.sampling.box import Box, union
from generator.sampling.cell import draw_cell, draw_counterpart
from generator.sampling.placement import BARE
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


def test_a_sheet_does_not_depend_on_the_height_of_the_one_before(studio: Studio) -> None:
    shown = palette(family(text=BOX.replace("</i>", '</i><u style="display: block; width: 9px; height: 2vh"></u>')))
    slots = [(draw_cell(shown, seed=0, style=style),) for style in range(300)]
    html = sheet_html(slots[:9], shown.families)
    before = studio.capture(html, count=9, display=Display(1.5))[0]
    studio.capture(sheet_html(slots, shown.families), count=300, display=Display(1.5))
    after = studio.capture(html, count=9, display=Display(1.5))[0]
    assert (before.placed, before.pixels.tobytes()) == (after.placed, after.pixels.tobytes())


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


def test_variants_lie_alike_on_the_grid_of_pixels(studio: Studio) -> None:
    shown = palette(family())
    slots = [(draw_cell(shown, seed=0, style=style),) for style in range(9)]
    slots[5] = (slots[5][0], draw_counterpart(slots[5][0], shown.families["box"], seed=0), slots[5][0])
    html = sheet_html(slots, shown.families)
    for scale in (1.0, 1.25, 2.0):
        first, second, third = studio.capture(html, count=9, display=Display(scale), variants=3)
        assert first.placed[4] == second.placed[4]
        assert (seen(first, 5) == seen(third, 5)).all()
        assert visible_change(seen(first, 5), seen(second, 5)).any()


def seen(capture: Capture, slot: int) -> Pixels:
    """Return the widget of a slot with a pixel around it."""
    box = capture.placed[slot].widget.scaled(capture.scale, capture.scale).rounded()
    return capture.pixels[int(box.y) - 1 : int(box.bottom) + 1, int(box.x) - 1 : int(box.right) + 1]


def test_no_crop_reaches_into_another(studio: Studio) -> None:
    shown = palette()
    slots = [
        (cell, replace(cell, state="unchecked")) if cell.style % 3 == 0 and cell.family == "box" else (cell,)
        for cell in (draw_cell(shown, seed=0, style=style, views=2) for style in range(60))
    ]
    first, second = studio.capture(sheet_html(slots, shown.families), count=60, display=Display(1.0), variants=2)
    placed = {(slot, capture.placed[slot]) for slot in range(60) for capture in (first, second)}
    boxes = [union([crop_box(view.window, each) for view in slots[slot][0].views]) for slot, each in placed]
    assert len(boxes) == sum(map(len, slots))
    assert not [1 for one, other in itertools.combinations(boxes, 2) if min(*size_of(one.clipped(other))) > 0]
    assert all(box.bottom <= first.pixels.shape[0] and box.right <= first.pixels.shape[1] for box in boxes)


def size_of(box: Box) -> tuple[float, float]:
    return box.width, box.height


MARK = "<b></b><style>i { background: none } b { position: absolute; inset: 2px; background: #ff0000; MOVES }</style>"
FADE = "@keyframes fade { from { opacity: 0 } to { opacity: 1 } }"
MOVING = {
    "an animation": MARK.replace("MOVES", "opacity: 0; animation: fade 3s 2s forwards") + f"<style>{FADE}</style>",
    "an important one": MARK.replace("MOVES", "opacity: 0; animation: fade 3s forwards !important")
    + f"<style>{FADE}</style>",
    "one of a pseudo-element": MARK.replace("MOVES", "background: none")
    + "<style>b::before { content: ''; position: absolute; inset: 0; background: #ff0000; opacity: 0;"
    + f" animation: fade 3s both }} {FADE}</style>",
    "one after another": MARK.replace("MOVES", "opacity: 0; animation: wait 2s, fade 1s 2s forwards")
    + f"<style>{FADE} @keyframes wait {{ to {{ opacity: 0 }} }}</style>",
    "a transition": MARK.replace("MOVES", "opacity: 1; transition: opacity 9s !important")
    + "<style>@starting-style { b { opacity: 0 } }</style>",
    "one that never ends": MARK.replace("MOVES", "animation: fade 2s infinite") + f"<style>{FADE}</style>",
    "one that is paused": MARK.replace("MOVES", "animation: fade 2s -2s both paused") + f"<style>{FADE}</style>",
    "SVG's own": '<svg width="30" height="30" style="position: absolute; inset: 0"><rect width="30" height="30"'
    ' fill="#f00" opacity="0"><animate attributeName="opacity" from="0" to="1" begin="1s" dur="2s" fill="freeze"/>'
    '<animate attributeName="opacity" values="0;1" dur="1s" repeatCount="indefinite"/></rect></svg>',
}


@pytest.mark.parametrize("how", MOVING)
def test_what_moves_is_shown_where_it_comes_to_rest(studio: Studio, how: str) -> None:
    moving = palette(family("moving", BOX.replace("display: block", "display: block; position: relative") + "X"))
    text = moving.families["moving"].source.replace("<i></i>", f"<i>{MOVING[how]}</i>").replace("X", "")
    shown = {"moving": replace(moving.families["moving"], source=text)}
    cell = replace(draw_cell(moving, seed=0, style=0), layout=BARE)
    [capture] = studio.capture(sheet_html([(cell,)], shown), count=1, display=Display(1.0))
    box = capture.placed[0].widget
    middle = capture.pixels[int(box.y + box.height / 2), int(box.x + box.width / 2)]
    assert tuple(middle) == (255, 0, 0)


def test_what_never_comes_to_rest_is_refused_by_name(studio: Studio) -> None:
    again = "const again = () => { this.animate([{opacity: 0}, {opacity: 1}], 500).onfinish = again }; again()"
    restless = f'<img style="animation: fade 1s" onanimationend="{again}"><style>{FADE}</style>'
    shown = palette(family("restless", BOX.replace("<i></i>", f"<i>{restless}</i>")))
    html = sheet_html([(draw_cell(shown, seed=0, style=0),)], shown.families)
    with pytest.raises(TemplateError, match="restless: the page never comes to rest"):
        studio.capture(html, count=1, display=Display(3.0))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system decides how text is drawn")
def test_each_way_to_draw_text_shows_its_own_edges(studio: Studio) -> None:
    html = '<div class="slot"><div class="frame"><div class="cell" data-reach="9 9 9 9"'
    html += ' style="background:#fff;color:#000"><div class="row main">'
    html += '<span class="host">lil</span></div></div></div></div>'
    html = html.replace("lil", '<template shadowrootmode="open">Sail 8</template>')
    pictures = {name: studio.shoot(html, display=Display(1.0, name)).picture for name in TEXT_RENDERINGS}
    assert len(set(pictures.values())) == len(pictures)
    assert {name for name, picture in pictures.items() if coloured(picture)} == {"subpixel", "hinted subpixel"}
    assert {name for name, picture in pictures.items() if len(np.unique(decode_png(picture))) <= 3} == {"aliased"}


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
                crashing._stages[Display(1.0), STYLE].page.goto("chrome://crash", timeout=2000)
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
