"""Scanning in batch, as a library and as a command: every widget once, however it is run."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from base.errors import InputError, MissingError
from base.progress import OnProgress
from model.finding import scanner as scanner_module
from model.finding.cells import FOUND_KINDS
from model.finding.widgets import FoundWidget
from model.reading import images
from model.scanning import screen_work
from model.scanning.scan import ScanSettings, scan_to_table
from model.scanning.scan_formats import SCAN_ENDINGS
from tests.broken import write_broken
from tests.scanners import FrameScanner, draw_screen, some_widgets, write_screens
from tests.test_cli import run

ROOT = Path(__file__).parents[1]
SCANNER = FrameScanner()


@pytest.fixture
def shots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `shots` of 20 screens, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return write_screens(Path("shots"), 20)


@pytest.fixture
def framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands load the scanner of these tests."""
    monkeypatch.setattr(scanner_module, "load_scanner", lambda *_, **__: SCANNER)


def read(path: str | Path) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_says_of_each_widget_what_the_scanner_says(shots: Path) -> None:
    result = scan_to_table(SCANNER, [shots], output="out.csv")
    expected = [
        (str(path), widget)
        for path in sorted(shots.rglob("*.png"))
        for widget in SCANNER.scan(Image.open(path).convert("RGB"))
    ]
    rows = read("out.csv")
    assert (result.total, result.unreadable, result.widgets) == (20, 0, len(expected))
    for row, (path, widget) in zip(rows, expected, strict=True):
        assert (row["path"], row["kind"], row["state"]) == (path, widget.kind, widget.state)
        assert (float(row["confidence"]), float(row["state_confidence"])) == (widget.confidence, 0.9)
        sides = tuple(float(row[name]) for name in ("left_px", "top_px", "width_px", "height_px"))
        centre = float(row["centre_x_px"]), float(row["centre_y_px"])
        assert (sides, centre) == (widget.box, widget.centre)
        assert (row["enabled"], row["label"], row["error"], row["note"]) == (str(widget.enabled).lower(), "", "", "")


def test_every_format_says_the_same_of_widgets_and_jsonl_has_the_screens_without_any(shots: Path) -> None:
    (shots / "zzz.png").write_text("I am a text")
    for ending in ("csv", "jsonl", "parquet"):
        assert scan_to_table(SCANNER, [shots], output=f"out.{ending}").unreadable == 1
    lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    rows = pq.read_table("out.parquet").to_pylist()
    flat = [
        {"path": line["path"], **widget, "error": line["error"], "note": line["note"]}
        for line in lines
        for widget in line["widgets"] or ()
    ]
    assert rows[:-1] == flat
    assert [row["path"] for row in read("out.csv")] == [row["path"] for row in rows]
    assert (rows[-1]["path"], rows[-1]["kind"], rows[-1]["error"]) == ("shots/zzz.png", None, "is not a picture")
    assert lines[-1] | {"content_hash": ""} == {
        "path": "shots/zzz.png", "image_width_px": None, "image_height_px": None, "content_hash": "",
        "scanner": "frames", "error": "is not a picture", "note": None, "widgets": None,
    }  # fmt: skip
    assert [line["widgets"] for line in lines].count([]) == 5
    assert {line["image_width_px"] for line in lines[:-1]} == {320}


def test_only_the_widgets_that_are_asked_for_are_in_the_table(shots: Path) -> None:
    scan_to_table(SCANNER, [shots], output="all.csv")
    for settings, takes in (
        (ScanSettings(kind=("switch",)), lambda row: row["kind"] == "switch"),
        (ScanSettings(state=("checked",)), lambda row: row["state"] == "checked"),
        (ScanSettings(min_confidence=0.9), lambda row: float(row["confidence"]) >= 0.9),
    ):
        result = scan_to_table(SCANNER, [shots], output="some.csv", settings=settings)
        chosen = [row for row in read("all.csv") if takes(row)]
        assert read("some.csv") == chosen
        assert 0 < len(chosen) < len(read("all.csv"))
        assert (result.total, result.widgets) == (20, len(chosen))
    with pytest.raises(InputError, match="unknown kind 'swich'; did you mean switch"):
        scan_to_table(SCANNER, [shots], settings=ScanSettings(kind=("swich",)))
    with pytest.raises(InputError, match="unknown state 'on'; available: checked, unchecked"):
        scan_to_table(SCANNER, [shots], settings=ScanSettings(state=("on",)))


