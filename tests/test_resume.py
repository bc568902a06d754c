"""A run that is stopped, by an exception or by SIGKILL, and goes on, ends as if nothing had been."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from torch import nn

from base.errors import InputError, MissingError, ModelError
from model.labelled_folders.folders import read_examples
from model.networks.backbone_catalogue import BACKBONES
from model.networks.model_folders import STATE_FILE
from model.networks.network import Backbone
from model.splitting.folds import Fold, read_held_out, split_folder, write_split
from model.splitting.overlap import find_overlap
from model.training import epochs as training_loop
from model.training import train as training_module
from model.training.run_state import RunState, write_state
from model.training.train import TrainingProgress, TrainSettings, resume_training, train
from tests.crops import write_crops

ROOT = Path(__file__).parents[1]
SETTINGS = {"backbone": "tiny", "epochs": 3, "batch_size": 8, "threads": 1, "ema": 0.9}

# every kind of state that a run has
VARIANTS: dict[str, dict[str, object]] = {
    "adamw, two replicas": {"threads": 2},
    "sgd, plateau": {"optimizer": "sgd", "schedule": "plateau", "learning_rate": 0.05},
    "best": {"keep": "best", "patience": 2, "checkpoints": 1, "epochs": 4},
    "nothing held out": {"val_share": 0.0, "precision": "bfloat16"},
    "weighted loss": {"balance": "loss", "loss": "focal"},
}


class StopError(Exception):
    """Stands for whatever may end a process."""


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("crops"), 6)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("real"), 4, first_seed=50)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, crops: Path) -> Path:
    """Return a run on the crops that nothing stopped."""
    return train(crops, None, out=tmp_path_factory.mktemp("whole") / "run", settings=settings()).folder


def settings(**changes: object) -> TrainSettings:
    return TrainSettings.model_validate(SETTINGS | changes)


def stop(progress: TrainingProgress) -> None:
    if progress.epoch is not None:
        raise StopError


def stop_after(epoch: int, crops: Path, real: Path | None, out: Path, chosen: TrainSettings) -> None:
    def stop(progress: TrainingProgress) -> None:
        if progress.epoch is not None and progress.epoch.epoch == epoch:
            raise StopError

    with pytest.raises(StopError):
        train(crops, real, out=out, settings=chosen, on_progress=stop)


def outcome(run: Path) -> tuple[dict[str, bytes], list[dict[str, object]]]:
    """Return all weights of a run folder, and its metrics without what the clock says."""
    weights = {str(path.relative_to(run)): path.read_bytes() for path in sorted(run.rglob("*.safetensors"))}
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return weights, [{key: row[key] for key in row if key not in ("seconds", "images_per_s")} for row in rows]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_stopped_run_ends_with_the_same_weights_and_metrics(
    tmp_path: Path, crops: Path, real: Path, variant: str
) -> None:
    chosen = settings(**VARIANTS[variant])
    train(crops, real, out=tmp_path / "whole", settings=chosen)
    stop_after(1, crops, real, tmp_path / "stopped", chosen)
    result = resume_training(tmp_path / "stopped")
    assert outcome(tmp_path / "stopped") == outcome(tmp_path / "whole")
    assert len(result.epochs) > 1
    assert not (tmp_path / "stopped" / STATE_FILE).exists()


@pytest.mark.slow
def test_a_run_killed_at_random_moments_ends_with_the_same_weights_and_metrics(
    tmp_path: Path, crops: Path, real: Path
) -> None:
    chosen = settings(epochs=12)
    train(crops, real, out=tmp_path / "whole", settings=chosen)
    run = tmp_path / "killed"
    stop_after(1, crops, real, run, chosen)
    rng = random.Random(0)
    script = (
        "from pathlib import Path; from model.training.train import resume_training; "
        f"print('on', flush=True); resume_training(Path({str(run)!r}))"
    )
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.05, 0.5))
        process.kill()
        process.communicate()
    assert (run / STATE_FILE).exists()
    resume_training(run)
    assert outcome(run) == outcome(tmp_path / "whole")
    assert not list(run.rglob(".*.part"))


@pytest.mark.parametrize("where", ["write_state", "publish", "write_epochs", "save_model"])
def test_a_run_that_ends_while_it_saves_an_epoch_goes_on_as_well(
    tmp_path: Path, crops: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    saves = getattr(training_loop, where)
    calls = 0

    def fail_the_second_time(*args: object, **named: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise StopError
        saves(*args, **named)

    with monkeypatch.context() as patch, pytest.raises(StopError):
        patch.setattr(training_loop, where, fail_the_second_time)
        train(crops, None, out=tmp_path / "run", settings=settings())
    resume_training(tmp_path / "run")
    assert outcome(tmp_path / "run") == outcome(whole)


def note_saved(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list that gets the number of each epoch that is saved from now on."""
    saved: list[int] = []

    def save(folder: Path, state: RunState) -> None:
        saved.append(len(state.epochs))
        write_state(folder, state)

    monkeypatch.setattr(training_loop, "write_state", save)
    return saved


