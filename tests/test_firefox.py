"""Firefox as a painter: what needs no Firefox always, and what does where there is one, with one start of it."""

import contextlib
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from base.errors import BrowserError, InputError
from generator.crops.manifest import ManifestRow
from generator.crops.page import Crop, Rejected, render_page
from generator.crops.recipe import Recipe
from generator.datasets.dataset import GenerateSettings, generate
from generator.formats.dataset_json import describe_dataset
from generator.formats.factors import FACTORS
from generator.rendering.browser import BrowserChoice
from generator.rendering.firefox_process import KEEPER, FirefoxProcess, firefox_program
from generator.rendering.firefox_studio import FirefoxStudio, find_firefox
from generator.rendering.marionette import Marionette
from generator.rendering.painter_names import read_shares
from generator.rendering.sheet import sheet_html
from generator.rendering.studio import Display
from generator.rendering.text_rendering import has_fringes
from generator.sampling.cell import draw_cell
from generator.sampling.placement import BARE
from tests.families import BOX, family, palette
from tests.test_layout import ROOT

CHROMIUM = BrowserChoice({}, "a test", "143.0.1")
FIREFOX = BrowserChoice({"executable_path": "firefox"}, "a test", "Firefox 153.8.0")
BOTH = {"chromium": 0.8, "firefox": 0.2}


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("chromium", {"chromium": 1.0}),
        ("firefox", {"firefox": 1.0}),
        ("firefox=2", {"firefox": 1.0}),
        ("firefox=1, chromium=4", BOTH),
    ],
)
def test_shares_are_relative_and_in_one_order(text: str, shares: dict[str, float]) -> None:
    assert list(read_shares(text).items()) == list(shares.items())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("firefx", "unknown painter 'firefx'; did you mean firefox"),
        ("", "unknown painter ''"),
        ("firefox,chromium", "the painter firefox has no share in"),
        ("firefox=1,firefox=2", "named twice"),
        ("firefox=some", "'firefox=some' gives no share"),
        ("firefox=0,chromium=1", "'firefox=0' gives no share"),
        ("firefox=nan", "gives no share"),
    ],
)
def test_shares_that_are_none_are_refused_with_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_shares(text)
    with pytest.raises(ValueError, match=says):
        GenerateSettings(painter=text)


def test_screens_are_for_chromium(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="which Chromium alone paints"):
        generate(tmp_path / "out", GenerateSettings(n=1, format="coco", painter="firefox"))


def test_pages_are_dealt_by_share_and_nothing_else_moves() -> None:
    alone, both = (Recipe(palette(), seed=0, n=1, painters=shares) for shares in ({"chromium": 1.0}, BOTH))
    painters = [both.painter(page) for page in range(500)]
    assert 60 < painters.count("firefox") < 140
    for page, painter in enumerate(painters):
        ours, theirs = both.display(page), alone.display(page)
        assert ours.scale == theirs.scale
        assert painter == "firefox" or ours == theirs
    coarse = {both.display(page).text_rendering for page, painter in enumerate(painters) if painter == "firefox"}
    assert not any(map(has_fringes, coarse))
    assert len(coarse) == 3


def test_firefox_compares_what_is_proven_in_chromium_alone() -> None:
    slots = {name: Recipe(palette(family()), 0, 4, painters={name: 1.0}).slots(0) for name in BOTH}
    assert [len(cells) for cells in slots["chromium"]] == [1] * 4
    assert [len(cells) for cells in slots["firefox"]] == [2] * 4
    assert [cells[0] for cells in slots["firefox"]] == [cells[0] for cells in slots["chromium"]]


def test_a_description_has_the_painters_where_there_is_more_than_chromium() -> None:
    choices = {"chromium": CHROMIUM, "firefox": FIREFOX}
    alone, both = (
        describe_dataset(Recipe(palette(), 0, 9, painters=shares), choices, format_name="folder", command="")
        for shares in ({"chromium": 1.0}, BOTH)
    )
    assert "painters" not in alone.to_dict()
    assert alone.browser == "143.0.1"
    assert both.to_dict()["painters"] == BOTH
    assert both.browser == "143.0.1, Firefox 153.8.0"
    families = palette().families
    assert both.recipe(families).painters == BOTH
    assert alone.recipe(families).painters == {"chromium": 1.0}
    assert "--painter firefox=1" in GenerateSettings(painter="firefox=1").to_command()
    assert "--painter" not in GenerateSettings().to_command()


