"""Cutting: the crops are those that are read, say where they come from, and every command takes them."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from base.errors import InputError, OutputExistsError
from model.finding import scanner as scanner_module
from model.finding.cutouts import cut_out
from model.labelled_folders.folders import read_examples
from model.scanning import screen_work
from model.scanning.screen_rows import WidgetFilter
from model.scanning.widget_crops import cut_widgets
from tests.scanners import FrameScanner, write_screens
from tests.test_cli import run
from tests.test_scan import contents

SCANNER = FrameScanner()


@pytest.fixture
def shots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_screens(Path("shots"), 12)


def rows_of(folder: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(folder, "metadata.jsonl").read_text().splitlines()]


def test_each_crop_is_what_the_scanner_cuts_and_its_row_says_where(shots: Path) -> None:
    result = cut_widgets(SCANNER, [shots], Path("crops"))
    rows = rows_of("crops")
    assert (result.screens, result.crops, result.unreadable) == (12, len(rows), ())
    assert {row["file_name"] for row in rows} == {path.name for path in Path("crops").glob("*.png")}
    for row in rows:
        screen, crop = Image.open(row["group"]).convert("RGB"), Image.open(Path("crops", row["file_name"]))
        assert crop.tobytes() == cut_out(screen, row["screen_box"]).tobytes()
        left, top, width, height = (int(length) for length in row["box"])
        x, y, _, _ = (int(length) for length in row["screen_box"])
        area = (left, top, left + width, top + height)
        assert crop.crop(area).tobytes() == screen.crop((x, y, x + width, y + height)).tobytes()
    assert {row["kind"] for row in rows} == {"checkbox", "switch"}
    assert {row["label"] for row in rows} == {"checked", "unchecked"}
    assert {row["confidence"] for row in rows} == {0.97, 0.6}


def test_the_folder_is_read_as_any_other(shots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner_module, "load_scanner", lambda *_, **__: SCANNER)
    code, stdout, stderr = run("cut", "shots", "crops", "-m", "pretrained", "--min-confidence", "0.7")
    assert (code, stdout) == (0, "")
    assert "15 crops of 12 screens in crops" in stderr
    examples = read_examples(Path("crops"))
    groups = {row["group"] for row in rows_of("crops")}
    assert {example.label for example in examples} == {"checked", "unchecked"}
    assert {example.group for example in examples} == groups
    code, _, stderr = run("queue", "crops", "--store", "labels.db", "--model", "pretrained", "-n", "4")
    assert (code, "4 images queued" in stderr) == (0, True)
    code, stdout, _ = run("inspect", "crops")
    assert (code, "checked" in stdout) == (0, True)
    code, _, _ = run(
        "train", "--real", "crops", "--backbone", "tiny", "--epochs", "1", "--threads", "1", "--out", "trained"
    )
    assert code == 0


def test_a_folder_that_holds_something_is_refused(shots: Path) -> None:
    cut_widgets(SCANNER, [shots], Path("crops"))
    with pytest.raises(OutputExistsError, match="crops is not empty"):
        cut_widgets(SCANNER, [shots], Path("crops"))
    cut_widgets(SCANNER, [shots / "a"], Path("crops"), overwrite=True)
    assert len(rows_of("crops")) == len(list(Path("crops").glob("*.png")))
    with pytest.raises(InputError, match="lies in shots, which is searched"):
        cut_widgets(SCANNER, [shots], shots / "crops")
    with pytest.raises(InputError, match="unknown kind 'button'"):
        cut_widgets(SCANNER, [shots], Path("new"), settings=WidgetFilter(kind=("button",)))
    assert not Path("new").exists()


def test_an_interrupted_run_goes_on_to_the_same_bytes(shots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_work, "CHUNK_A_THREAD", 1)
    (shots / "text.png").write_text("I am a text")
    whole = cut_widgets(SCANNER, [shots], Path("whole"), threads=2)

    def stop(done: int, _: int) -> None:
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_widgets(SCANNER, [shots], Path("crops"), threads=1, on_progress=stop)
    assert not Path("crops/metadata.jsonl").exists()
    begun: list[int] = []
    result = cut_widgets(
        SCANNER, [shots], Path("crops"), threads=1, resume=True, on_progress=lambda done, _: begun.append(done)
    )
    assert (result, begun[0]) == (whole, 6)
    assert contents("crops") == contents("whole")
    with pytest.raises(InputError, match="was not written by boxwright"):
        Path("crops/.boxwright").unlink()
        cut_widgets(SCANNER, [shots], Path("crops"), resume=True)


def test_what_could_not_be_read_is_named(shots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner_module, "load_scanner", lambda *_, **__: SCANNER)
    (shots / "text.png").write_text("I am a text")
    code, _, stderr = run("cut", "shots", "crops", "-m", "pretrained")
    assert (code, "shots/text.png: is not a picture" in stderr) == (3, True)
    code, _, stderr = run("cut", "nowhere", "other", "-m", "pretrained")
    assert (code, stderr) == (1, "Error: no file or folder nowhere\n")
