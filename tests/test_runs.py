"""`boxwright runs`: the table, what two runs differ in, and the page."""

import csv
import json
import re
from pathlib import Path

import pytest

from base.errors import InputError, ModelError
from model.evaluation.evaluate import evaluate
from model.evaluation.evaluate_settings import EvaluateSettings
from model.networks.trained_model import load_model
from model.runs.run_difference import compare_runs
from model.runs.run_records import keep_evaluation, read_run, read_runs
from model.runs.run_table import RunTable, tabulate_runs
from tests.crops import write_crops
from tests.run_folders import FINGERPRINT, write_run
from tests.test_cli import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_run(tmp_path / "runs/a", accuracies=(0.5, 0.9))
    write_run(tmp_path / "runs/b", accuracies=(0.6, 0.7), backbone="tiny", learning_rate=0.01)
    write_run(tmp_path / "runs/deep/c", accuracies=(0.95,), finished=False, track=["wandb"])
    write_run(tmp_path / "runs/d", accuracies=(), finished=False)
    write_run(tmp_path / "runs/a/checkpoints/epoch-001")
    return tmp_path / "runs"


def names(table: RunTable) -> list[str]:
    return [each.name for each in table.runs]


def test_all_runs_but_checkpoints_are_listed_with_what_they_came_to(folder: Path) -> None:
    runs = read_runs(folder)
    assert [each.name for each in runs] == ["a", "b", "d", "deep/c"]
    assert [each.figures["state"] for each in runs] == ["finished", "finished", "begun", "stopped"]
    assert (runs[0].figures["val_accuracy"], runs[0].figures["train_seconds"]) == (0.9, 4.0)
    assert runs[0].figures["model"] == FINGERPRINT


def test_without_columns_the_figures_and_the_settings_that_differ_are_shown(folder: Path) -> None:
    table = tabulate_runs(read_runs(folder))
    assert table.columns == ("run", "state", "epoch", "val_accuracy", "val_loss", "backbone", "learning_rate", "track")
    assert table.to_text().splitlines()[1].split() == ["a", "finished", "2", "0.9", "0.75", "small", "0.003", "-"]


@pytest.mark.parametrize(
    ("column", "reverse", "order"),
    [
        ("val_accuracy", False, ["deep/c", "a", "b", "d"]),
        ("val_accuracy", True, ["b", "a", "deep/c", "d"]),
        ("val_loss", False, ["a", "b", "deep/c", "d"]),
        ("backbone", False, ["a", "d", "deep/c", "b"]),
    ],
)
def test_sorting_is_best_first_and_what_has_no_value_comes_last(
    folder: Path, column: str, reverse: bool, order: list[str]
) -> None:
    assert names(tabulate_runs(read_runs(folder), sort=column, reverse=reverse)) == order


@pytest.mark.parametrize(
    ("conditions", "left"),
    [
        (["backbone=small"], ["a", "d", "deep/c"]),
        (["backbone!=small"], ["b"]),
        (["val_accuracy>=0.9"], ["a", "deep/c"]),
        (["val_accuracy < 0.9", "state=finished"], ["b"]),
        (["learning_rate=1e-2"], ["b"]),
        (["val_accuracy=none"], ["d"]),
    ],
)
def test_all_conditions_must_hold(folder: Path, conditions: list[str], left: list[str]) -> None:
    assert names(tabulate_runs(read_runs(folder), conditions=conditions)) == left


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sort", "val_acuracy"], "unknown column 'val_acuracy'"),
        (["--columns", "run,nothing"], "unknown column 'nothing'"),
        (["--filter", "backbone"], "'backbone' is no condition; write COLUMN=VALUE"),
        (["--filter", "backbone>small"], "compare it with = or !="),
        (["--filter", "backbone=huge"], "none of 4 runs has backbone=huge"),
        (["-o", "runs.txt"], "the ending says the format; available: .csv, .json"),
        (["--diff", "a", "deep/d"], "'deep/d'; did you mean deep/c? available: a, b, d, deep/c"),
        (["--diff", "a", "b", "--sort", "run"], "--diff stands alone"),
    ],
)
def test_what_cannot_be_meant_is_an_error_of_one_line(folder: Path, words: list[str], message: str) -> None:
    code, out, err = run("runs", folder, *words)
    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1


def test_folders_without_runs_and_damaged_runs_are_named(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no run in"):
        read_runs(tmp_path / "empty")


@pytest.mark.parametrize("file", ["model.json", "settings.json", "metrics.jsonl"])
def test_a_damaged_run_is_named_and_hides_no_other(folder: Path, file: str) -> None:
    (folder / "b" / file).write_text("{")
    assert {each.name: each.figures["state"] for each in read_runs(folder)}["b"] == "damaged"
    code, out, err = run("runs", folder, "--columns", "run,state")
    assert code == 0
    assert re.search(r"^a +finished$", out, re.MULTILINE)
    assert err.startswith("b cannot be read: ")
    assert f"{file} is damaged" in err
    with pytest.raises(ModelError, match="is damaged"):
        read_run(folder / "b")


def test_the_table_is_written_as_csv_and_json(folder: Path, tmp_path: Path) -> None:
    assert run("runs", folder, "--columns", "run,val_accuracy", "-o", tmp_path / "t.csv")[:2] == (0, "")
    with (tmp_path / "t.csv").open() as file:
        assert list(csv.reader(file))[1:3] == [["a", "0.9"], ["b", "0.7"]]
    out = run("runs", folder, "--columns", "run,val_accuracy", "--json", "--sort", "val_accuracy")[1]
    assert json.loads(out)[0] == {"run": "deep/c", "val_accuracy": 0.95}


def test_two_runs_are_compared_by_what_differs(folder: Path) -> None:
    found = compare_runs(read_run(folder / "a"), read_run(folder / "b"))
    assert found.choices == {"backbone": ("small", "tiny"), "learning_rate": (0.003, 0.01)}
    assert found.figures["val_accuracy"] == (0.9, 0.7)
    text = run("runs", folder, "--diff", "a", "b")[1]
    assert re.search(r"^learning_rate +0\.003 +0\.01$", text, re.MULTILINE)
    assert "no setting differs" in run("runs", folder, "--diff", "a", "a")[1]


def test_the_page_has_a_line_a_run_and_its_own_words_only(folder: Path, tmp_path: Path) -> None:
    write_run(folder / "<b>x", accuracies=(0.5, 0.6, 0.7))
    assert run("runs", folder, "--page", tmp_path / "runs.html")[0] == 0
    page = (tmp_path / "runs.html").read_text()
    accuracy = page[page.index("<svg") : page.index("</svg>")]
    assert accuracy.count("<polyline") == 4  # the run without an epoch has none
    assert "<b>x" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_what_evaluate_keeps_is_in_the_table(tmp_path: Path) -> None:
    crops, folder = write_crops(tmp_path / "crops", 2), write_run(tmp_path / "runs/a")
    result = evaluate(load_model(Path("pretrained")), crops, settings=EvaluateSettings(top_k=2))
    for _ in range(2):
        keep_evaluation(folder, crops, result)
    kept = read_run(folder)
    assert len(kept.measured) == 1
    assert kept.figures["test_accuracy"] == result.accuracy
    assert result.top_k is not None
    assert (kept.figures["test_top_k"], kept.figures["test_k"]) == (result.top_k.accuracy, 2)
    write_run(tmp_path / "runs/b")
    assert names(tabulate_runs(read_runs(tmp_path / "runs"), sort="test_top_k", conditions=["test_top_k>0"])) == ["a"]
    assert "only there can an evaluation be kept" in run("evaluate", "pretrained", crops, "--keep")[2]
