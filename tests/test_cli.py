import csv
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from active.exchange.labels import export_labels
from active.store.store import LabelStore
from cli import app
from generator.datasets.dataset import GenerateSettings
from model.evaluation.evaluate import evaluate
from model.networks.trained_model import load_model
from model.running.predict import predict_files
from model.splitting.folds import split_folder
from tests.crops import write_crops
from tests.icon_kits import install_icon_kit, read_kit, write_icon_kit
from tests.kept_worker import draw
from tests.kits import install_kit, write_kit

ROOT = Path(__file__).parents[1]
runner = CliRunner()


def run(*words: str | Path, listed: str | None = None) -> tuple[int, str, str]:
    result = runner.invoke(app, [str(word) for word in words], input=listed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("crops"), 12)


@pytest.fixture(scope="module")
def trained(crops: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    code, stdout, _ = run(
        "train", "--real", crops, "--backbone", "tiny", "--epochs", "2", "--threads", "1", "--out", out
    )
    assert code == 0
    assert str(out) in stdout
    return out


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where there is neither boxwright.toml nor a run of the developer's."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("words", [["--help"], ["-c", "import cli"]])
def test_help_and_import_load_nothing_heavy(words: list[str]) -> None:
    probe = (
        "import sys; sys.argv = ['boxwright', *{words}]\ntry:\n    import cli; cli.main()\nexcept SystemExit: pass\n"
    )
    script = probe.format(words=words) if words == ["--help"] else words[1]
    script += "\nimport sys; sys.stderr.write(' '.join({'torch', 'numpy', 'playwright', 'PIL'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_the_version_is_that_of_the_distribution() -> None:
    assert run("--version") == (0, f"boxwright {importlib.metadata.version('boxwright')}\n", "")


def test_debug_logs_stages_and_the_traceback_of_an_expected_error_on_stderr_alone(crops: Path, tmp_path: Path) -> None:
    def call(*words: str | Path) -> tuple[int, str, str]:
        command = [sys.executable, str(ROOT / "cli.py"), *map(str, words)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    plain = call("classify", crops, "--model", "pretrained")
    code, stdout, stderr = call("--debug", "classify", crops, "--model", "pretrained")
    assert (code, stdout) == (0, plain[1])
    assert "boxwright" not in plain[2]
    assert re.search(r"boxwright\.model\[\d+\] loading the model pretrained: \d\.\d{3} s, backbone small", stderr)
    assert re.search(r"reading, scoring and writing: \d+\.\d{3} s, pictures 36, unreadable 0, chosen 36", stderr)
    code, stdout, stderr = call("--debug", "labels", "disputes", "--store", "nowhere.db")
    assert (code, stdout) == (1, "")
    assert "Traceback" in stderr
    assert stderr.endswith("\nError: no label store nowhere.db; `boxwright queue` makes one\n")


def test_every_command_and_option_has_help() -> None:
    for words in (
        [],
        *([name] for name in COMMANDS),
        *(["labels", name] for name in ("export", "import", "disputes")),
        *(["libraries", name] for name in ("list", "add", "show", "remove")),
    ):
        code, stdout, _ = run(*words, "--help")
        assert code == 0
        assert "Usage" in stdout


COMMANDS = (
    "generate", "exam", "score", "split", "train", "evaluate", "calibrate", "queue", "simulate", "label", "labels",
    "libraries", "classify", "serve", "doctor", "demo",
)  # fmt: skip


@pytest.mark.browser
def test_generate_writes_what_the_library_writes(tmp_path: Path) -> None:
    words = ["-n", "6", "--seed", "0", "--workers", "1", "--family", "checkbox_native"]
    code, stdout, _ = run("generate", tmp_path / "cli", *words)
    assert code == 0
    assert stdout.startswith(f"6 crops of 1 family in {tmp_path / 'cli'}: checked ")
    draw(tmp_path / "library", GenerateSettings(n=6, seed=0, workers=1, families=("checkbox_native",)))
    manifests = [(tmp_path / name / "metadata.jsonl").read_bytes() for name in ("cli", "library")]
    assert manifests[0] == manifests[1]
    code, _, stderr = run("generate", tmp_path / "cli", *words)
    assert (code, stderr.startswith("Error: ")) == (1, True)
    assert "--resume or --overwrite" in stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["generate", "out", "--family", "checkbox_nativ"], "did you mean checkbox_native"),
        (["generate", "out", "-n", "0"], "n: Input should be greater than 0"),
        (["generate", "out", "-n", "1", "--browser", "/bin/false"], "no browser could be started"),
        (["train"], "nothing to train on"),
        (["train", "--real", "nowhere"], "no folder nowhere"),
        (["train", "--real", "empty"], "no class folders in empty"),
        (["train", "--real", "hollow"], "no pictures in class folder hollow/checked"),
        (["train", "--real", "good", "--backbone", "resnet19"], "did you mean resnet18"),
        (["train", "--real", "good", "--fold", "0"], "one of them is missing"),
        (["train", "--real", "good", "--folds", "5"], "5 folds need at least as many pictures of each class"),
        (["train", "--synthetic", "good", "--folds", "2"], "name their folder"),
        (["train", "--real", "good", "--resume"], "--resume goes on with the folder that --out names"),
        (["split", "nowhere"], "no folder nowhere"),
        (["split", "good", "--by", "looks"], "unknown grouping 'looks'"),
        (["split", "good", "--folds", "1"], "at least 2 are needed"),
        (["score", "nowhere", "--real", "good"], "no folder nowhere"),
        (["score", "good", "--real", "nowhere"], "no folder nowhere"),
        (["score", "good", "--real", "good", "--model", "nowhere"], "no model nowhere"),
        (["score", "good", "--real", "good", "--epochs", "0"], "epochs: Input should be greater"),
        (["evaluate", "nowhere", "empty"], "no model nowhere"),
        (["evaluate", "empty", "empty"], "is not a run folder"),
        (["evaluate", "text", "empty"], "text is a file"),
        (["queue", "empty", "--model", "nowhere"], "no model nowhere; `boxwright train` writes one"),
        (["classify", "empty", "--model", "nowhere"], "no model nowhere; `boxwright train` writes one"),
        (["label"], "needs a terminal"),
        (["label", "--graphics", "sixels"], "did you mean sixel"),
        (["label", "--store", "mysql://host/labels"], "needs a terminal"),
        (["labels", "export", "out", "--store", "nowhere.db"], "nowhere.db"),
        (["labels", "export", "out", "--store", "mysql://host/labels"], "unknown kind of label store mysql://"),
        (["labels", "export", "out", "--format", "coco", "--store", "nowhere.db"], "nowhere.db"),
        (["labels", "import", "nowhere"], "no file or folder nowhere"),
        (["labels", "import", "good", "--format", "cvs"], "did you mean csv"),
        (["labels", "disputes"], "no label store data/labels.db"),
        (["demo", "nowhere"], "nowhere"),
        (["exam", "out", "--library", "bootstrp"], "did you mean bootstrap"),
        (["libraries", "add"], "name the libraries to install"),
        (["libraries", "remove", "bootstrp"], "did you mean bootstrap"),
        (["libraries", "show", "bootstrp"], "did you mean bootstrap"),
        (["families", "--library", "bootstrp"], "did you mean bootstrap"),
        (["generate", "out", "--library", "bootstrp"], "did you mean bootstrap"),
    ],
)
def test_bad_input_gives_one_clear_line_and_exit_1(tmp_path: Path, words: list[str], message: str) -> None:
    (tmp_path / "empty").mkdir()
    write_crops(tmp_path / "good", 2)
    (tmp_path / "hollow" / "checked").mkdir(parents=True)
    (tmp_path / "text").write_text("not what you think\n" * 100)
    code, stdout, stderr = run(*words)
    assert (code, stdout) == (1, "")
    assert stderr.startswith("Error: ")
    assert message in stderr
    assert "Traceback" not in stderr


