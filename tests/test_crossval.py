import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from base.errors import InputError, OutputExistsError
from model.labelled_folders.folders import read_examples
from model.networks.model_folders import STATE_FILE
from model.networks.trained_model import load_model
from model.running.predict import predict_files
from model.splitting.folds import Fold, read_held_out, split_folder, write_split
from model.splitting.overlap import find_overlap
from model.training.crossval import CrossValidation, Folding, choose_folding, cross_validate, resume_cross_validation
from model.training.out_of_fold import read_guesses
from model.training.train import TrainingProgress, TrainResult, TrainSettings
from tests.crops import write_crops


def settings(**changes: object) -> TrainSettings:
    values = {"backbone": "tiny", "epochs": 1, "batch_size": 8, "threads": 1, "val_share": 0}
    return TrainSettings.model_validate(values | changes)


BY_CROP = Folding(3, by="crop")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("real"), 6)


@pytest.fixture(scope="module")
def done(real: Path, tmp_path_factory: pytest.TempPathFactory) -> CrossValidation:
    out = tmp_path_factory.mktemp("cv") / "out"
    synthetic = write_crops(tmp_path_factory.mktemp("synthetic"), 4, first_seed=50)
    return cross_validate(synthetic, real, out=out, settings=settings(), folding=BY_CROP, final=True)


def test_every_real_picture_is_predicted_once_with_a_probability_for_each_class(
    done: CrossValidation, real: Path
) -> None:
    names = [path.relative_to(real).as_posix() for path in sorted(real.rglob("*.png"))]
    assert [guess.file_name for guess in done.oof.guesses] == names
    assert done.oof.classes == ("checked", "other", "unchecked")
    assert done.oof.probabilities().sum(1) == pytest.approx(np.ones(18), abs=1e-5)
    assert done.oof.labels().tolist() == [0] * 6 + [1] * 6 + [2] * 6


def test_the_model_of_a_fold_has_not_seen_what_it_predicts(done: CrossValidation, real: Path) -> None:
    for number in range(3):
        folder, fold = done.folder / f"fold-{number}", Fold(done.folder / "split.csv", number)
        held_out = read_held_out(real, fold)
        assert not find_overlap(folder, held_out)
        expected = [found.probabilities for found in predict_files(load_model(folder), [e.path for e in held_out])]
        guesses = [guess for guess in done.oof.guesses if guess.fold == number]
        assert [guess.file_name for guess in guesses] == [e.path.relative_to(real).as_posix() for e in held_out]
        assert np.allclose([guess.probabilities for guess in guesses], expected, atol=1e-5)


def test_the_model_on_all_has_seen_all(done: CrossValidation, real: Path) -> None:
    assert done.final is not None
    overlap = find_overlap(done.final, read_examples(real))
    assert overlap is not None
    assert len(overlap.copies) == 18


def test_the_figures_are_of_the_predictions(done: CrossValidation) -> None:
    values = json.loads((done.folder / "metrics.json").read_text())
    right = [guess.prediction == guess.label for guess in read_guesses(done.folder / "oof.csv")]
    assert values["accuracy"] == pytest.approx(sum(right) / 18)
    assert sum(fold["n"] for fold in values["folds"]) == values["n"] == 18
    assert values["interval"][0] < values["accuracy"] <= values["interval"][1]
    assert f"out-of-fold accuracy {values['accuracy']:.1%}" in done.summary
    assert str(done.final) in done.summary


class StopError(Exception):
    """Stands for whatever may end a process."""


