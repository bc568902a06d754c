import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import ValidationError

from base.errors import InputError, MissingError, OutputExistsError, TrainingError
from model.labelled_folders.folders import read_examples
from model.learning.learner import choose_device
from model.learning.training_settings import CATALOGUES
from model.networks.model_folders import newest_run
from model.networks.trained_model import load_model
from model.reading.crop_fitting import Geometry
from model.splitting.folds import Fold, read_held_out, read_split, split_folder, write_split
from model.splitting.overlap import find_overlap
from model.training.train import TrainingProgress, TrainResult, TrainSettings, train
from tests.crops import write_crops

WEIGHTS = "weights.safetensors"


def settings(**changes: object) -> TrainSettings:
    return TrainSettings.model_validate({"backbone": "tiny", "epochs": 2, "batch_size": 8, "threads": 1} | changes)


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("crops"), 8)


Trainer = Callable[..., TrainResult]


@pytest.fixture
def run(tmp_path: Path, crops: Path) -> Trainer:
    """Train on the crops as synthetic ones, into a folder of the given name."""

    def trainer(name: str = "run", **changes: object) -> TrainResult:
        return train(crops, None, out=tmp_path / name, settings=settings(**changes))

    return trainer


def test_a_network_learns_to_tell_filled_from_empty_boxes(tmp_path: Path) -> None:
    result = train(
        write_crops(tmp_path / "data", 30),
        None,
        out=tmp_path / "run",
        settings=settings(epochs=15, batch_size=16),
        val=write_crops(tmp_path / "val", 20, first_seed=100),
    )
    assert result.epochs[-1].val_accuracy is not None
    assert result.epochs[-1].val_accuracy > 0.9