def test_libraries_are_listed_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    install_kit(write_kit(tmp_path / "mine"))
    mine = ["--templates", tmp_path / "mine"]

    def listed() -> str:
        return next(line for line in run("libraries", "list", *mine)[1].splitlines() if line.startswith("kit\t"))

    assert listed() == "kit\tyes\tkit 1.0.0\tMIT\tcheckbox, note, switch"
    assert (
        run("families", "--library", "kit", *mine)[1].splitlines()[0]
        == "kit/checkbox\tcheckbox\tchecked, unchecked\tmixed"
    )
    assert run("libraries", "remove", "kit", *mine)[1] == "kit: removed\n"
    assert listed().split("\t")[1] == "no"


def test_an_icon_set_is_listed_with_what_its_icons_are_drawn_as(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    folder = write_icon_kit(tmp_path / "mine")
    install_icon_kit(folder, read_kit(tmp_path))
    code, stdout, stderr = run("libraries", "show", "signs", "--templates", folder)
    assert code == 0
    lines = stdout.splitlines()
    assert "switch\ttoggle-on\ttoggle-off" in lines
    assert "other\tarrow" in lines
    assert any(line.startswith("left out\tcheck-circle\tits name leaves open ") for line in lines)
    assert stderr.startswith("signs (signs 1.0.0): ")


def test_bad_usage_is_exit_2() -> None:
    assert run("classify")[0] == 2
    assert run("clasify")[0] == 2
    assert run("generate", "out", "-n", "many")[0] == 2


def test_a_wrong_settings_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "boxwright.toml").write_text("[generate]\nnumber = 3\n")
    code, _, stderr = run("generate", "out")
    assert code == 1
    assert "boxwright.toml [generate]: number: Extra inputs are not permitted" in stderr


