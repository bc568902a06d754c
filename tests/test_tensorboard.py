import sys
from pathlib import Path

import pytest

from base.errors import InputError
from model.training.run_folder import Epoch
from model.training.tensorboard import CHARTS, open_board
from model.training.train import TrainSettings, train
from tests.crops import write_crops

ROWS = [Epoch(number, 1.0 / number, 0.5, None, None, 1e-3, 1.0, 10.0) for number in (1, 2, 3)]


def charts(run: Path) -> dict[str, list[int]]:
    """Return the steps of each chart."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    return {tag: [event.step for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def test_each_epoch_is_in_the_charts_once_also_when_a_run_goes_on(tmp_path: Path) -> None:
    with open_board(tmp_path, []) as add:
        add(ROWS[0])
        add(ROWS[1])
    with open_board(tmp_path, ROWS[:2]) as add:
        add(ROWS[2])
    assert charts(tmp_path) == {name: [1, 2, 3] for name in CHARTS if "validation" not in name}


def test_a_run_writes_them_when_told_to(tmp_path: Path) -> None:
    settings = TrainSettings(backbone="tiny", epochs=1, threads=1, tensorboard=True)
    train(write_crops(tmp_path / "crops", 4), None, out=tmp_path / "run", settings=settings)
    assert charts(tmp_path / "run").keys() == CHARTS.keys()


def test_without_tensorboard_the_error_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    settings = TrainSettings(backbone="tiny", tensorboard=True)
    with pytest.raises(InputError, match=r"pip install 'boxwright\[tensorboard\]'"):
        train(write_crops(tmp_path / "crops", 4), None, out=tmp_path / "run", settings=settings)
    assert not (tmp_path / "run").exists()