def test_a_stopped_one_goes_on_where_it_was_and_gives_the_same(real: Path, tmp_path: Path) -> None:
    def stop(what: str, progress: TrainingProgress) -> None:
        if what == "fold 2 of 3" and progress.epoch is not None:
            raise StopError

    begin = partial(cross_validate, None, real, settings=settings(epochs=2), folding=BY_CROP)
    begin(out=tmp_path / "whole")
    with pytest.raises(StopError):
        begin(out=tmp_path / "cv", on_progress=stop)
    assert (tmp_path / "cv" / "fold-1" / STATE_FILE).exists()
    finished = (tmp_path / "cv" / "fold-0" / "weights.safetensors").stat().st_mtime_ns
    ended: list[tuple[str, int]] = []

    def note(what: str, progress: TrainingProgress) -> None:
        if progress.epoch is not None:
            ended.append((what, progress.epoch.epoch))

    resume_cross_validation(tmp_path / "cv", on_progress=note)
    assert ended == [("fold 2 of 3", 2), ("fold 3 of 3", 1), ("fold 3 of 3", 2)]
    assert (tmp_path / "cv" / "oof.csv").read_bytes() == (tmp_path / "whole" / "oof.csv").read_bytes()
    assert (tmp_path / "cv" / "fold-0" / "weights.safetensors").stat().st_mtime_ns == finished
    with pytest.raises(OutputExistsError):
        begin(out=tmp_path / "cv")


def test_a_finished_one_is_left_as_it_is(done: CrossValidation) -> None:
    before = {path: path.read_bytes() for path in done.folder.rglob("*") if path.is_file()}
    assert resume_cross_validation(done.folder).summary == done.summary
    assert before == {path: path.read_bytes() for path in done.folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": 1}, "seed: .* was begun with 0, not 1; leave seed out"),
        ({"folds": 5}, "folds: .* was begun with 3, not 5"),
        ({"split": Path("split.csv")}, "split: .* was begun with None, not split.csv"),
        ({"fold": 0}, "fold: .* was begun with None, not 0"),
    ],
)
def test_other_settings_sources_or_folds_are_refused(
    done: CrossValidation, given: dict[str, object], message: str
) -> None:
    assert resume_cross_validation(done.folder, given={"folds": 3, "seed": 0}).summary == done.summary
    with pytest.raises(InputError, match=message):
        resume_cross_validation(done.folder, given=given)


def test_one_from_another_s_weights_goes_on_too(done: CrossValidation, real: Path, tmp_path: Path) -> None:
    chosen = TrainSettings(init=done.final, epochs=1, threads=1)
    begun = cross_validate(None, real, out=tmp_path / "cv", settings=chosen, folding=BY_CROP)
    (tmp_path / "cv" / "fold-2" / "oof.csv").unlink()
    shutil.rmtree(tmp_path / "cv" / "fold-1")
    assert resume_cross_validation(tmp_path / "cv").summary == begun.summary


def test_a_single_run_is_gone_on_with_as_well(done: CrossValidation, real: Path) -> None:
    result = resume_cross_validation(done.folder / "fold-1", given={"real": real, "fold": 1})
    assert isinstance(result, TrainResult)
    with pytest.raises(InputError, match=r"folds: .*fold-1 was begun with None, not 3"):
        resume_cross_validation(done.folder / "fold-1", given={"folds": 3})


def test_nothing_is_written_where_the_folds_cannot_be(real: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name their folder"):
        cross_validate(real, None, out=tmp_path / "cv", settings=settings())
    with pytest.raises(InputError, match="7 folds need"):
        cross_validate(None, real, out=tmp_path / "cv", settings=settings(), folding=Folding(7, by="crop"))
    with pytest.raises(InputError, match="is not of"):
        other = write_crops(tmp_path / "other", 3)
        write_split(split_folder(other, folds=2, by="crop"), tmp_path / "split.csv")
        folding = Folding(split=tmp_path / "split.csv")
        cross_validate(None, real, out=tmp_path / "cv", settings=settings(), folding=folding)
    assert not (tmp_path / "cv").exists()


def test_folds_are_dealt_anew_or_come_from_a_file() -> None:
    split = Path("split.csv")
    assert choose_folding(None, None, None) is None
    assert choose_folding(None, split, 0) is None
    assert choose_folding(None, split, None) == Folding(split=split)
    assert choose_folding(4, None, None) == Folding(4)
    with pytest.raises(InputError, match="--folds deals anew"):
        choose_folding(4, split, None)