def test_evaluate_prints_what_the_library_finds(trained: Path, crops: Path) -> None:
    expected = evaluate(load_model(trained), crops, run=trained)
    assert json.loads(run("evaluate", trained, crops, "--json")[1]) == json.loads(json.dumps(expected.to_dict()))
    assert run("evaluate", trained, crops)[1] == expected.to_text() + "\n"


def test_evaluate_warns_of_pictures_that_were_trained_on(trained: Path, crops: Path, tmp_path: Path) -> None:
    code, stdout, stderr = run("evaluate", trained, crops, "--json")
    found = f"{trained}: 36 of 36 pictures were in the training or validation data"
    assert (code, f"warning: {found}" in stderr) == (0, True)
    assert json.loads(stdout)["warnings"][0].startswith(found)
    checkpoint = trained / "checkpoints" / "epoch-001"
    assert f"warning: {checkpoint}: 36 of 36" in run("evaluate", checkpoint, crops)[2]
    assert "warning" not in run("evaluate", trained, write_crops(tmp_path / "new", 2, first_seed=60))[2]


def test_a_split_leads_through_training_and_evaluation(crops: Path, tmp_path: Path) -> None:
    code, stdout, _ = run("split", crops, "--folds", "3", "--by", "crop")
    assert (code, stdout) == (
        0,
        f"{split_folder(crops, folds=3, by='crop').to_text()}\n"
        "in another fold too: 0 as exact copies, 0 near-identical\n",
    )
    small = ["--real", crops, "--backbone", "tiny", "--epochs", "1", "--threads", "1", "--split", "split.csv"]
    assert run("train", *small, "--fold", "1", "--out", tmp_path / "one")[0] == 0
    code, stdout, stderr = run("evaluate", tmp_path / "one", crops, "--split", "split.csv", "--fold", "1", "--json")
    assert (code, json.loads(stdout)["n"], stderr) == (0, 12, "")
    code, stdout, _ = run("train", *small, "--out", tmp_path / "all")
    assert (code, stdout.startswith("out-of-fold accuracy ")) == (0, True)
    assert (tmp_path / "all" / "final" / "model.json").exists()
    for again in ([], small[2:]):
        assert run("train", *again, "--out", tmp_path / "all", "--resume")[:2] == (0, stdout)
    code, _, stderr = run("train", "--out", tmp_path / "all", "--resume", "--folds", "4")
    assert (code, "folds: " in stderr, "was begun with None, not 4" in stderr) == (1, True, True)