@pytest.mark.parametrize(
    ("browser", "name"), [("143.0.1", "Chromium"), ("", "Chromium"), ("Firefox 153.8.0", "Firefox"), ("GTK 4.8", "GTK")]
)
def test_the_card_counts_who_painted(browser: str, name: str) -> None:
    assert FACTORS["painted by"](ManifestRow.model_construct(browser=browser)) == name


@contextlib.contextmanager
def answering(*answers: bytes) -> Iterator[int]:
    """Give a port that says hello, and then an answer for each message that it gets, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.sendall(frame({"applicationType": "gecko", "marionetteProtocol": 3}))
                for answer in answers:
                    link.recv(1 << 16)
                    link.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


def frame(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False).encode()
    return b"%d:%s" % (len(text), text)


def test_answers_are_read_by_their_length_in_bytes() -> None:
    with answering(frame([1, 1, None, {"value": "Größe 寸"}]), frame([1, 2, None, None])) as port:
        marionette = Marionette(port, timeout_s=10)
        assert marionette.ask("WebDriver:GetTitle") == {"value": "Größe 寸"}
        assert marionette.ask("WebDriver:Back") is None
        marionette.close()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (frame([1, 1, {"error": "javascript error", "message": "x is not defined\nat 1"}, None]), "x is not defined$"),
        (frame([1, 7, None, {}]), "answered WebDriver:Back with"),
        (frame({"error": 1}), "answered WebDriver:Back with"),
        (b"12:{}", "ended while it was asked"),
        (b"", "ended while it was asked"),
        (b"HTTP/1.1 400", "where a message's length was expected"),
    ],
)
def test_what_is_no_answer_is_an_error_that_names_the_command_or_the_end(answer: bytes, says: str) -> None:
    with answering(answer) as port:
        marionette = Marionette(port, timeout_s=10)
        with pytest.raises(BrowserError, match=says):
            marionette.ask("WebDriver:Back")
        marionette.close()


def test_a_port_where_nobody_listens_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(BrowserError, match=f"does not listen on port {port}"):
        Marionette(port, timeout_s=1)


def test_a_kept_program_ends_with_who_asked_for_it_and_its_folder_goes(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    command = [sys.executable, KEEPER, tmp_path / "kept", "/bin/sh", "-c", "sleep 60 & wait"]
    keeper = psutil.Popen(command, stdin=subprocess.PIPE)
    while len(family_ := keeper.children(recursive=True)) < 2:
        time.sleep(0.01)
    keeper.stdin.close()
    assert keeper.wait(20) != 0
    assert psutil.wait_procs(family_, timeout=20)[1] == []
    assert not (tmp_path / "kept").exists()


def test_a_program_that_ends_by_itself_gives_its_status(tmp_path: Path) -> None:
    command = [sys.executable, KEEPER, tmp_path / "none", "/bin/sh", "-c", "exit 3"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as keeper:
        assert keeper.wait(20) == 3


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_firefox_that_does_not_start_says_why(tmp_path: Path) -> None:
    broken = script(tmp_path / "firefox", "echo 'Error: cannot open display' >&2; exit 1")
    with pytest.raises(BrowserError, match="ended as it started: Error: cannot open display"):
        FirefoxProcess(str(broken), {})


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ("Mozilla Firefox 115.3.0esr", r"is Firefox 115\.3\.0, and 128 is the oldest"),
        ("Chromium 143", "is no Firefox: --version says 'Chromium 143'"),
    ],
)
def test_what_cannot_paint_is_named(says: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_FIREFOX", str(script(tmp_path / "firefox", f"echo '{says}'")))
    with pytest.raises(BrowserError, match=error):
        find_firefox()


def test_where_there_is_no_firefox_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOXWRIGHT_FIREFOX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserError, match="no Firefox on the PATH: install one"):
        find_firefox()
    monkeypatch.setenv("BOXWRIGHT_FIREFOX", str(tmp_path / "none"))
    with pytest.raises(BrowserError, match="none cannot be run"):
        find_firefox()


def test_the_process_and_its_protocol_need_no_package() -> None:
    code = f"import sys; sys.path.append({str(ROOT)!r}); import generator.rendering.firefox_process"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


@pytest.fixture(scope="module")
def painter() -> Iterator[FirefoxStudio]:
    if firefox_program() is None:
        pytest.skip("no Firefox here")
    with FirefoxStudio(find_firefox()) as running:
        yield running


def recipe(*families: str) -> Recipe:
    drawn = [family(f"box{number}", text) for number, text in enumerate(families or (BOX,))]
    return Recipe(palette(*drawn), seed=1, n=60, slots_a_page=12, painters={"firefox": 1.0})


@pytest.mark.browser
def test_a_page_of_firefox_is_the_same_whatever_was_painted_before(painter: FirefoxStudio) -> None:
    drawn = recipe()
    smooth = [page for page in drawn.pages() if drawn.display(page).text_rendering == "smooth"]
    assert len({drawn.display(page).scale for page in smooth}) > 1
    there, back = ({page: pngs(drawn, page, painter) for page in order} for order in (smooth, smooth[::-1]))
    assert there == back


def pngs(drawn: Recipe, page: int, painter: FirefoxStudio) -> list[bytes]:
    items = list(render_page(drawn, page, painter))
    assert all(isinstance(item, Crop) for item in items)
    return [item.png for item in items if isinstance(item, Crop)]


@pytest.mark.browser
def test_what_looks_alike_in_firefox_is_left_out_and_rows_say_who_painted(painter: FirefoxStudio) -> None:
    alike = BOX.replace('t.ink if on else "transparent"', '"#fafafa" if on else "#fbfbfb"')
    drawn = recipe(BOX, alike)
    page = next(page for page in drawn.pages() if drawn.display(page).text_rendering == "smooth")
    items = list(render_page(drawn, page, painter))
    assert {item.family for item in items if isinstance(item, Rejected)} == {"box1"}
    rows = [item.row for item in items if isinstance(item, Crop)]
    assert {row.family for row in rows} == {"box0"}
    assert {row.browser for row in rows} == {painter.choice.version}


@pytest.mark.browser
def test_a_box_below_the_window_is_where_firefox_says_that_it_is(painter: FirefoxStudio) -> None:
    green = BOX.replace('t.ink if on else "transparent"', '"#00ff00"').replace("2px", "0px")
    black = BOX.replace('t.ink if on else "transparent"', '"#000000"')
    tall = family("tall", black.replace("<i>", '<i style="width: 700px; height: 900px">'))
    low = family("low", green.replace("<i>", '<i style="width: 300px; height: 30px">'))
    first, last = (replace(draw_cell(palette(one), seed=0, style=0), layout=BARE) for one in (tall, low))
    html = sheet_html([(first,), (first,), (last,)], {"tall": tall, "low": low})
    [capture] = painter.capture(html, count=3, display=Display(3.0))
    widget = capture.placed[2].widget.scaled(3.0, 3.0).rounded()
    assert widget.y > 900 * 3
    seen = np.argwhere((capture.pixels == (0, 255, 0)).all(axis=2))
    # Layout has fractions of a pixel, and paint has none.
    assert np.abs(seen.min(axis=0)[::-1] - (widget.x, widget.y)).max() <= 1
    assert np.abs(seen.max(axis=0)[::-1] + 1 - (widget.right, widget.bottom)).max() <= 1


@pytest.mark.browser
def test_no_page_of_firefox_reaches_the_network(painter: FirefoxStudio) -> None:
    asked = []

    class Asked(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with http.server.HTTPServer(("127.0.0.1", 0), Asked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        remote = palette(family("remote", BOX + f'<img src="{address}/a.png">'))
        cell = draw_cell(remote, seed=0, style=0)
        painter.capture(sheet_html([(cell,)], remote.families), count=1, display=Display(1.0))
        assert (
            painter._page("smooth").evaluate(
                f"() => fetch('{address}/c', {{mode: 'no-cors'}}).then(() => 'there', () => 'refused')"
            )
            == "refused"
        )
        server.shutdown()
    assert asked == []
