import json
from pathlib import Path

import pytest

from model.training.kept_epochs import checkpoint_folder, kept_epoch, out_of_patience, publish, rank
from model.training.run_folder import Epoch


def epochs(*figures: tuple[float, float] | None) -> list[Epoch]:
    """Return epochs with these validation accuracies and losses."""
    return [
        Epoch(number, 1.0, 0.5, pair and pair[1], pair and pair[0], 1e-3, 1.0, 10.0)
        for number, pair in enumerate(figures, start=1)
    ]


THREE = epochs((0.8, 0.5), (0.9, 0.4), (0.8, 0.3))


def write(run: Path, epoch: Epoch) -> None:
    folder = checkpoint_folder(run, epoch)
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_text(f"weights {epoch.epoch}")
    (folder / "model.json").write_text(f"card {epoch.epoch}")


def finish(run: Path, *, keep: str, most: int) -> list[str]:
    """Go through three epochs; return the checkpoints that are left."""
    run.mkdir(exist_ok=True)
    (run / "settings.json").write_text("{}")
    for number in (1, 2, 3):
        write(run, THREE[number - 1])
        publish(run, THREE[:number], keep=keep, most=most)  # type: ignore[arg-type]  # a parameter of the test
    return sorted(path.name for path in (run / "checkpoints").glob("epoch-*"))


def test_epochs_rank_by_accuracy_and_then_by_loss() -> None:
    assert [epoch.epoch for epoch in rank(THREE)] == [2, 3, 1]


def test_nothing_is_ranked_where_nothing_is_held_out() -> None:
    assert rank(epochs(None, None)) == []
    assert kept_epoch(epochs(None, None), "best").epoch == 2


def test_patience_is_lost_so_many_epochs_after_the_best() -> None:
    figures = [(0.8, 0.5), (0.9, 0.4), (0.9, 0.4), (0.8, 0.3)]
    lost = [out_of_patience(epochs(*figures[:number]), 2) for number in (1, 2, 3, 4)]
    assert lost == [False, False, False, True]
    assert not out_of_patience(epochs(*figures), None)
    assert not out_of_patience(epochs(None, None, None), 1)


@pytest.mark.parametrize(("keep", "number"), [("best", 2), ("last", 3)])
def test_the_run_has_the_weights_of_the_epoch_to_keep(tmp_path: Path, keep: str, number: int) -> None:
    for most in (0, 2):
        finish(tmp_path / str(most), keep=keep, most=most)
        assert (tmp_path / str(most) / "weights.safetensors").read_text() == f"weights {number}"
        assert (tmp_path / str(most) / "model.json").read_text() == f"card {number}"


def test_the_best_checkpoints_are_left_and_ranked(tmp_path: Path) -> None:
    assert finish(tmp_path, keep="last", most=2) == ["epoch-002", "epoch-003"]
    ranking = json.loads((tmp_path / "checkpoints" / "ranking.json").read_text())
    assert [(row["folder"], row["val_accuracy"]) for row in ranking] == [("epoch-002", 0.9), ("epoch-003", 0.8)]
    assert finish(tmp_path / "none", keep="last", most=0) == []


def test_publishing_again_after_an_interruption_changes_nothing(tmp_path: Path) -> None:
    finish(tmp_path, keep="last", most=1)
    (checkpoint_folder(tmp_path, THREE[2])).mkdir()  # half deleted
    publish(tmp_path, THREE, keep="last", most=1)
    assert (tmp_path / "weights.safetensors").read_text() == "weights 3"
    assert [path.name for path in (tmp_path / "checkpoints").glob("epoch-*")] == ["epoch-002"]
