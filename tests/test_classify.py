import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

from base.arrays import Pixels
from base.errors import InputError, MissingError, OutputExistsError
from base.progress import OnProgress
from model.classifying.classify import ClassifySettings, classify_to_table
from model.classifying.columns import Header
from model.classifying.kept_rows import classified_keeper
from model.networks.checkpoint import save_model
from model.networks.trained_model import Model, load_model
from model.running import predict as predict_module
from model.running.scorer import Scores
from model.tables.journal import open_journal
from tests.broken import write_broken, write_odd
from tests.crops import draw_crop, write_crops
from tests.test_predict import model

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save_model(model(), folder, training={})
    return folder


@pytest.fixture(scope="module")
def loaded(saved: Path) -> Model:
    return load_model(saved)


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `pool` of 30 crops, in the working folder."""
    monkeypatch.chdir(tmp_path)
    write_crops(Path("pool"), 10)
    return Path("pool")


def read(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def test_an_unknown_runtime_is_refused_before_anything_is_printed(
    loaded: Model, pool: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="unknown runtime 'fast'; available: auto, onnx, quick, torch"):
        classify_to_table(loaded, [pool], settings=ClassifySettings(runtime="fast"))
    assert capfd.readouterr().out == ""


def test_rows_come_in_the_order_of_the_sources(loaded: Model, pool: Path) -> None:
    classify_to_table(loaded, ["pool/unchecked/0003.png", "pool/other", "pool/c*/*1.png"], output="out.csv")
    expected = ["pool/unchecked/0003.png", *(f"pool/other/{number:04}.png" for number in range(10))]
    assert [row["path"] for row in read("out.csv")] == [*expected, "pool/checked/0001.png"]


def test_every_format_says_the_same(loaded: Model, pool: Path) -> None:
    (pool / "zzz.png").write_text("I am a text")
    for ending in ("csv", "jsonl", "parquet"):
        assert classify_to_table(loaded, [pool], output=f"out.{ending}").unreadable == 1
    lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert pq.read_table("out.parquet").to_pylist() == lines
    assert [list(row) for row in lines[:1]] == [list(row) for row in read("out.csv")[:1]]
    for row, line in zip(read("out.csv"), lines, strict=True):
        assert {name: cell for name, cell in row.items() if cell} == {
            name: f"{value:.4f}" if isinstance(value, float) else str(value)
            for name, value in line.items()
            if value is not None
        }
    assert lines[-1]["error"] == "is not a picture"
    assert lines[-1]["content_hash"] is not None
    assert (lines[0]["model"], lines[0]["image_height_px"] > 0) == (loaded.fingerprint, True)


def test_rows_are_chosen_and_sorted(loaded: Model, pool: Path) -> None:
    (pool / "text.png").write_text("I am a text")
    classify_to_table(loaded, [pool], output="all.csv", settings=ClassifySettings(sort="confidence"))
    rows = read("all.csv")
    confidences = [float(row["confidence"]) for row in rows[:-1]]
    assert (confidences == sorted(confidences), rows[-1]["error"]) == (True, "is not a picture")
    commonest, limit = rows[0]["prediction"], confidences[15]
    settings = ClassifySettings(only=(commonest,), below=limit, sort="path")
    result = classify_to_table(loaded, [pool], output="some.csv", settings=settings)
    expected = [row for row in rows[:-1] if row["prediction"] == commonest and float(row["confidence"]) < limit]
    assert read("some.csv") == sorted(expected, key=lambda row: row["path"])
    assert (result.total, result.unreadable, result.chosen) == (31, 1, len(expected))
    with pytest.raises(InputError, match="did you mean checked"):
        classify_to_table(loaded, [pool], settings=ClassifySettings(only=("cheked",)))
    with pytest.raises(InputError, match="available: confidence, path, prediction"):
        classify_to_table(loaded, [pool], settings=ClassifySettings(sort="size"))


def test_equal_contents_are_computed_once(loaded: Model, pool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(pool, "copies/pool")
    computed: list[int] = []
    build = predict_module.build_scorer

    def count(*given: object, **options: object) -> object:
        score = build(*given, **options)  # type: ignore[arg-type]  # passed on as it came

        def counted(pixels: Sequence[Pixels]) -> Scores:
            computed.append(len(pixels))
            return score(pixels)

        return counted

    monkeypatch.setattr(predict_module, "build_scorer", count)
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 7)
    classify_to_table(loaded, [pool, "copies", pool], output="out.csv")
    assert sum(computed) == 30
    rows = [{**row, "path": ""} for row in read("out.csv")]
    assert rows[:30] == rows[30:60] == rows[60:]


def test_broken_pictures_fill_their_rows_and_the_rest_is_right(loaded: Model, pool: Path) -> None:
    classify_to_table(loaded, [pool], output="alone.csv")
    broken, odd = write_broken(pool / "broken"), write_odd(pool / "odd")
    (pool / "folder.png").mkdir()
    result = classify_to_table(loaded, [pool], output="out.csv")
    rows = {row["path"]: row for row in read("out.csv")}
    assert (result.total, result.unreadable) == (30 + len(broken) + len(odd), len(broken))
    assert {Path(path) for path, row in rows.items() if row["error"]} == broken
    assert [rows[row["path"]] for row in read("alone.csv")] == read("alone.csv")
    assert all(rows[str(path)]["prediction"] for path in odd)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    loaded: Model, pool: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 4)
    shutil.copytree(pool / "other", pool / "others")
    (pool / "others" / "text.png").write_text("I am a text")
    output, whole = f"out.{ending}", f"whole.{ending}"
    settings = ClassifySettings(copy_to=Path("copies"), report=Path("out.html"))
    classify_to_table(loaded, [pool], output=whole, settings=settings)
    page, copies = Path("out.html").read_bytes(), sorted(Path("copies").rglob("*"))
    shutil.rmtree("copies")
    for last in (8, 20, 40):
        with pytest.raises(KeyboardInterrupt):
            classify_to_table(
                loaded, [pool], output=output, settings=settings, resume=last > 8, on_progress=_interrupt_at(last)
            )
        assert not Path(output).exists()
    begun: list[int] = []
    classify_to_table(
        loaded, [pool], output=output, settings=settings, resume=True, on_progress=lambda done, _: begun.append(done)
    )
    assert Path(output).read_bytes() == Path(whole).read_bytes()
    assert (begun[0], Path("out.html").read_bytes() == page) == (40, True)
    assert sorted(Path("copies").rglob("*")) == copies
    assert {path.name for path in Path().iterdir()} == {"pool", "copies", "out.html", output, whole}


def _interrupt_at(last: int) -> OnProgress:
    def report(done: int, total: int) -> None:
        if done >= last:
            raise KeyboardInterrupt

    return report


def test_what_is_not_the_same_run_is_not_gone_on_with(
    loaded: Model, pool: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 4)
    with pytest.raises(KeyboardInterrupt):
        classify_to_table(loaded, [pool], output="out.csv", on_progress=_interrupt_at(8))
    other = save_model(model(seed=4), _made(tmp_path / "other"), training={})
    for given, sources, options, message in (
        (other, [pool], ClassifySettings(), "model: the interrupted run was begun with"),
        (loaded, [pool / "other"], ClassifySettings(), "sources: the interrupted run was begun with"),
        (loaded, [pool], ClassifySettings(only=("other",)), r'only: .* with \[\], not \["other"\]'),
    ):
        with pytest.raises(InputError, match=message):
            classify_to_table(given, sources, output="out.csv", settings=options, resume=True)
    draw_crop("other", 77).save(pool / "checked" / "0000a.png")
    with pytest.raises(InputError, match=r"picture 2 was pool/checked/0001.png and is pool/checked/0000a.png now"):
        classify_to_table(loaded, [pool], output="out.csv", resume=True)
    assert classify_to_table(loaded, [pool], output="out.csv").total == 31
    with pytest.raises(InputError, match="--resume needs an output file"):
        classify_to_table(loaded, [pool], resume=True)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bytes(saved: Path, loaded: Model, pool: Path) -> None:
    for number in range(20):
        shutil.copytree(pool, f"much/{number:02}")
    classify_to_table(loaded, ["much"], output="whole.csv")
    script = (
        "import sys, time; sys.argv = ['boxwright', 'classify', 'much', '-m', sys.argv[1], '-o', 'out.csv'];"
        "import cli; import model.running.predict as p; p.PREDICT_CHUNK = 16; real = p.build_scorer;"
        "p.build_scorer = lambda *a, **k: (lambda s: lambda x: (time.sleep(.05), s(x))[1])(real(*a, **k)); cli.main()"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", script, str(saved)], env=environment, stderr=subprocess.DEVNULL)
    journal = Path(".out.csv.part-wal")
    deadline = time.monotonic() + 100
    while not (journal.exists() and journal.stat().st_size > 60_000) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not Path("out.csv").exists()
    begun: list[int] = []
    classify_to_table(loaded, ["much"], output="out.csv", resume=True, on_progress=lambda done, _: begun.append(done))
    assert 0 < begun[0] < 600
    assert Path("out.csv").read_bytes() == Path("whole.csv").read_bytes()


def test_two_runs_do_not_write_one_output(loaded: Model, pool: Path) -> None:
    with (
        open_journal(Path(".out.csv.part"), classified_keeper(Header.of(loaded)), begun={}),
        pytest.raises(OutputExistsError, match="another run is writing this output"),
    ):
        classify_to_table(loaded, [pool], output="out.csv")
    Path(".out.csv.part").write_text("what is this? " * 100)
    with pytest.raises(InputError, match="delete it"):
        classify_to_table(loaded, [pool], output="out.csv")


def test_threads_change_nothing(loaded: Model, pool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 8)
    shutil.copytree(pool / "other", pool / "others")
    for threads in (1, 2):
        classify_to_table(loaded, [pool], output=f"{threads}.parquet", threads=threads)
    assert Path("1.parquet").read_bytes() == Path("2.parquet").read_bytes()


def test_copies_go_into_class_folders_and_replace_nothing(loaded: Model, pool: Path) -> None:
    settings = ClassifySettings(copy_to=Path("copies"))
    for _ in range(2):
        classify_to_table(loaded, [pool], output="out.csv", settings=settings)
    copies = sorted(Path("copies").rglob("*.png"))
    assert sorted(path.read_bytes() for path in copies) == sorted(path.read_bytes() for path in pool.rglob("*.png"))
    assert {path.parent.name for path in copies} == {row["prediction"] for row in read("out.csv")}
    [names] = [[path.name for path in folder.iterdir()] for folder in sorted(Path("copies").iterdir())[:1]]
    assert any(len(Path(name).stem) == len("0000-") + 16 for name in names)
    with pytest.raises(InputError, match="lies in pool, which is searched"):
        classify_to_table(loaded, [pool], settings=ClassifySettings(copy_to=pool / "copies"))


def test_the_report_shows_the_least_certain_of_each_prediction(
    loaded: Model, pool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 4)
    monkeypatch.setattr("model.classifying.least_certain.MOST_SHOWN", 3)
    shutil.copytree(pool, "copies")
    (pool / "a <b>.png").write_text("I am a text")
    classify_to_table(loaded, [pool, "copies"], output="out.csv", settings=ClassifySettings(report=Path("out.html")))
    page = Path("out.html").read_text(encoding="utf-8")
    rows = [row for row in read("out.csv") if row["prediction"] and row["path"].startswith("pool")]
    for name in {row["prediction"] for row in rows}:
        of_class = sorted((row for row in rows if row["prediction"] == name), key=lambda row: float(row["confidence"]))
        shown = [page.index(f"<small>{row['path']}</small>") for row in of_class[:3]]
        assert shown == sorted(shown)
        assert all(f"<small>{row['path']}</small>" not in page for row in of_class[3:])
    assert "<code>pool/a &lt;b&gt;.png</code>: is not a picture" in page
    with pytest.raises(InputError, match="name an HTML file"):
        classify_to_table(loaded, [pool], settings=ClassifySettings(report=pool))


def test_names_that_are_not_utf_8_come_through(loaded: Model, pool: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    shutil.copy(pool / "other" / "0000.png", name)
    for ending in ("csv", "jsonl", "parquet"):
        classify_to_table(loaded, [name, pool / "other"], output=f"out.{ending}")
    assert b"caf\xe9.png," in Path("out.csv").read_bytes()
    assert json.loads(Path("out.jsonl").read_text(encoding="utf-8").splitlines()[0])["path"] == name
    assert pq.read_table("out.parquet")["path"][0].as_py() == "caf\\xe9.png"


def test_an_output_is_a_file_of_a_known_ending_or_a_device(loaded: Model, pool: Path) -> None:
    with pytest.raises(InputError, match=r"available: \.csv, \.jsonl, \.parquet"):
        classify_to_table(loaded, [pool], output="out.txt")
    with pytest.raises(InputError, match="is a folder; name a file"):
        classify_to_table(loaded, [pool], output=pool)
    if Path("/dev/null").is_char_device():
        assert classify_to_table(loaded, [pool], output="/dev/null").total == 30
        assert Path("/dev/null").is_char_device()


def test_a_class_may_be_called_as_a_column(pool: Path) -> None:
    odd = Model(model().network, ("error", "path", "box"), model().geometry, "tiny")
    classify_to_table(odd, [pool], output="out.csv")
    assert list(read("out.csv")[0])[:6] == [
        "path", "prediction", "confidence", "probability_error", "probability_path", "box",
    ]  # fmt: skip


def test_sources_that_are_not_there_are_named_before_anything_is_written(loaded: Model, pool: Path) -> None:
    with pytest.raises(MissingError, match="no file or folder nowhere"):
        classify_to_table(loaded, [pool, "nowhere"], output="out.csv")
    assert {path.name for path in Path().iterdir()} == {"pool"}


def test_an_address_gets_the_same_bytes_as_a_file(
    loaded: Model, pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 8)
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    memory = fsspec.filesystem("memory")
    for ending in ("csv", "parquet"):
        address = f"memory://rows/out.{ending}"
        with pytest.raises(KeyboardInterrupt):
            classify_to_table(loaded, [pool], output=address, on_progress=_interrupt_at(16))
        assert not memory.exists(address)
        classify_to_table(loaded, [pool], output=address, resume=True)
        classify_to_table(loaded, [pool], output=f"out.{ending}")
        assert memory.cat_file(address) == Path(f"out.{ending}").read_bytes()
    left = [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.parent.name != "graphs"]
    assert left == []
    memory.rm("/rows", recursive=True)