@pytest.mark.slow
def test_the_commands_of_the_document_on_splits_run(tmp_path: Path) -> None:
    write_crops(tmp_path / "data" / "real", 10)
    write_crops(tmp_path / "synthetic" / "crops", 4, first_seed=40)
    (tmp_path / "boxwright.toml").write_text('[train]\nbackbone = "tiny"\nepochs = 1\nthreads = 1\n')
    commands = re.findall(r"^\$ boxwright (.+)$", (ROOT / "docs" / "splits.md").read_text(), flags=re.MULTILINE)
    assert len(commands) == 6
    for command in commands:
        words = re.sub(r"--folds \d", "--folds 2", command).split()
        code, stdout, stderr = run(*words, *(["--by", "crop"] if words[0] == "split" else []))
        assert code == 0, f"{command}: {stderr}"
        assert stdout
    rows = list(csv.DictReader((tmp_path / "runs" / "crossval" / "oof.csv").read_text().splitlines()))
    assert list(rows[0]) == [
        "file_name", "label", "fold", "prediction", "confidence", "checked", "other", "unchecked", "error",
    ]  # fmt: skip


def test_evaluate_writes_a_report_of_all_that_it_can_measure(trained: Path, crops: Path, tmp_path: Path) -> None:
    Path("boxwright.toml").write_text("[evaluate]\nsample = 2\nthreads = 1\n")
    words = ["--robustness", "--compare", trained, "--report", tmp_path / "out.html", "--json"]
    code, stdout, _ = run("evaluate", trained, crops, *words)
    values = json.loads(stdout)
    assert code == 0
    assert {curve["n"] for curve in values["robustness"]} == {2}
    assert values["comparison"]["other"] == str(trained)
    assert "Robustness" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_calibrate_stores_what_the_library_finds_or_says_why_not(trained: Path, crops: Path, tmp_path: Path) -> None:
    code, _, stderr = run("calibrate", trained, crops)
    assert (code, "has 36 pictures; a temperature needs at least 50" in stderr) == (1, True)
    own = shutil.copytree(trained, tmp_path / "own")
    code, stdout, _ = run("calibrate", own, write_crops(tmp_path / "more", 18, first_seed=100), "--json")
    values = json.loads(stdout)
    assert code == 0
    assert (load_model(own).calibration is not None) == values["stored"]


def test_classify_prints_what_the_library_predicts_in_the_order_of_the_paths(trained: Path, crops: Path) -> None:
    code, stdout, _ = run("classify", crops, "--model", trained)
    rows = list(csv.DictReader(io.StringIO(stdout)))
    paths = sorted(crops.rglob("*.png"))
    assert code == 0
    assert list(rows[0]) == [
        *("path", "prediction", "confidence", "checked", "other", "unchecked"),
        *("image_width_px", "image_height_px", "content_hash", "model", "error", "note"),
    ]
    assert [row["path"] for row in rows] == [str(path) for path in paths]
    for row, prediction in zip(rows, predict_files(load_model(trained), paths), strict=True):
        assert float(row["confidence"]) == pytest.approx(prediction.confidence, abs=1e-4)


def test_classify_writes_a_file_and_a_bad_image_fills_its_row(trained: Path, crops: Path, tmp_path: Path) -> None:
    pool = tmp_path / "pool"
    shutil.copytree(crops / "checked", pool)
    (pool / "text.png").write_text("I am no picture")
    odd = os.fsdecode(os.fsencode(pool) + b"/caf\xe9.png")
    shutil.copy(pool / "0000.png", odd)
    code, stdout, stderr = run("classify", pool, "--model", trained, "-o", tmp_path / "out.csv")
    assert (code, stdout) == (3, "")
    assert "1 of 14 images could not be read" in stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_bytes().decode("utf-8", "surrogateescape"))))
    assert [row["path"] for row in rows if row["error"]] == [str(pool / "text.png")]
    assert odd in [row["path"] for row in rows]


