"""`boxwright scan --text` and `--find`, with a scanner that knows black frames."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner, Result

from cli import app
from tests.framed_pages import scan_frames

ROWS = {"Wi-Fi": True, "Bluetooth": False, "Bluetooth sharing": False}


class Frames:
    fingerprint = "frames"
    states = ("checked", "unchecked")

    def scan(self, image: Image.Image, *, min_confidence: float) -> list[object]:
        return [widget for widget in scan_frames(image) if widget.confidence >= min_confidence]


@pytest.fixture
def shot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("model.finding.scanner.load_scanner", lambda model, finder: Frames())
    monkeypatch.chdir(tmp_path)
    image = Image.new("RGB", (400, 190), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for top, (words, is_on) in zip((20, 70, 120), ROWS.items(), strict=True):
        pen.rectangle((20, top, 41, top + 21), outline="black", fill="#2563eb" if is_on else "white", width=2)
        if is_on:
            pen.line((26, top + 11, 30, top + 15, 36, top + 6), fill="white", width=2)
        pen.text((54, top), words, fill="#333333", font=font)
    image.save("shot.png")
    return tmp_path / "shot.png"


def boxwright(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize(("text", "code", "state"), [("wifi", 0, "checked"), ("BLUETOOTH", 1, "unchecked")])
def test_a_widget_is_told_by_its_label_and_the_exit_code_is_its_state(
    shot: Path, text: str, code: int, state: str
) -> None:
    done = boxwright("scan", str(shot), "--model", "pretrained", "--find", text)
    assert done.exit_code == code, done.output
    top = {"wifi": 20.0, "BLUETOOTH": 70.0}[text]
    assert done.stdout.startswith(f"{state}\tbox 20.0,{top},22.0,22.0\tcentre 31.0,{top + 11}\tcheckbox\t")


def test_none_and_several_have_codes_of_their_own_and_say_what_there_is(shot: Path) -> None:
    none = boxwright("scan", str(shot), "--model", "pretrained", "--find", "Airplane mode")
    assert (none.exit_code, none.stdout) == (4, "")
    assert "no widget is labelled 'Airplane mode'; nearest labels: '" in none.stderr
    several = boxwright("scan", str(shot), "--model", "pretrained", "--find", "blue")
    assert (several.exit_code, several.stdout) == (5, "")
    assert "2 widgets match 'blue' (contains): checkbox 'Bluetooth" in several.stderr


def test_what_goes_wrong_cannot_be_taken_for_a_state(shot: Path) -> None:
    for words, said in (
        (["missing.png"], "missing.png: no such file"),
        (["."], "--find looks at one screenshot, but . is not the name of one file"),
        ([str(shot), str(shot)], "is not the name of one file"),
        ([str(shot), "-o", "out.csv"], "leave out -o"),
        ([str(shot), "--kind", "knob"], "unknown kind 'knob'"),
    ):
        done = boxwright("scan", *words, "--model", "pretrained", "--find", "Wi-Fi")
        assert (done.exit_code, done.stdout) == (2, ""), done.output
        assert said in done.stderr


def test_a_filter_narrows_what_the_text_may_mean(shot: Path) -> None:
    done = boxwright("scan", str(shot), "--model", "pretrained", "--find", "blue", "--state", "checked")
    assert done.exit_code == 4


def test_with_text_the_table_has_labels(shot: Path) -> None:
    done = boxwright("scan", str(shot), "--model", "pretrained", "--text", "-o", "found.csv")
    assert done.exit_code == 0, done.output
    lines = Path("found.csv").read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("label")
    assert {line.split(",")[place] for line in lines[1:]} == set(ROWS)
    assert boxwright("scan", str(shot), "--model", "pretrained", "-o", "bare.csv").exit_code == 0
    assert {line.split(",")[place] for line in Path("bare.csv").read_text().splitlines()[1:]} == {""}