def test_a_sparing_run_saves_and_draws_less_and_comes_to_the_same_stopped_or_not(
    tmp_path: Path, real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(val_share=0.0)
    train(None, real, out=tmp_path / "whole", settings=chosen)
    saved = note_saved(monkeypatch)
    monkeypatch.setattr(training_module, "draw_training_curves", lambda *_: pytest.fail("it was drawn"))
    train(None, real, out=tmp_path / "sparing", settings=chosen, sparing=True)
    assert saved == [chosen.epochs]
    with monkeypatch.context() as patch, pytest.raises(StopError):
        patch.setattr(training_module, "UNSAVED_S", 0.0)
        train(None, real, out=tmp_path / "stopped", settings=chosen, sparing=True, on_progress=stop)
    resume_training(tmp_path / "stopped", sparing=True)
    assert saved == [chosen.epochs, 1, chosen.epochs]
    for name in ("sparing", "stopped"):
        assert outcome(tmp_path / name) == outcome(tmp_path / "whole")


def test_where_epochs_are_compared_a_sparing_run_saves_them_all(
    tmp_path: Path, real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = note_saved(monkeypatch)
    chosen = settings(keep="best", checkpoints=1)
    train(None, real, out=tmp_path / "run", settings=chosen, sparing=True)
    assert saved == list(range(1, chosen.epochs + 1))


def test_a_run_stopped_before_its_first_epoch_begins_again(tmp_path: Path, crops: Path, whole: Path) -> None:
    def stop(progress: TrainingProgress) -> None:
        if progress.stage == "training":
            raise StopError

    with pytest.raises(StopError):
        train(crops, None, out=tmp_path / "run", settings=settings(), on_progress=stop)
    resume_training(tmp_path / "run")
    assert outcome(tmp_path / "run") == outcome(whole)


def test_a_run_from_another_s_weights_goes_on_too(tmp_path: Path, crops: Path, whole: Path) -> None:
    chosen = TrainSettings(init=whole, init_share=0.5, epochs=2, threads=1)
    train(crops, None, out=tmp_path / "whole", settings=chosen)
    stop_after(1, crops, None, tmp_path / "run", chosen)
    resume_training(tmp_path / "run")
    assert outcome(tmp_path / "run") == outcome(tmp_path / "whole")


def test_a_network_that_drops_units_at_random_goes_on_too(
    tmp_path: Path, crops: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dropping(classes: int) -> Backbone:
        body = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.Dropout(0.5), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        return Backbone(body, width=8, classes=classes)

    monkeypatch.setitem(BACKBONES.built_in, "dropping", dropping)
    chosen = settings(backbone="dropping")
    train(crops, None, out=tmp_path / "whole", settings=chosen)
    stop_after(1, crops, None, tmp_path / "run", chosen)
    resume_training(tmp_path / "run")
    assert outcome(tmp_path / "run") == outcome(tmp_path / "whole")


def test_a_fold_stays_out_of_a_run_that_goes_on(tmp_path: Path, crops: Path) -> None:
    write_split(split_folder(crops, folds=3, by="crop"), tmp_path / "split.csv")
    fold = Fold(tmp_path / "split.csv", 1)
    begin = partial(train, None, crops, settings=settings(epochs=2), fold=fold)
    whole = begin(out=tmp_path / "whole")
    with pytest.raises(StopError):
        begin(out=tmp_path / "run", on_progress=stop)
    (tmp_path / "run" / "seen.npz").unlink()
    result = resume_training(tmp_path / "run", given={"split": fold.split, "fold": 1})
    assert outcome(tmp_path / "run") == outcome(tmp_path / "whole")
    assert not find_overlap(tmp_path / "run", read_held_out(crops, fold))
    examples = read_examples(crops)
    assert find_overlap(tmp_path / "run", examples) == find_overlap(tmp_path / "whole", examples)
    assert result.overlap == whole.overlap
    with pytest.raises(InputError, match=r"fold: .* was begun with 1, not 0"):
        resume_training(tmp_path / "run", given={"fold": 0})


def test_a_finished_run_is_left_as_it_is(whole: Path) -> None:
    before = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    assert resume_training(whole).epochs[-1].epoch == 3
    assert before == {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"learning_rate": 0.5}, "learning_rate: .* was begun with 0.003, not 0.5; leave learning_rate out"),
        ({"real": Path("elsewhere")}, "real: .* was begun with None, not elsewhere"),
    ],
)
def test_other_settings_or_sources_are_refused(
    tmp_path: Path, crops: Path, given: dict[str, object], message: str
) -> None:
    stop_after(1, crops, None, tmp_path / "run", settings())
    with pytest.raises(InputError, match=message):
        resume_training(tmp_path / "run", given=given)


