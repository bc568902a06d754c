import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from base.errors import InputError
from model.captioning.text_reader import TextReader, load_text_reader, read_texts
from model.captioning.widget_labels import label_widgets
from model.finding.widgets import FoundWidget

ROOT = Path(__file__).parents[1]


def form() -> tuple[Image.Image, list[FoundWidget]]:
    image = Image.new("RGB", (460, 200), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    pen.text((12, 10), "Preferences", fill="black", font=font)
    widgets = []
    for top, words in ((60, "Remember me"), (110, "Show hidden files"), (160, "Auto-save")):
        pen.rectangle((20, top, 39, top + 19), outline="black", width=2)
        pen.text((50, top - 1), words, fill="#333333", font=font)
        widgets.append(FoundWidget("checkbox", "unchecked", (20.0, float(top), 20.0, 20.0), 0.9, 0.9))
    return image, widgets


def test_lines_are_read_where_they_stand() -> None:
    lines = read_texts(form()[0])
    found = {line.text: line for line in lines}
    assert {"Preferences", "Auto-save"} <= set(found)
    left, top, width, height = found["Preferences"].box
    assert abs(left - 12) < 8
    assert top < 22 < top + height
    assert 80 < width < 140
    assert all(0.5 <= line.confidence <= 1 for line in lines)


def test_widgets_get_their_labels_in_any_number_of_threads() -> None:
    image, widgets = form()
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: [w.label for w in label_widgets(image, widgets)], range(3)))
    assert answers == [["Remember me", "Show hidden files", "Auto-save"]] * 3


def test_a_picture_without_text_has_none() -> None:
    assert read_texts(Image.new("RGB", (300, 200), "white")) == []
    widget = FoundWidget("checkbox", "unchecked", (20, 20, 20, 20), 0.9, 0.9)
    assert label_widgets(Image.new("RGB", (300, 200), "white"), [widget])[0].label is None
    assert label_widgets(Image.new("RGB", (9, 9)), []) == []


def test_lines_of_a_crop_are_found_without_enlarging_it_to_a_screen() -> None:
    image, _ = form()
    crop = image.crop((44, 52, 200, 88))  # "Remember me"
    [(left, top, width, height)] = TextReader(shortest_px=96).find_lines(crop)
    assert left < 10
    assert top < 16 < top + height
    assert 80 < width < 150


OFFLINE = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise SystemExit(f"asked the network: {event} {arguments}")
sys.addaudithook(refuse)
from PIL import Image
from model.captioning.text_reader import read_texts
print(read_texts(Image.new("RGB", (300, 200), "white")))
"""


def test_reading_never_asks_the_network_and_prints_nothing() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", OFFLINE], env=env, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    load_text_reader.cache_clear()
    with pytest.raises(InputError, match=r"pip install 'boxwright\[ocr\]'"):
        read_texts(Image.new("RGB", (9, 9)))