@pytest.mark.usefixtures("curves")
def test_the_run_folder_holds_all_that_is_needed(run: Trainer) -> None:
    result = run()
    names = {path.name for path in result.folder.iterdir()}
    assert names == {
        ".boxwright", WEIGHTS, "model.json", "settings.json", "metrics.jsonl", "curves.png", "checkpoints", "seen.npz"
    }  # fmt: skip
    rows = [json.loads(row) for row in (result.folder / "metrics.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2]
    assert set(rows[0]) >= {"loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate", "images_per_s"}
    assert json.loads((result.folder / "settings.json").read_text())["settings"]["backbone"] == "tiny"
    with Image.open(result.folder / "curves.png") as curves:
        assert curves.size == (1200, 480)
    loaded = load_model(result.folder)
    assert loaded.fingerprint == result.model.fingerprint
    assert loaded.classes == ("checked", "other", "unchecked")


def test_the_model_records_what_it_was_trained_on(run: Trainer) -> None:
    card = json.loads((run(val_share=0.25).folder / "model.json").read_text())
    data = card["training"]["data"]
    assert {name: source["n"] for name, source in data.items()} == {"synthetic": 18, "real": 0, "val": 6}
    assert len(data["synthetic"]["sha256"]) == 64


def test_the_same_seed_gives_the_same_weights(run: Trainer) -> None:
    prints = [run(name, seed=seed).model.fingerprint for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    assert prints[0] == prints[1] != prints[2]


def test_training_leaves_global_randomness_alone(run: Trainer) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    run(epochs=1)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_both_precisions_train(run: Trainer, precision: str) -> None:
    assert np.isfinite(run(precision=precision, epochs=1).epochs[0].loss)


def test_classes_are_the_sorted_union_of_both_sources(tmp_path: Path, crops: Path) -> None:
    real = write_crops(tmp_path / "real", 3, labels=["checked", "half"])
    result = train(crops, real, out=tmp_path / "run", settings=settings(epochs=1))
    assert result.model.classes == ("checked", "half", "other", "unchecked")


def test_a_run_can_start_from_another_run_s_weights(tmp_path: Path, run: Trainer) -> None:
    first = run("first", geometry=Geometry(height_px=40))
    real = write_crops(tmp_path / "real", 3, labels=["unchecked"])
    result = train(
        None, real, out=tmp_path / "run", settings=TrainSettings(init=first.folder, epochs=1, learning_rate=1e-9, ema=0)
    )
    assert (result.model.classes, result.model.backbone) == (first.model.classes, "tiny")
    assert result.model.geometry == Geometry(height_px=40)
    torch.testing.assert_close(result.model.network.head.weight, first.model.network.head.weight, atol=1e-6, rtol=0)


def test_a_run_can_stay_between_its_weights_and_those_that_it_started_from(tmp_path: Path, run: Trainer) -> None:
    first = run("first")
    kept = {
        share: run(f"share {share}", init=first.folder, init_share=share, epochs=1).model.network.head.weight
        for share in (0.0, 0.75)
    }
    old = first.model.network.head.weight
    torch.testing.assert_close(kept[0.75], old + 0.25 * (kept[0.0] - old))
    assert not torch.equal(kept[0.0], old)


def test_there_is_no_share_of_weights_that_were_not_started_from() -> None:
    with pytest.raises(ValueError, match="set init, too"):
        TrainSettings(init_share=0.5)


@pytest.mark.parametrize(("changes", "field"), [({"backbone": "small"}, "backbone"), ({"geometry": {}}, "geometry")])
def test_a_continued_run_cannot_change_its_network(
    tmp_path: Path, crops: Path, run: Trainer, changes: dict[str, object], field: str
) -> None:
    first = run("first", geometry=Geometry(height_px=40), epochs=1).folder
    wanted = TrainSettings.model_validate({"init": first, "epochs": 1} | changes)
    with pytest.raises(InputError, match=f"{field}: .*first was trained with"):
        train(crops, None, out=tmp_path / "run", settings=wanted)


def test_real_crops_are_held_out_where_there_are_enough(tmp_path: Path, crops: Path) -> None:
    real = write_crops(tmp_path / "real", 20)
    result = train(crops, real, out=tmp_path / "run", settings=settings(epochs=1, val_share=0.5))
    data = json.loads((result.folder / "model.json").read_text())["training"]["data"]
    assert {name: source["n"] for name, source in data.items()} == {"synthetic": 24, "real": 30, "val": 30}


def test_nothing_is_held_out_when_the_share_is_zero(run: Trainer) -> None:
    result = run(val_share=0, epochs=1)
    assert (result.epochs[0].val_loss, result.epochs[0].val_accuracy) == (None, None)
    assert "nothing held out" in result.summary


def test_unreadable_pictures_are_passed_over_and_listed(tmp_path: Path) -> None:
    data = write_crops(tmp_path / "data", 4)
    (data / "checked" / "0000.png").write_text("I am a text")
    result = train(data, None, out=tmp_path / "run", settings=settings(epochs=1))
    assert [(item.path.name, item.reason) for item in result.unreadable] == [("0000.png", "is not a picture")]
    assert "1 picture could not be read, the first: " in result.summary
    assert "0000.png: is not a picture" in result.summary


def test_a_set_of_nothing_but_unreadable_pictures_is_an_error(tmp_path: Path) -> None:
    for label in ("on", "off"):
        (tmp_path / "data" / label).mkdir(parents=True)
        (tmp_path / "data" / label / "a.png").touch()
    with pytest.raises(InputError, match="none of 2 pictures to train on can be read"):
        train(tmp_path / "data", None, out=tmp_path / "run", settings=settings(val_share=0))


def test_without_any_source_there_is_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to train on"):
        train(None, None, out=tmp_path / "run", settings=settings())


def test_one_class_is_not_enough(tmp_path: Path) -> None:
    data = write_crops(tmp_path / "data", 2, labels=["checked"])
    with pytest.raises(InputError, match="only one class, checked"):
        train(data, None, out=tmp_path / "run", settings=settings())


def test_bad_input_leaves_no_run_folder_behind(tmp_path: Path, crops: Path) -> None:
    with pytest.raises(MissingError):
        train(crops, tmp_path / "nowhere", out=tmp_path / "run", settings=settings())
    with pytest.raises(InputError, match="unknown backbone"):
        train(crops, None, out=tmp_path / "run", settings=settings(backbone="smal"))
    assert not (tmp_path / "run").exists()


def test_an_earlier_run_is_only_overwritten_when_told_to(tmp_path: Path, crops: Path, run: Trainer) -> None:
    run("run", epochs=1)
    with pytest.raises(OutputExistsError, match="is not empty"):
        run("run")
    again = train(crops, None, out=tmp_path / "run", settings=settings(epochs=1), overwrite=True)
    assert len((again.folder / "metrics.jsonl").read_text().splitlines()) == 1


def test_a_loss_that_is_not_finite_stops_the_run(run: Trainer) -> None:
    with pytest.raises(TrainingError, match="lower learning_rate"):
        run(learning_rate=1e30, epochs=5, precision="float32", warmup=0)


def test_a_stopped_run_keeps_its_last_epoch(tmp_path: Path, crops: Path) -> None:
    def stop(progress: TrainingProgress) -> None:
        if progress.epoch is not None and progress.epoch.epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(crops, None, out=tmp_path / "run", settings=settings(epochs=3), on_progress=stop)
    assert load_model(tmp_path / "run").backbone == "tiny"
    assert len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()) == 1


def test_progress_goes_through_reading_and_training_to_the_end(tmp_path: Path, crops: Path) -> None:
    seen: list[TrainingProgress] = []
    train(crops, None, out=tmp_path / "run", settings=settings(), on_progress=seen.append)
    assert [step.stage for step in seen] == sorted(step.stage for step in seen)
    for stage in ("reading", "training"):
        done = [step.done for step in seen if step.stage == stage]
        assert done == sorted(done)
        assert done[-1] == next(step.total for step in seen if step.stage == stage)
    assert [step.epoch.epoch for step in seen if step.epoch is not None] == [1, 2]


def test_a_device_that_is_not_here_is_an_error_that_names_those_that_are() -> None:
    missing = "mps" if not torch.backends.mps.is_available() else "cuda"
    with pytest.raises(InputError, match=f"no {missing} device here; available: auto, cpu"):
        choose_device(missing)


def test_the_best_epoch_is_kept_when_told_to_and_all_checkpoints_load(run: Trainer) -> None:
    result = run(epochs=4, keep="best", checkpoints=2)
    ranking = json.loads((result.folder / "checkpoints" / "ranking.json").read_text())
    best = max(result.epochs, key=lambda row: (row.val_accuracy or 0, -(row.val_loss or 0)))
    assert ranking[0]["epoch"] == result.kept.epoch == best.epoch
    models = [load_model(result.folder / "checkpoints" / row["folder"]) for row in ranking]
    assert len(models) == 2
    assert models[0].fingerprint == result.model.fingerprint
    assert newest_run(result.folder.parent) == result.folder


def test_a_run_stops_when_it_gets_no_better(run: Trainer) -> None:
    result = run(epochs=20, patience=2, learning_rate=1e-9, ema=0, optimizer="sgd", seed=1)
    assert len(result.epochs) < 20
    ranked = sorted(result.epochs, key=lambda row: (-(row.val_accuracy or 0), row.val_loss or 0))
    assert result.epochs[-1].epoch - ranked[0].epoch == 2


@pytest.mark.parametrize("changes", [{"patience": 3}, {"keep": "best"}, {"schedule": "plateau"}])
def test_what_goes_by_held_out_pictures_needs_some(run: Trainer, changes: dict[str, object]) -> None:
    with pytest.raises(InputError, match="goes by held-out pictures, and there are none"):
        run(val_share=0, **changes)


@pytest.mark.parametrize("setting", CATALOGUES)
def test_a_name_that_is_in_no_catalogue_is_an_error_that_lists_all(setting: str) -> None:
    names = ", ".join(sorted(CATALOGUES[setting]))
    with pytest.raises(ValidationError, match=f"unknown {setting} 'nothing'; available: {names}"):
        settings(**{setting: "nothing"})


@pytest.mark.parametrize(
    ("setting", "name"), [(setting, name) for setting in CATALOGUES for name in CATALOGUES[setting]]
)
def test_every_name_of_a_catalogue_trains(run: Trainer, setting: str, name: str) -> None:
    assert np.isfinite(run(epochs=1, **{setting: name}).epochs[0].loss)


def test_gradients_are_clipped_unless_told_not_to(run: Trainer) -> None:
    weights = [
        run(str(limit), max_gradient=limit, optimizer="sgd", epochs=1).model.fingerprint for limit in (1e-3, 0, 1e9)
    ]
    assert weights[0] != weights[1] == weights[2]


def test_settings_json_leaves_nothing_to_the_machine(run: Trainer) -> None:
    chosen = json.loads((run(device="auto", precision="auto").folder / "settings.json").read_text())["settings"]
    assert chosen["device"] in ("cpu", "cuda")
    assert chosen["precision"] in ("float32", "bfloat16")
    assert chosen["threads"] == 1


def test_continued_runs_record_the_network_that_they_continue(tmp_path: Path, crops: Path, run: Trainer) -> None:
    first = run("first", epochs=1).folder
    train(crops, None, out=tmp_path / "second", settings=TrainSettings(init=first, epochs=1))
    assert json.loads((tmp_path / "second" / "settings.json").read_text())["settings"]["backbone"] == "tiny"


def test_what_training_and_validation_share_is_said(tmp_path: Path, crops: Path) -> None:
    val = write_crops(tmp_path / "val", 2, first_seed=7)  # seed 7 is the last of the crops
    result = train(None, crops, out=tmp_path / "run", settings=settings(epochs=1), val=val)
    assert len(result.overlap.copies) == 3
    assert "of those validated on, 3 of 6 pictures were in the training" in result.summary


def test_a_run_remembers_what_the_run_it_went_on_from_has_seen(tmp_path: Path, crops: Path, run: Trainer) -> None:
    more = write_crops(tmp_path / "more", 2, first_seed=90)
    run("first", epochs=1)
    train(None, more, out=tmp_path / "second", settings=settings(epochs=1, init=tmp_path / "first", val_share=0))
    for folder in (crops, more):
        overlap = find_overlap(tmp_path / "second", read_examples(folder))
        assert overlap is not None
        assert len(overlap.copies) == overlap.total


def test_a_fold_is_not_trained_on(tmp_path: Path, crops: Path) -> None:
    write_split(split_folder(crops, folds=4, by="crop"), tmp_path / "split.csv")
    fold = Fold(tmp_path / "split.csv", 1)
    train(None, crops, out=tmp_path / "run", settings=settings(epochs=1), fold=fold)
    assert not find_overlap(tmp_path / "run", read_held_out(crops, fold))
    recorded = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert recorded["sources"]["fold"] == {"split": str(tmp_path / "split.csv"), "number": 1}
    assert recorded["held_out_by"] == "visual"
    with pytest.raises(InputError, match="name their folder too"):
        train(crops, None, out=tmp_path / "other", settings=settings(epochs=1), fold=fold)


def test_a_picture_that_is_in_the_left_out_fold_under_another_label_is_said(
    tmp_path: Path, crops: Path, warned: list[str]
) -> None:
    real = write_crops(tmp_path / "real", 4)
    with Image.open(real / "checked" / "0000.png") as image:
        image.save(real / "other" / "again.bmp")
    write_split(split_folder(real, folds=2, by="crop"), tmp_path / "split.csv")
    fold = {row.file_name: row.fold for row in read_split(tmp_path / "split.csv").rows}
    text = (tmp_path / "split.csv").read_text()
    for name, number in (("checked/0000.png", 0), ("other/again.bmp", 1)):
        row = next(line for line in text.splitlines() if line.startswith(name))
        text = text.replace(row, f"{row.removesuffix(str(fold[name]))}{number}")
    (tmp_path / "split.csv").write_text(text)
    for number in (0, 1):
        warned.clear()
        out = tmp_path / f"run-{number}"
        train(crops, real, out=out, settings=settings(epochs=1), fold=Fold(tmp_path / "split.csv", number))
        [line] = warned
        assert line.startswith("1 picture is there under two labels, as ")
        assert "again.bmp (other)" in line
        assert "0000.png (checked)" in line