def test_equal_contents_are_scanned_once(shots: Path) -> None:
    class Counting(FrameScanner):
        seen = 0

        def scan(self, image: Image.Image, *, min_confidence: float = 0.5) -> list[FoundWidget]:
            Counting.seen += 1
            return super().scan(image, min_confidence=min_confidence)

    shutil.copytree(shots, "again")
    scan_to_table(Counting(), [shots, "again", shots], output="out.csv")
    assert Counting.seen == 20
    rows = [{**row, "path": ""} for row in read("out.csv")]
    third = len(rows) // 3
    assert rows[:third] == rows[third : 2 * third] == rows[2 * third :]


def test_coordinates_are_those_of_the_picture_as_it_is_shown(tmp_path: Path) -> None:
    upright = draw_screen([(40, 20, "checkbox", True)])
    exif = Image.Exif()
    exif[274] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    scan_to_table(SCANNER, [tmp_path / "turned.png"], output=tmp_path / "out.csv")
    [row] = read(tmp_path / "out.csv")
    assert (row["left_px"], row["top_px"]) == ("40.0", "20.0")


def test_screens_come_from_archives_tables_and_lists_too(shots: Path) -> None:
    with tarfile.open("shots.tar", "w") as tar:
        for path in sorted(shots.rglob("*.png")):
            tar.add(path, path.relative_to(shots))
    scan_to_table(SCANNER, [shots], output="files.csv")
    scan_to_table(SCANNER, ["shots.tar"], output="tar.csv")
    listed = io.BytesIO("\n".join(map(str, sorted(shots.rglob("*.png")))).encode())
    scan_to_table(SCANNER, ["-"], output="list.csv", listed=listed)
    assert read("list.csv") == read("files.csv")
    assert [row["path"].replace("shots.tar::", "shots/") for row in read("tar.csv")] == [
        row["path"] for row in read("files.csv")
    ]


def test_a_screen_has_no_limits_of_a_crop_and_one_beyond_all_is_refused_by_its_header(tmp_path: Path) -> None:
    draw_screen([(8, 8, "switch", True)], size=(12_000, 32)).save(tmp_path / "bar.png")
    draw_screen([(9000, 3000, "switch", True)], size=(10_000, 4_000)).save(tmp_path / "wall.png")
    Image.new("1", (10_000, 6_000)).save(tmp_path / "zz.png")
    scan_to_table(SCANNER, [tmp_path], output=tmp_path / "out.csv")
    bar, wall, beyond = read(tmp_path / "out.csv")
    assert (bar["kind"], bar["note"], bar["error"]) == ("switch", "", "")
    assert (wall["left_px"], wall["note"], wall["error"]) == ("9000.0", "", "")
    assert beyond["error"] == "too large: 10000x6000 px, at most 50 megapixels are read"


def test_large_screens_are_scanned_one_at_a_time_and_others_meanwhile(
    shots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_work, "LARGE_PIXELS", 1000)
    for number in range(4):
        draw_screen([], size=(20, 20 + number)).save(shots / f"small{number}.png")
    at_work, most, together = [0, 0], [0, 0], [0]

    class Watching(FrameScanner):
        def scan(self, image: Image.Image, *, min_confidence: float = 0.5) -> list[FoundWidget]:
            large = int(image.width * image.height > 1000)
            at_work[large] += 1
            most[large] = max(most[large], at_work[large])
            together[0] = max(together[0], sum(at_work))
            time.sleep(0.01)
            at_work[large] -= 1
            return super().scan(image, min_confidence=min_confidence)

    scan_to_table(Watching(), [shots], output="out.csv", threads=3)
    assert most[1] == 1
    assert 1 < together[0] <= 3


@pytest.mark.parametrize("ending", SCAN_ENDINGS)
def test_threads_change_nothing(shots: Path, ending: str) -> None:
    write_broken(shots / "broken")
    for threads in (1, 3):
        settings = ScanSettings(draw=Path(f"drawn{threads}"), report=Path(f"{threads}.html"))
        scan_to_table(SCANNER, [shots], output=f"{threads}{ending}", threads=threads, settings=settings)
    assert Path(f"1{ending}").read_bytes() == Path(f"3{ending}").read_bytes()
    assert Path("1.html").read_bytes() == Path("3.html").read_bytes()
    assert contents("drawn1") == contents("drawn3")


def contents(folder: str) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def _interrupt_at(last: int) -> OnProgress:
    def report(done: int, total: int) -> None:
        if done >= last:
            raise KeyboardInterrupt

    return report


