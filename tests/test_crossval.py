import json
from pathlib import Path

import numpy as np
import pytest

from generator.errors import InputError, OutputExistsError
from model.checkpoint import load_model
from model.crossval import CrossValidation, Folding, choose_folding, cross_validate
from model.folders import read_examples
from model.out_of_fold import read_guesses
from model.overlap import find_overlap
from model.predict import predict
from model.splits import Fold, split_folder, write_split
from model.train import TrainSettings
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
        held_out = fold.divide(read_examples(real), real)[1]
        assert not find_overlap(folder, real, fold=fold)
        expected = [found.probabilities for found in predict(load_model(folder), [e.path for e in held_out])]
        guesses = [guess for guess in done.oof.guesses if guess.fold == number]
        assert [guess.file_name for guess in guesses] == [e.path.relative_to(real).as_posix() for e in held_out]
        assert np.allclose([guess.probabilities for guess in guesses], expected, atol=1e-5)


def test_the_model_on_all_has_seen_all(done: CrossValidation, real: Path) -> None:
    assert done.final is not None
    overlap = find_overlap(done.final, real)
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


def test_resuming_makes_only_the_missing_folds_and_gives_the_same(real: Path, tmp_path: Path) -> None:
    cross_validate(None, real, out=tmp_path / "cv", settings=settings(), folding=BY_CROP)
    before = (tmp_path / "cv" / "oof.csv").read_bytes()
    weights = [(tmp_path / "cv" / f"fold-{n}" / "weights.safetensors").stat().st_mtime_ns for n in range(3)]
    (tmp_path / "cv" / "fold-1" / "oof.csv").unlink()
    again = cross_validate(None, real, out=tmp_path / "cv", settings=settings(), folding=BY_CROP, resume=True)
    assert again.final is None
    assert (tmp_path / "cv" / "oof.csv").read_bytes() == before
    made = [(tmp_path / "cv" / f"fold-{n}" / "weights.safetensors").stat().st_mtime_ns for n in range(3)]
    assert [new == old for new, old in zip(made, weights, strict=True)] == [True, False, True]
    with pytest.raises(InputError, match=r"was begun with another settings.seed; resume with the same"):
        cross_validate(None, real, out=tmp_path / "cv", settings=settings(seed=1), folding=BY_CROP, resume=True)
    with pytest.raises(OutputExistsError):
        cross_validate(None, real, out=tmp_path / "cv", settings=settings(), folding=BY_CROP)


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