def test_classify_queues_and_copies_what_is_chosen(trained: Path, crops: Path, tmp_path: Path) -> None:
    words = ["--model", trained, "--below", "0.99", "--store", "own.db"]
    code, stdout, stderr = run("classify", crops, *words, "--queue", "--copy-to", "copies", "--report", "out.html")
    rows = list(csv.DictReader(io.StringIO(stdout)))
    assert code == 0
    assert f"{len(rows)} images queued in own.db" in stderr
    with LabelStore.open("own.db", create=False) as store:
        items = store.open_items()
    assert [round(1 - item.score, 4) for item in items] == sorted(float(row["confidence"]) for row in rows)
    assert {item.path.relative_to(tmp_path) for item in items} == set(Path("copies").rglob("*.png"))
    assert "Least certain first" in Path("out.html").read_text(encoding="utf-8")
    for option, message in (
        (["--only", "chequed"], "unknown class 'chequed'; did you mean checked"),
        (["--below", "2"], "below: Input should be less than or equal to 1"),
        (["--resume"], "--resume needs an output file"),
        (["-o", "out.xlsx"], "unknown ending of an output '.xlsx'"),
    ):
        code, _, stderr = run("classify", crops, "--model", trained, *option)
        assert (code, message in stderr) == (1, True)


def test_classify_queues_what_the_model_is_unsure_of_where_nothing_else_is_asked_for(
    trained: Path, crops: Path
) -> None:
    _, stdout, _ = run("classify", crops, "--model", trained, "--unsure")
    unsure = [row["path"] for row in csv.DictReader(io.StringIO(stdout))]
    _, stdout, stderr = run("classify", crops, "--model", trained, "--queue", "--store", "own.db")
    rows = list(csv.DictReader(io.StringIO(stdout)))
    assert {row["path"] for row in rows if float(row["confidence"] or 1) < 0.8} == set(unsure)
    assert f"unsure (below 0.8) of {len(unsure)} of {len(rows)} images" in stderr
    assert f"{len(unsure)} images queued in own.db" in stderr


def test_classify_takes_a_list(trained: Path, crops: Path) -> None:
    listed = "".join(f"{path}\n" for path in sorted(crops.rglob("*.png"))[::-1])
    _, stdout, _ = run("classify", "-", "--model", trained, listed=listed)
    assert [row["path"] for row in csv.DictReader(io.StringIO(stdout))] == listed.splitlines()
    code, _, stderr = run("classify", "-", "--model", trained, listed="")
    assert (code, "the list on standard input is empty" in stderr) == (1, True)


