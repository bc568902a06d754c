"""The report of a scan: one file that shows the least certain first, on a wide page and a narrow one."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from generator.rendering.browser import BrowserChoice
from model.scanning import scan_report, screen_work
from model.scanning.scan import ScanSettings, scan_to_table
from tests.scanners import FrameScanner, write_screens


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(screen_work, "CHUNK_A_THREAD", 1)
    monkeypatch.setattr(scan_report, "MOST_SCREENS", 5)
    write_screens(Path("shots"), 12)
    (Path("shots") / "a <b>.png").write_text("I am a text")
    scan_to_table(FrameScanner(), ["shots", "shots"], settings=ScanSettings(report=Path("out.html")))
    return tmp_path / "out.html"


def test_the_screens_of_the_least_certain_widgets_come_first_each_once(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"<h2>(shots/.+?)</h2>", text)
    assert shown == [f"shots/{name}.png" for name in ("a/010", "b/005", "a/002", "a/006", "b/001")]
    assert "5 screens are shown; the table has all" in text
    assert "<code>shots/a &lt;b&gt;.png</code>: is not a picture" in text
    assert re.findall(r'<div class="figure"><b>(\d+)</b><span>(.+?)<', text)[:2] == [
        ("26", "screens"),
        ("36", "widgets"),
    ]
    assert not re.search(r"(src|href)=\"(?!#)|url\((?!data:)", text)


@pytest.mark.browser
def test_the_boxes_lie_on_the_widgets_and_nothing_stands_out(page: Path, browser_choice: BrowserChoice) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**browser_choice.launch)
        for width in (1300, 380):
            tab = browser.new_page(viewport={"width": width, "height": 900})
            tab.goto(page.as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            place = "#w1-0"  # of a/010, a checkbox at 20, 12 with a side of 16 on a screen of 320
            box, shot = tab.locator(place).bounding_box(), tab.locator(".s1").first.bounding_box()
            assert box
            assert shot
            zoom = (shot["width"] - 2) / 320
            assert box["x"] - shot["x"] - 1 == pytest.approx(20 * zoom, abs=1)
            assert box["y"] - shot["y"] - 1 == pytest.approx(12 * zoom, abs=1)
            assert box["width"] == pytest.approx(16 * zoom, abs=1)
            tab.locator(".list a").first.click()
            assert tab.locator(".box:target").count() == 1
        browser.close()