@pytest.mark.parametrize("ending", SCAN_ENDINGS)
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    shots: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(screen_work, "CHUNK_A_THREAD", 1)
    shutil.copytree(shots / "a", shots / "c")
    (shots / "c" / "text.png").write_text("I am a text")
    settings = ScanSettings(draw=Path("drawn"), report=Path("out.html"))

    def go(output: str, *, resume: bool = False, on_progress: OnProgress | None = None) -> None:
        scan_to_table(
            SCANNER, [shots], output=output, settings=settings, resume=resume, threads=1, on_progress=on_progress
        )

    go(f"whole{ending}")
    page, drawn = Path("out.html").read_bytes(), contents("drawn")
    shutil.rmtree("drawn")
    for last in (4, 10, 20):
        with pytest.raises(KeyboardInterrupt):
            go(f"out{ending}", resume=last > 4, on_progress=_interrupt_at(last))
        assert not Path(f"out{ending}").exists()
    begun: list[int] = []
    go(f"out{ending}", resume=True, on_progress=lambda done, _: begun.append(done))
    assert Path(f"out{ending}").read_bytes() == Path(f"whole{ending}").read_bytes()
    assert (begun[0], Path("out.html").read_bytes() == page, contents("drawn") == drawn) == (20, True, True)
    assert {path.name for path in Path().iterdir()} == {"shots", "drawn", "out.html", f"out{ending}", f"whole{ending}"}


def test_what_is_not_the_same_run_is_not_gone_on_with(shots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_work, "CHUNK_A_THREAD", 1)
    with pytest.raises(KeyboardInterrupt):
        scan_to_table(SCANNER, [shots], output="out.csv", threads=1, on_progress=_interrupt_at(4))
    for scanner, sources, settings, message in (
        (FrameScanner("other"), [shots], ScanSettings(), "scanner: the interrupted run was begun with"),
        (SCANNER, [shots / "a"], ScanSettings(), "sources: the interrupted run was begun with"),
        (SCANNER, [shots], ScanSettings(kind=("radio",)), r'kind: .* with \[\], not \["radio"\]'),
        (SCANNER, [shots], ScanSettings(min_confidence=0.9), r"min_confidence: .* with 0.4, not 0.9"),
    ):
        with pytest.raises(InputError, match=message):
            scan_to_table(scanner, sources, output="out.csv", settings=settings, resume=True)
    draw_screen([]).save(shots / "a" / "000a.png")
    with pytest.raises(InputError, match=r"picture 2 was shots/a/002.png and is shots/a/000a.png now"):
        scan_to_table(SCANNER, [shots], output="out.csv", resume=True)
    with pytest.raises(InputError, match="--resume needs an output file"):
        scan_to_table(SCANNER, [shots], resume=True)


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bytes(shots: Path) -> None:
    write_screens(shots, 200)
    scan_to_table(SCANNER, ["shots"], output="whole.jsonl")
    script = (
        "import sys, time; sys.argv = ['boxwright', 'scan', 'shots', '-o', 'out.jsonl'];"
        "import cli; import model.finding.scanner as s; from tests.scanners import FrameScanner as F;"
        "real = F.scan; F.scan = lambda *a, **k: (time.sleep(.02), real(*a, **k))[1];"
        "s.load_scanner = lambda *a, **k: F(); cli.main()"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, "-c", script], env=environment, stderr=subprocess.DEVNULL)
    journal = Path(".out.jsonl.part-wal")
    deadline = time.monotonic() + 100
    while not (journal.exists() and journal.stat().st_size > 60_000) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not Path("out.jsonl").exists()
    begun: list[int] = []
    scan_to_table(SCANNER, ["shots"], output="out.jsonl", resume=True, on_progress=lambda done, _: begun.append(done))
    assert 0 < begun[0] < 200
    assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()