def test_a_full_disk_leaves_no_half_file_and_says_so(trained: Path, crops: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    script = (
        f"import cli; import sys; sys.argv = ['boxwright', 'classify', {str(crops)!r}, '--model', {str(trained)!r}]"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", script + "; cli.main()"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_reader_that_stops_early_gets_no_complaint(trained: Path, crops: Path) -> None:
    script = (
        f"import cli; import sys; sys.argv = ['boxwright', 'classify', {str(crops)!r}, '--model', {str(trained)!r}]"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script + "; cli.main()"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read().decode().splitlines()
    assert [line for line in said if not line.startswith("unsure (below")] == []
    process.wait()


def test_the_loop_from_queue_to_export(trained: Path, crops: Path, tmp_path: Path) -> None:
    store = tmp_path / "labels.db"
    code, stdout, stderr = run("queue", crops, "--model", trained, "-n", "5", "--store", store)
    assert code == 0
    assert len(stdout.splitlines()) == 5
    assert "5 images queued" in stderr
    assert run("label", "--store", store)[0] == 1  # stdin is no terminal here
    with LabelStore.open(store, create=False) as opened:
        for item in opened.open_items(limit=3):
            opened.record(item.item, "label", "checked")
        export_labels(opened, tmp_path / "library")
    assert run("labels", "export", tmp_path / "cli", "--store", store)[:2] == (
        0,
        f"3 labelled images in {tmp_path}/cli\n",
    )
    exported = [
        sorted(str(p.relative_to(tmp_path / name)) for p in (tmp_path / name).rglob("*.png"))
        for name in ("cli", "library")
    ]
    assert exported[0] == exported[1]
    again = ["labels", "import", tmp_path / "cli", "--store"]
    classes = "classes: checked 3\n"
    assert run(*again, tmp_path / "new.db")[:2] == (0, f"3 new, 0 known already; 0 images disputed\n{classes}")
    assert run(*again, store)[:2] == (0, f"0 new, 3 known already; 0 images disputed\n{classes}")
    with LabelStore.open(store, annotator="bob") as opened:
        opened.record(opened.labels()[0].item, "discard")
    assert "\tbob: discard\n" in run("labels", "disputes", "--store", store)[1]
    code, _, stderr = run("queue", crops, "--model", trained, "--strategy", "magin", "--store", store)
    assert (code, "did you mean margin" in stderr) == (1, True)


@pytest.mark.browser
def test_an_exam_by_toolkits_refuses_unknown_ones_and_what_is_for_libraries(tmp_path: Path) -> None:
    code, _, stderr = run("exam", str(tmp_path / "exam"), "--toolkit", "gtk")
    assert code == 1
    assert "unknown toolkit 'gtk'; did you mean gtk" in stderr
    code, _, stderr = run("exam", str(tmp_path / "exam"), "--toolkit", "tk", "--workers", "2", "--resume")
    assert (code, stderr) == (1, "Error: --workers, --resume: for component libraries, not for --toolkit\n")
    assert not (tmp_path / "exam").exists()


def test_doctor_names_the_browser_and_what_is_missing() -> None:
    code, stdout, _ = run("doctor")
    assert code == 0
    assert "Chromium" in stdout
    assert "latin" in stdout
    code, stdout, _ = run("doctor", "--browser", "/bin/false")
    assert code == 1
    assert "→ boxwright doctor --install-browser" in stdout


def test_without_a_run_the_model_in_the_box_classifies(crops: Path, tmp_path: Path) -> None:
    code, stdout, stderr = run("classify", crops / "other")
    assert (code, "using model pretrained" in stderr) == (0, True)
    assert stdout.splitlines()[0].startswith("path,prediction,confidence,checked,other,unchecked,kind,left_px")


def test_the_newest_run_is_the_default_model(trained: Path, crops: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "runs" / "mine")
    code, stdout, stderr = run("classify", crops / "other")
    assert (code, "using model runs/mine" in stderr) == (0, True)
    assert stdout.splitlines()[0].startswith("path,")


def test_simulate_prints_the_table_of_its_result(trained: Path, tmp_path: Path) -> None:
    pool = write_crops(tmp_path / "pool", 6)
    rows = ({"file_name": f"{p.parent.name}/{p.name}", "group": p.name} for p in sorted(pool.rglob("*.png")))
    (pool / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    words = ["--strategies", "margin,badge", "--rounds", "1", "--batch", "2", "--seeds", "2", "--out", tmp_path / "out"]
    code, stdout, _ = run("simulate", pool, "--model", trained, *words)
    result = json.loads((tmp_path / "out" / "simulation.json").read_text())
    assert code == 0
    assert [line.split()[0] for line in stdout.splitlines()[3:6]] == [arm["arm"] for arm in result["arms"]]
    assert f"report and pictures: {tmp_path / 'out'}" in stdout


def test_simulate_names_what_it_cannot_do(trained: Path, crops: Path) -> None:
    code, _, stderr = run("simulate", crops, "--model", trained, "--strategies", "margin,bagde")
    assert code == 1
    assert "unknown strategy 'bagde'; did you mean badge?" in stderr
