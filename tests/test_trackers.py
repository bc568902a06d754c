"""What keeps the figures of runs: the real packages, offline."""

import sys
import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from base.errors import InputError
from model.learning.trackers import CHARTS, TRACKERS, open_trackers
from model.training.train import TrainSettings, train
from tests.crops import write_crops

ROWS = [
    {"epoch": number, "loss": 1.0 / number, "train_accuracy": 0.5, "val_loss": None, "learning_rate": 1e-3}
    for number in (1, 2, 3)
]
SETTINGS = {"backbone": "tiny", "learning_rate": 0.01, "track": []}
THEIRS = pytest.mark.filterwarnings("ignore")  # what these packages warn of is theirs to mend


def write(name: str, run: Path, *, earlier: int, later: int) -> None:
    run.mkdir(exist_ok=True)
    with open_trackers([name], run, settings=SETTINGS, earlier=ROWS[:earlier]) as log:
        for row in ROWS[earlier:later]:
            log(row)


def charts(run: Path) -> dict[str, list[int]]:
    """Return the steps of each of TensorBoard's charts."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    return {tag: [event.step for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def test_tensorboard_has_each_epoch_once_also_when_a_run_goes_on(tmp_path: Path) -> None:
    write("tensorboard", tmp_path / "run", earlier=0, later=2)
    write("tensorboard", tmp_path / "run", earlier=2, later=3)
    steps = charts(tmp_path / "run")
    assert steps.keys() == {"loss/training", "accuracy/training", "learning_rate"}
    assert set(map(tuple, steps.values())) == {(1, 2, 3)}


@THEIRS
def test_mlflow_has_settings_and_each_epoch_once_beside_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    write("mlflow", tmp_path / "run", earlier=0, later=2)
    write("mlflow", tmp_path / "run", earlier=2, later=3)
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("boxwright")
    (found,) = client.search_runs([experiment.experiment_id])
    assert (found.info.run_name, found.info.status) == ("run", "FINISHED")
    assert found.data.params["learning_rate"] == "0.01"
    history = client.get_metric_history(found.info.run_id, "loss/training")
    assert [(each.step, each.value) for each in history] == [(1, 1.0), (2, 0.5), (3, pytest.approx(1 / 3))]
    with (
        pytest.raises(RuntimeError, match="stop"),
        open_trackers(["mlflow"], tmp_path / "run", settings={}, earlier=()),
    ):
        raise RuntimeError("stop")
    assert [each.info.status for each in client.search_runs([experiment.experiment_id])] == ["KILLED"]


@THEIRS
def test_wandb_keeps_the_run_offline_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb")
    monkeypatch.delenv("WANDB_MODE", raising=False)
    write("wandb", tmp_path / "run", earlier=1, later=3)
    (path,) = (tmp_path / "run" / "wandb").glob("offline-run-*/run-*.wandb")
    deadline = time.monotonic() + 60  # a process of its own writes the file, and may do so after the run's end
    while (kept := path.read_bytes()).count(b"loss/training") < len(ROWS) and time.monotonic() < deadline:
        time.sleep(0.2)
    # records of protocol buffers, uncompressed
    assert kept.count(b"loss/training") >= len(ROWS)
    assert all(str(row["loss"]).encode() in kept for row in ROWS)
    assert b"backbone" in kept


def test_a_run_tells_its_trackers(tmp_path: Path) -> None:
    settings = TrainSettings(backbone="tiny", epochs=1, threads=1, tensorboard=True, track=("tensorboard",))
    train(write_crops(tmp_path / "crops", 4), None, out=tmp_path / "run", settings=settings)
    assert charts(tmp_path / "run").keys() == CHARTS.keys()


def test_without_the_package_the_error_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = {"tensorboard": "torch.utils.tensorboard", "mlflow": "mlflow", "wandb": "wandb"}
    assert modules.keys() == TRACKERS.keys()
    crops = write_crops(tmp_path / "crops", 4)
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, module, None)
        settings = TrainSettings(backbone="tiny", track=(name,))
        with pytest.raises(InputError, match=rf"pip install 'boxwright\[{name}\]'"):
            train(crops, None, out=tmp_path / "run", settings=settings)
        assert not (tmp_path / "run").exists()


def test_an_unknown_tracker_is_refused() -> None:
    with pytest.raises(ValidationError, match="unknown tracker 'wandbb'; did you mean wandb"):
        TrainSettings(track=("wandbb",))
