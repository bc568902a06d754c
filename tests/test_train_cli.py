"""`boxwright train`, and docs/training.md, whose commands it runs."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from model.learning.training_settings import CATALOGUES
from model.networks.model_folders import STATE_FILE
from model.training.train import TrainingProgress, TrainSettings, resume_training, train
from tests.crops import write_crops

DOCUMENT = (Path(__file__).parents[1] / "docs" / "training.md").read_text(encoding="utf-8")
TINY = ["--backbone", "tiny", "--threads", "1"]


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where there is neither boxwright.toml nor a run of the developer's."""
    monkeypatch.chdir(tmp_path)
    write_crops(tmp_path / "crops", 6)


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def weights(folder: str) -> bytes:
    return (Path(folder) / "weights.safetensors").read_bytes()


def test_flags_are_the_library_s_settings() -> None:
    flags = {
        "epochs": 2, "batch_size": 8, "learning_rate": 0.02, "optimizer": "sgd", "schedule": "one_cycle",
        "loss": "focal", "patience": 5, "precision": "float32", "device": "cpu", "real_share": 0.5, "seed": 3,
    }  # fmt: skip
    words = [word for name, value in flags.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    assert run("train", "--synthetic", "crops", "--out", "cli", *words, *TINY)[0] == 0
    settings = TrainSettings.model_validate(flags | {"backbone": "tiny", "threads": 1})
    train(Path("crops"), None, out=Path("library"), settings=settings)
    assert weights("cli") == weights("library")


def test_a_config_is_read_instead_of_boxwright_toml_and_flags_win_over_it() -> None:
    Path("boxwright.toml").write_text('[train]\noptimizer = "nadam"\nbatch_size = 4\n')
    Path("best.toml").write_text('[train]\noptimizer = "sgd"\nepochs = 9\n')
    words = ("train", "--synthetic", "crops", "--config", "best.toml")
    assert run(*words, "--epochs", "1", "--out", "cli", *TINY)[0] == 0
    begun = json.loads(Path("cli/settings.json").read_text())["settings"]
    assert (begun["optimizer"], begun["epochs"], begun["batch_size"]) == ("sgd", 1, 32)
    code, _, err = run(*words, "--resume", "--out", "cli")
    assert (code, "leave --config out" in err) == (1, True)
    assert "no file none.toml" in run("train", "--synthetic", "crops", "--config", "none.toml")[2]


def test_unlabelled_pictures_may_lie_in_several_folders() -> None:
    write_crops(Path("pool"), 3, first_seed=50)
    folders = [Path("pool/checked"), Path("pool/other")]
    words = [word for folder in folders for word in ("--unlabelled", str(folder))]
    assert run("train", "--synthetic", "crops", "--epochs", "1", "--out", "cli", *words, *TINY)[0] == 0
    settings = TrainSettings(backbone="tiny", threads=1, epochs=1)
    train(Path("crops"), None, out=Path("library"), settings=settings, unlabelled=folders)
    assert weights("cli") == weights("library")
    assert run("train", "--resume", "--out", "cli", *words)[0] == 0
    assert "unlabelled: cli was begun with" in run("train", "--resume", "--out", "cli", *words[:2])[2]


def test_a_stopped_run_goes_on_with_resume() -> None:
    def stop(progress: TrainingProgress) -> None:
        if progress.epoch is not None:
            raise KeyboardInterrupt

    settings = TrainSettings(backbone="tiny", threads=1, epochs=2)
    train(Path("crops"), None, out=Path("whole"), settings=settings)
    with pytest.raises(KeyboardInterrupt):
        train(Path("crops"), None, out=Path("run"), settings=settings, on_progress=stop)
    assert (Path("run") / STATE_FILE).exists()
    code, _, stderr = run("train", "--resume", "--out", "run", "--epochs", "9")
    assert (code, stderr) == (1, "Error: epochs: run was begun with 2, not 9; leave epochs out to go on with it\n")
    code, stdout, _ = run("train", "--resume", "--out", "run")
    assert (code, stdout) == (0, resume_training(Path("run")).summary + "\n")
    assert weights("run") == weights("whole")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--resume"], "--resume goes on with the folder that --out names"),
        (["--resume", "--out", "crops"], "crops is not a run folder: it has no settings.json"),
        (["--resume", "--out", "crops", "--overwrite"], "without --overwrite"),
        (["--synthetic", "crops", "--optimizer", "adamm"], "unknown optimizer 'adamm'; did you mean adam"),
        (["--synthetic", "crops", "--precision", "half"], "precision: Input should be 'auto', 'float32' or 'bfloat16'"),
        (["--synthetic", "crops", "--patience", "0"], "patience: Input should be greater than or equal to 1"),
    ],
)
def test_bad_input_gives_one_clear_line_and_exit_1(words: list[str], message: str) -> None:
    code, stdout, stderr = run("train", *words)
    assert (code, stdout) == (1, "")
    assert message in stderr


def test_help_lists_every_name() -> None:
    _, stdout, _ = run("train", "--help")
    words = set(re.findall(r"\w+", stdout))
    assert {name for setting in ("optimizer", "schedule", "loss") for name in CATALOGUES[setting]} <= words


def test_the_document_has_a_row_for_every_setting_and_every_name() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+)$", DOCUMENT, flags=re.MULTILINE))
    assert rows.keys() == TrainSettings.model_fields.keys()
    for setting, catalogue in CATALOGUES.items():
        assert all(f"`{name}`" in rows[setting] for name in catalogue)


def test_the_document_states_the_defaults() -> None:
    for setting, field in TrainSettings.model_fields.items():
        if field.default is not None and setting != "geometry":
            default = re.escape(json.dumps(field.default).strip('"'))
            assert re.search(rf"^\| `{setting}` \| `{default}` \|", DOCUMENT, flags=re.MULTILINE), setting


@pytest.mark.slow
def test_the_document_s_commands_run_in_their_order() -> None:
    write_crops(Path("synthetic/first"), 8)
    write_crops(Path("data/real"), 6)
    write_crops(Path("data/pool"), 6, first_seed=50)
    commands = re.findall(r"^\$ boxwright (.+)$", DOCUMENT, flags=re.MULTILINE)
    assert len(commands) > 4
    for command in commands:
        smaller = re.sub(r"--epochs \d+", "--epochs 1", command)
        if command.startswith("train") and "--resume" not in command:
            smaller += " --epochs 1 --threads 1" + ("" if "--init" in command else " --backbone tiny")
        code, _, stderr = run(*shlex.split(smaller))
        assert code == 0, f"{command}: {stderr}"
