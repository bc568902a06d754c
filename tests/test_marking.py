"""Marked screens: widgets stay as they are, what is unsure is dashed, and no file takes another's place."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.finding.widgets import FoundWidget
from model.scanning.marked_files import CONTENT_KEY, place_below
from model.scanning.marking import mark_widgets, state_colours
from model.scanning.scan import ScanSettings, scan_to_table
from tests.scanners import FrameScanner, draw_screen, some_widgets, write_screens

STATES = ("checked", "unchecked")


def widget(left: float, top: float, *, certainty: float = 0.97, state: str = "checked") -> FoundWidget:
    return FoundWidget("checkbox", state, (left, top, 16, 16), certainty, 0.99)


def test_no_pixel_of_a_widget_is_covered_and_the_colour_is_that_of_the_state() -> None:
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 255, (90, 120, 3), np.uint8))
    widgets = [widget(3.4, 2), widget(22, 4, state="unchecked"), widget(104, 74, certainty=0.6), widget(50, 40)]
    marked = mark_widgets(image, widgets, STATES)
    for each in widgets:
        left, top = int(each.box[0]), int(each.box[1])
        area = (left, top, left + 16, top + 16)
        assert marked.crop(area).tobytes() == image.crop(area).tobytes()
    colours = {state: tuple(bytes.fromhex(colour[1:])) for state, colour in state_colours(STATES).items()}
    assert marked.getpixel((50, 37)) == colours["checked"]
    assert marked.getpixel((30, 22)) == colours["unchecked"]
    assert marked.size == image.size


def test_what_is_unsure_is_dashed() -> None:
    image = Image.new("RGB", (200, 60), "#808080")
    found = {}
    for certainty in (0.97, 0.6):
        marked = mark_widgets(image, [widget(100, 30, certainty=certainty)], STATES)
        found[certainty] = {marked.getpixel((x, 48)) for x in range(98, 118)}
    assert (len(found[0.97]), len(found[0.6])) == (1, 2)


def test_a_tag_stands_where_no_words_are() -> None:
    image = Image.new("RGB", (300, 60), "white")
    image.paste(Image.effect_noise((130, 60), 200).convert("RGB"), (0, 0))
    marked = mark_widgets(image, [widget(40, 20)], STATES)
    changed = np.abs(np.asarray(marked, np.int16) - np.asarray(image, np.int16)).any(2)
    changed[16:40, 36:60] = False  # its outline
    rows, columns = np.nonzero(changed)
    assert columns.size
    assert columns.min() >= 130
    assert (rows >= 20).all()
    assert (rows < 40).all()
    full = mark_widgets(Image.effect_noise((90, 60), 200).convert("RGB"), [widget(40, 20)], STATES)
    assert full.size == (90, 60)


def test_drawings_keep_the_folders_of_the_screens_and_replace_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_screens(Path("one"), 3)
    write_screens(Path("two"), 2)
    draw_screen(some_widgets(3), shade=7).save("two/a/000.png")
    Path("drawn/b").mkdir(parents=True)
    Path("drawn/b/001.png").write_bytes(b"somebody's")
    for _ in range(2):
        settings = ScanSettings(draw=Path("drawn"))
        scan_to_table(FrameScanner(), ["one", "two"], output="out.csv", settings=settings)
        names = sorted(str(path.relative_to("drawn")) for path in Path("drawn").rglob("*.png"))
        assert [name.partition("-")[0] for name in names] == ["a/000", "a/000.png", "a/002.png", "b/001", "b/001.png"]
        assert Path("drawn/b/001.png").read_bytes() == b"somebody's"
    shown = set()
    for path in Path("drawn/a").iterdir():
        with Image.open(path) as image:
            shown.add(image.info[CONTENT_KEY])
    assert len(shown) == 3


@pytest.mark.parametrize(
    ("name", "sources", "place"),
    [
        ("shots/a/b.png", ["shots"], "a/b.png"),
        ("shots/a/b.jpg", ["other", "shots/"], "a/b.jpg.png"),
        ("/data/shots/a/b.PNG", ["/data/shots"], "a/b.PNG"),
        ("shots/a/b.png", ["shots/a/b.png"], "shots/a/b.png"),
        ("/data/b.png", ["/data/b.png"], "b.png"),
        ("../b.png", ["../b.png"], "b.png"),
        ("shots/a/b.png", ["shots/*/*.png"], "a/b.png"),
        ("s3://bucket/shots/a/b.png", ["s3://bucket/shots"], "a/b.png"),
        ("x.parquet::image::17", ["x.parquet::image"], "image/17.png"),
        ("far/x.tar::a/b.png", ["-"], "far/x.tar/a/b.png"),
    ],
)
def test_a_drawing_lies_where_its_screen_lay(name: str, sources: list[str], place: str) -> None:
    assert str(place_below(name, sources)) == place