def test_no_more_screens_are_held_than_threads_work_on(shots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, most = [0], [0]
    decode = screen_work.decode_bytes

    def counted(content: bytes, *, most_pixels: int = images.MAX_PIXELS) -> object:
        held[0] += 1
        most[0] = max(most[0], held[0])
        return decode(content, most_pixels=most_pixels)

    class Leaving(FrameScanner):
        def scan(self, image: Image.Image, *, min_confidence: float = 0.5) -> list[FoundWidget]:
            found = super().scan(image, min_confidence=min_confidence)
            held[0] -= 1
            return found

    monkeypatch.setattr(screen_work, "decode_bytes", counted)
    scan_to_table(Leaving(), [shots], output="out.csv", threads=2)
    assert 0 < most[0] <= 2


def test_an_output_has_a_known_ending(shots: Path) -> None:
    with pytest.raises(InputError, match=r"unknown ending of an output '.json'; .*\.coco\.json, \.csv"):
        scan_to_table(SCANNER, [shots], output="out.json")
    with pytest.raises(InputError, match="is a folder; name a file"):
        scan_to_table(SCANNER, [shots], output=shots)
    with pytest.raises(InputError, match="name an HTML file"):
        scan_to_table(SCANNER, [shots], settings=ScanSettings(report=shots))


def test_the_command_writes_what_the_library_writes(shots: Path, framed: None) -> None:
    for words, settings in (
        ([], ScanSettings()),
        (["--kind", "switch", "--state", "checked", "--min-confidence", "0.7"],
         ScanSettings(kind=("switch",), state=("checked",), min_confidence=0.7)),
    ):  # fmt: skip
        expected = scan_to_table(SCANNER, [shots], output="library.csv", settings=settings)
        code, stdout, stderr = run("scan", shots, "-m", "pretrained", *words)
        assert (code, stdout) == (0, Path("library.csv").read_text())
        assert f"{expected.widgets} widgets on 20 screens" in stderr
        code, stdout, _ = run("scan", shots, "-m", "pretrained", "-o", "command.csv", *words)
        assert (code, stdout, Path("command.csv").read_bytes()) == (0, "", Path("library.csv").read_bytes())


def test_a_damaged_picture_among_good_ones_fills_its_row_and_the_exit_code_says_so(shots: Path, framed: None) -> None:
    good = sorted(shots.rglob("*.png"))[3]
    damaged = shots / "damaged.png"
    damaged.write_bytes(good.read_bytes()[:200])
    code, stdout, stderr = run("scan", damaged, good, "-m", "pretrained")
    rows = list(csv.DictReader(io.StringIO(stdout)))
    assert (code, rows[0]["path"], rows[0]["kind"]) == (3, str(damaged), "")
    assert "damaged" in rows[0]["error"] or "truncated" in rows[0]["error"]
    assert all(row["path"] == str(good) for row in rows[1:])
    assert "on 2 screens, 1 of which could not be read; see the error column" in stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.png"], "no file or folder nowhere.png"),
        (["empty"], "no pictures in empty"),
        (["shots", "-o", "out.txt"], "unknown ending of an output '.txt'"),
        (["shots", "--kind", "button"], "unknown kind 'button'; available: checkbox, radio, switch"),
        (["shots", "--state", "open"], "unknown state 'open'; available: checked, unchecked"),
        (["shots", "--min-confidence", "2"], "min_confidence: Input should be less than or equal to 1"),
        (["shots", "--draw", "shots/marked"], "shots/marked lies in shots, which is searched"),
        (["shots", "--resume"], "--resume needs an output file"),
        (["shots", "--engine", "mesos"], "unknown engine 'mesos'"),
    ],
)
def test_bad_input_is_said_in_one_line(shots: Path, framed: None, words: Sequence[str], message: str) -> None:
    Path("empty").mkdir()
    code, stdout, stderr = run("scan", *words, "-m", "pretrained")
    assert (code, stdout) == (1, "")
    assert stderr.startswith("Error: ")
    assert (message in stderr, stderr.count("\n")) == (True, 1)
    assert {path.name for path in Path().iterdir()} == {"shots", "empty"}


def test_a_finder_that_is_not_there_is_named(shots: Path) -> None:
    code, _, stderr = run("scan", "shots", "-m", "pretrained", "--finder", "nowhere")
    assert (code, "no finder nowhere" in stderr) == (1, True)


def test_the_help_names_the_kinds_that_are_found(shots: Path) -> None:
    for command in ("scan", "cut"):
        code, stdout, _ = run(command, "--help")
        assert code == 0
        assert all(kind in stdout for kind in FOUND_KINDS)


def test_a_screen_that_changed_meanwhile_is_not_drawn_as_what_it_was(
    shots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sorted(shots.rglob("*.png"))[3]

    class Changing(FrameScanner):
        def scan(self, image: Image.Image, *, min_confidence: float = 0.5) -> list[FoundWidget]:
            draw_screen(some_widgets(2), shade=9).save(path)
            return super().scan(image, min_confidence=min_confidence)

    result = scan_to_table(Changing(), [path], output="out.csv", settings=ScanSettings(draw=Path("drawn")))
    assert result.unreadable == 1
    assert {row["error"] for row in read("out.csv")} == {"cannot be drawn: the file has changed since it was scanned"}
    assert not Path("drawn").exists()


def test_a_list_that_is_empty_is_said(shots: Path) -> None:
    with pytest.raises(InputError, match="the list on standard input is empty"):
        scan_to_table(SCANNER, ["-"], output="out.csv", listed=io.BytesIO(b""))
    with pytest.raises(MissingError, match="no file or folder"):
        scan_to_table(SCANNER, [shots, "nowhere"], output="out.csv")


def test_what_went_wrong_in_a_scan_stops_it(shots: Path) -> None:
    class Failing(FrameScanner):
        def scan(self, image: Image.Image, *, min_confidence: float = 0.5) -> list[FoundWidget]:
            raise RuntimeError("the network is broken")

    with pytest.raises(RuntimeError, match="the network is broken"):
        scan_to_table(Failing(), [shots], output="out.csv")