def test_the_same_settings_and_sources_may_be_given_again(tmp_path: Path, crops: Path) -> None:
    stop_after(1, crops, None, tmp_path / "run", settings(epochs=2))
    given = {"synthetic": crops, "real": None, "epochs": 2, "learning_rate": 3e-3}
    assert len(resume_training(tmp_path / "run", given=given).epochs) == 2


def test_pictures_that_have_changed_are_refused(tmp_path: Path, crops: Path) -> None:
    own = shutil.copytree(crops, tmp_path / "crops")
    stop_after(1, own, None, tmp_path / "run", settings(val_share=0))
    Image.new("RGB", (60, 50)).save(own / "checked" / "0003.png")
    with pytest.raises(
        InputError, match=r"the synthetic pictures have changed since the run began \(18 then, 18 now\)"
    ):
        resume_training(tmp_path / "run")


def test_a_folder_whose_name_is_not_utf_8_can_be_gone_on_with(tmp_path: Path, crops: Path) -> None:
    odd = shutil.copytree(crops, tmp_path / os.fsdecode(b"caf\xe9"))
    stop_after(1, odd, None, tmp_path / "run", settings(epochs=2))
    assert len(resume_training(tmp_path / "run").epochs) == 2


def test_a_folder_that_is_no_run_or_a_damaged_one_is_refused(tmp_path: Path, crops: Path) -> None:
    with pytest.raises(MissingError, match=r"is not a run folder: it has no settings.json"):
        resume_training(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    stop_after(1, crops, None, tmp_path / "run", settings())
    (tmp_path / "run" / STATE_FILE).write_bytes((tmp_path / "run" / STATE_FILE).read_bytes()[:2000])
    with pytest.raises(ModelError, match=r"state.pt is damaged; begin the run again"):
        resume_training(tmp_path / "run")
    (tmp_path / "run" / "settings.json").write_text('{"sources": {}}')
    with pytest.raises(ModelError, match=r"settings.json: .*required"):
        resume_training(tmp_path / "run")
    (tmp_path / "run" / "settings.json").write_text("{")
    with pytest.raises(ModelError, match=r"settings.json: Expecting"):
        resume_training(tmp_path / "run")
