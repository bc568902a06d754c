"""`boxwright tune`: trials, what becomes of those that fail or are killed, and what is written."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import model.tuning.trials
from base.errors import InputError, MissingError, TrainingError
from base.settings import load_settings
from model.learning.training_settings import TrainSettings
from model.training.plan import TrainingSources
from model.tuning.study_folder import StudyRecord, open_study, read_record
from model.tuning.study_result import StudyResult
from model.tuning.trials import GOES_ON, MOST_DEATHS
from model.tuning.tune import resume_tuning, tune
from model.tuning.tune_settings import TuneSettings
from tests.crops import write_crops
from tests.test_cli import run

SPACE = """
[train]
epochs = 2
backbone = "tiny"
threads = 1
[space]
learning_rate = { from = 0.001, to = 0.02, log = true }
batch_size = { from = 4, to = 32, step = 4 }
"""
TRIALS = 3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write_crops(folder / "crops", 8)
    (folder / "space.toml").write_text(SPACE)
    return folder


def tuned(world: Path, name: str, **changes: Any) -> StudyResult:
    return tune(
        TrainingSources(world / "crops", None, None),
        out=world / name,
        settings=TuneSettings.model_validate({"trials": TRIALS} | changes),
        space=world / "space.toml",
    )


@pytest.fixture(scope="module")
def study(world: Path) -> StudyResult:
    return tuned(world, "study")


def test_each_trial_is_a_run_and_the_first_has_the_defaults(study: StudyResult) -> None:
    assert [row.number for row in study.rows] == list(range(TRIALS))
    assert study.rows[0].settings == {"learning_rate": 0.003, "batch_size": 32}
    assert len({row.settings["learning_rate"] for row in study.rows}) == TRIALS
    code, out, _ = run("runs", study.folder, "--columns", "run,learning_rate,val_accuracy", "--json")
    assert code == 0
    assert [f"trial-000{number}" in out for number in range(TRIALS)] == [True] * TRIALS


def test_the_best_settings_are_a_file_for_train(study: StudyResult) -> None:
    best = study.best
    assert best is not None
    assert best.value == max(row.value or 0 for row in study.rows)
    settings = load_settings(TrainSettings, "train", {}, file=study.folder / "best.toml")
    assert (settings.backbone, settings.epochs) == ("tiny", 2)
    assert {name: getattr(settings, name) for name in best.settings} == best.settings
    assert "threads" not in (study.folder / "best.toml").read_text()


def test_table_and_report_have_every_trial(study: StudyResult) -> None:
    with (study.folder / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["accuracy"]) for row in rows] == [row.value for row in study.rows]
    page = (study.folder / "report.html").read_text()
    assert "trial 0, which begins with the defaults" in page


def test_killed_and_resumed_it_finds_the_same(world: Path, study: StudyResult, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["tune", "--synthetic", "crops", "--space", "space.toml", "--trials", str(TRIALS), "--out", "killed"]
    script = f"import cli, sys; sys.argv = {['boxwright', *words]!r}; cli.main()"
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    running = subprocess.Popen([sys.executable, "-c", script], cwd=world, env={**os.environ, "PYTHONPATH": path})
    while not (world / "killed/trial-0001/metrics.jsonl").exists():
        assert running.poll() is None
        time.sleep(0.03)
    running.send_signal(signal.SIGKILL)
    running.wait()
    code, _, err = run("tune", "--resume", "--out", world / "killed", "--trials", str(TRIALS))
    assert (code, err) == (1, "Error: no folder crops\n"), "typed elsewhere, it must not fail the trials that are left"
    monkeypatch.chdir(world)
    code, _, err = run("tune", "--resume", "--out", "killed", "--trials", str(TRIALS))
    assert code == 0, err
    with (world / "killed/trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    ended = [(row["learning_rate"], row["accuracy"]) for row in rows if row["state"] == "finished"]
    assert ended == [(str(row.settings["learning_rate"]), str(row.value)) for row in study.rows]
    assert {row["state"] for row in rows} <= {"finished", "killed"}
    assert (world / "killed/best.toml").read_text().splitlines()[1:] == (
        (study.folder / "best.toml").read_text().splitlines()[1:]
    )


def test_a_study_that_has_enough_trials_gets_no_more_and_a_larger_number_goes_on(study: StudyResult) -> None:
    again = resume_tuning(study.folder, settings=TuneSettings(trials=TRIALS))
    assert again.rows == study.rows
    with pytest.raises(InputError, match=r"measure: .* was begun with accuracy, not log_loss"):
        resume_tuning(study.folder, settings=TuneSettings(), given={"measure": "log_loss"})


def test_flags_go_over_the_space(world: Path) -> None:
    words = ("tune", "--synthetic", world / "crops", "--space", world / "space.toml", "--out", world / "short")
    assert run(*words, "--trials", "1", "--epochs", "1")[0] == 0
    assert read_record(world / "short").shared["epochs"] == 1


def test_a_trial_that_fails_is_recorded_and_the_study_goes_on(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = model.tuning.trials.train

    def fails_at_first(*folders: Any, settings: TrainSettings, **given: Any) -> Any:
        if settings.batch_size == 32:
            raise RuntimeError("DefaultCPUAllocator: not enough memory")
        return really(*folders, settings=settings, **given)

    monkeypatch.setattr("model.tuning.trials.train", fails_at_first)
    result = tuned(world, "failing", trials=2)
    assert [row.state for row in result.rows] == ["failed", "finished"]
    assert result.rows[0].reason == "DefaultCPUAllocator: not enough memory"
    assert "trial 0: failed (DefaultCPUAllocator: not enough memory)" in result.rows[0].to_text(result.record.measured)


def test_where_all_fail_the_study_says_why(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*folders: Any, **given: Any) -> Any:
        raise TrainingError("the loss is nan")

    monkeypatch.setattr("model.tuning.trials.train", fails)
    with pytest.raises(TrainingError, match="the first 3 trials failed, the last: the loss is nan"):
        tuned(world, "hopeless", trials=9)


@pytest.fixture
def record(study: StudyResult) -> StudyRecord:
    return read_record(study.folder)


def test_two_processes_at_one_study_get_different_trials_and_no_more_than_it_has(
    record: StudyRecord, tmp_path: Path
) -> None:
    begin = model.tuning.trials._next_trial
    with open_study(tmp_path, record) as one, open_study(tmp_path, record) as other:
        first, second = begin(one, tmp_path, record, 2), begin(other, tmp_path, record, 2)
        assert first is not None
        assert second is not None
        assert (first.trial.number, second.trial.number) == (0, 1)
        assert first.drawn != second.drawn
        assert begin(one, tmp_path, record, 2) is None
        first.lock.release()
        second.lock.release()


def test_a_trial_whose_process_is_gone_is_gone_on_with_until_it_was_killed_too_often(
    record: StudyRecord, tmp_path: Path
) -> None:
    begin, drawn = model.tuning.trials._next_trial, []
    with open_study(tmp_path, record) as study:
        for death in range(MOST_DEATHS):
            begun = begin(study, tmp_path, record, 1)
            assert begun is not None
            assert (begun.trial.number, begun.run) == (death, tmp_path / "trial-0000")
            drawn.append(begun.drawn)
            begun.lock.release()  # as the end of a process does
        assert begin(study, tmp_path, record, 1) is None
        assert [trial.state.name for trial in study.trials] == ["FAIL"] * MOST_DEATHS
        assert [GOES_ON in trial.user_attrs for trial in study.trials] == [False, True, True]
    assert drawn == [drawn[0]] * MOST_DEATHS


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "nothing to train on"),
        (["--synthetic", "none"], "no folder none"),
        (["--synthetic", "crops", "--measure", "accuracyy"], "unknown measure 'accuracyy'; did you mean accuracy?"),
        (["--synthetic", "crops", "--space", "none.toml"], "no file none.toml"),
        (["--synthetic", "crops", "--space", "crops"], "crops is a folder; a TOML file is needed"),
        (["--resume"], "--resume goes on with the folder that --out names"),
        (["--resume", "--out", "crops"], "crops is not the folder of a study"),
        (["--resume", "--out", "study", "--epochs", "3"], "the study's own space, epochs and init"),
        (["--synthetic", "crops", "--out", "study"], "study is not empty"),
        (["--synthetic", "crops", "--engine", "rey"], "unknown engine 'rey'"),
    ],
)
def test_what_cannot_be_tuned_is_an_error_of_one_line(
    world: Path, study: StudyResult, words: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world)
    code, out, err = run("tune", *words)
    assert (code, out) == (1, "")
    assert message in err.splitlines()[-1]


def test_nothing_held_out_and_no_optuna_are_said_before_anything_is_written(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = TrainingSources(world / "crops", None, None)
    with pytest.raises(InputError, match="trials are compared on held-out pictures, and there are none"):
        tune(sources, out=world / "none", settings=TuneSettings(), shared=TrainSettings(val_share=0))
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingError, match=r"pip install 'boxwright\[tune\]'"):
        tune(sources, out=world / "none", settings=TuneSettings())
    assert not (world / "none").exists()
