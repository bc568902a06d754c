import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from base.errors import InputError
from model.evaluation.calibration import (
    calibrate,
    cross_fit_temperature,
    data_fingerprint,
    find_unsure_below,
    fit_temperature,
    soften,
)
from model.evaluation.evaluate import evaluate
from model.evaluation.judged import Judged
from model.labelled_folders.folders import Example, read_examples
from model.learning.batches import decode_examples
from model.networks.checkpoint import save_model
from model.networks.model_folders import MODEL_FILE, PRETRAINED, PRETRAINED_FOLDER
from model.networks.trained_model import load_model
from model.reading.crop_fitting import Geometry
from model.running.predict import predict_files
from model.splitting.folds import Fold, split_folder, write_split
from model.splitting.overlap import save_seen, sign
from tests.crops import LABELS, write_crops
from tests.test_predict import model


def logits(seed: int, n: int, classes: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (n, classes))


def softmax(values: np.ndarray) -> np.ndarray:
    return np.exp(values) / np.exp(values).sum(1, keepdims=True)


@given(st.integers(0, 1000), st.floats(0.2, 5))
def test_softening_is_dividing_the_logits(seed: int, temperature: float) -> None:
    raw = logits(seed, 5)
    assert soften(softmax(raw), temperature) == pytest.approx(softmax(raw / temperature), abs=1e-9)
    assert (soften(softmax(raw), temperature).argmax(1) == raw.argmax(1)).all()


@pytest.mark.parametrize("true", [0.4, 1.0, 2.5])
def test_the_temperature_that_labels_were_drawn_at_is_found(true: float) -> None:
    raw, rng = logits(0, 6000), np.random.default_rng(1)
    labels = np.array([rng.choice(3, p=row) for row in softmax(raw / true)])
    assert fit_temperature(softmax(raw), labels) == pytest.approx(true, rel=0.08)


def test_a_model_is_sure_from_where_99_of_100_are_right() -> None:
    confidences = np.linspace(0.5, 1, 501)
    probabilities = np.stack([confidences, 1 - confidences], axis=1)
    labels = np.where(confidences < 0.75, 1, 0)  # wrong below, right above
    limit = find_unsure_below(probabilities, labels)
    assert 0.74 <= limit <= 0.75  # of 250 right ones and two or three wrong ones, 99 % are right
    assert find_unsure_below(probabilities, np.ones(501, int)) == 1.0
    assert find_unsure_below(probabilities, np.zeros(501, int)) == 0.5


def test_no_picture_is_softened_by_a_temperature_of_its_own_group() -> None:
    rng, raw = np.random.default_rng(1), logits(2, 60)
    labels = np.array([rng.choice(3, p=row) for row in softmax(raw / 2)])
    examples = tuple(Example(Path(str(n)), "abc"[label], group=f"g{n // 3}") for n, label in enumerate(labels))
    judged = Judged(tuple("abc"), examples, softmax(raw))
    temperatures, crossed = cross_fit_temperature(judged, seed=0)
    for group in range(0, 60, 3):
        rows = slice(group, group + 3)
        used = [t for t in temperatures if np.allclose(soften(judged.probabilities[rows], t), crossed[rows])]
        assert len(used) == 1
    assert cross_fit_temperature(judged, seed=0)[0] == temperatures != cross_fit_temperature(judged, seed=1)[0]


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_crops(tmp_path_factory.mktemp("crops"), 17)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder whose network guesses, and is far too sure of it."""
    folder = tmp_path / "run"
    folder.mkdir()
    guesser = model()
    with torch.no_grad():
        guesser.network.head.weight.mul_(60)
    save_model(guesser, folder, training={})
    return folder


def test_a_model_that_is_too_sure_is_cooled_for_good(run: Path, crops: Path) -> None:
    before = load_model(run)
    result = calibrate(run, crops, threads=1)
    after = load_model(run)
    assert result.stored
    assert result.calibration.temperature > 1.5
    assert (result.after.nll, result.after.error) < (result.before.nll, result.before.error)
    assert after.calibration == result.calibration
    assert after.fingerprint == f"{before.fingerprint}-T{result.calibration.temperature:g}"
    assert len(result.fold_temperatures) == 5
    path = crops / "checked" / "0000.png"
    (raw,), (cooled,) = (list(predict_files(loaded, [path], threads=1)) for loaded in (before, after))
    expected = soften(np.array([raw.probabilities], np.float64), result.calibration.temperature)[0]
    assert cooled.probabilities == pytest.approx(expected, abs=1e-4)


def test_calibrating_again_starts_from_the_bare_network(run: Path, crops: Path) -> None:
    result = calibrate(run, crops, threads=1)
    assert calibrate(run, crops, threads=1) == result
    values = json.loads(json.dumps(result.to_dict()))
    assert (values["calibration"]["n"], values["after"]["nll"]) == (51, result.after.nll)
    assert "after, cross-fitted" in result.to_text()


def test_an_evaluation_on_the_same_pictures_is_marked(run: Path, crops: Path, tmp_path: Path) -> None:
    calibrate(run, crops, threads=1)
    loaded = load_model(run)
    evaluation = evaluate(loaded, crops)
    assert evaluation.calibration.temperature == loaded.temperature
    assert "the temperature was fitted on" in evaluation.warnings[0]
    assert evaluate(loaded, write_crops(tmp_path / "others", 17, first_seed=50)).warnings == ()


def test_a_temperature_that_does_not_help_elsewhere_is_not_kept(run: Path, tmp_path: Path) -> None:
    """Of two mistakes each is worst for the temperature that the other alone gives."""
    from model.evaluation import calibration

    probabilities = np.full((60, 3), 0.05)
    probabilities[:, 0] = 0.9
    labels = ["a"] * 58 + ["b", "b"]
    probabilities[58:] = [(0.34, 0.33, 0.33), (0.98, 0.01, 0.01)]
    examples = tuple(Example(Path(str(n)), label, str(n)) for n, label in enumerate(labels))
    judged = Judged(("a", "b", "c"), examples, probabilities)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "judge", lambda *_, **__: (judged, ()))
        result = calibrate(run, write_crops(tmp_path / "c", 1))
    assert result.after.nll >= result.before.nll
    assert not result.stored
    assert load_model(run).calibration is None
    assert "not stored" in result.to_text()


def test_too_few_pictures_are_refused_with_a_reason(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has 48 pictures; a temperature needs at least 50"):
        calibrate(run, write_crops(tmp_path / "few", 16), threads=1)


def test_a_model_without_mistakes_is_refused_with_a_reason(run: Path, tmp_path: Path) -> None:
    crops = write_crops(tmp_path / "crops", 17)
    loaded = load_model(run)
    for example in read_examples(crops):
        (found,) = predict_files(loaded, [example.path], threads=1)
        assert found.index is not None
        example.path.rename(
            crops / loaded.classes[found.index] / f"right-{example.path.parent.name}-{example.path.name}"
        )
    for folder in crops.iterdir():
        if not any(folder.iterdir()):
            folder.rmdir()
    with pytest.raises(InputError, match="wrong on 0 of 51 pictures"):
        calibrate(run, crops, threads=1)


def test_the_hash_of_pictures_is_that_which_training_records(crops: Path) -> None:
    examples = read_examples(crops)
    assert data_fingerprint(examples) == decode_examples(examples, Geometry(), LABELS, threads=1).fingerprint


def test_pictures_that_the_model_has_seen_are_warned_of(run: Path, crops: Path) -> None:
    assert calibrate(run, crops, threads=1).warnings == ()
    save_seen(sign([], read_examples(crops)[:7], threads=1), run)
    (warning,) = calibrate(run, crops, threads=1).warnings
    assert warning.startswith(f"{run}: 7 of 51 pictures were in the training or validation data")


def test_a_temperature_can_be_fitted_on_a_fold(run: Path, tmp_path: Path) -> None:
    crops = write_crops(tmp_path / "crops", 34)
    write_split(split_folder(crops, folds=2, by="crop"), tmp_path / "split.csv")
    result = calibrate(run, crops, fold=Fold(tmp_path / "split.csv", 0), threads=1)
    assert result.calibration.n == 51


def test_synthetic_pictures_are_warned_of(run: Path, tmp_path: Path) -> None:
    crops = write_crops(tmp_path / "crops", 17)
    row = {"file_name": "checked/0000.png", "family": "box"}
    (crops / "metadata.jsonl").write_text(json.dumps(row) + "\n")
    assert any("synthetic" in warning for warning in calibrate(run, crops, threads=1).warnings)


@pytest.mark.parametrize("name", [Path(PRETRAINED), PRETRAINED_FOLDER])
def test_the_model_in_the_box_stays_as_it_is(name: Path, crops: Path) -> None:
    before = (PRETRAINED_FOLDER / MODEL_FILE).read_bytes()
    with pytest.raises(InputError, match="the model in the box stays as it is; copy"):
        calibrate(name, crops, threads=1)
    assert (PRETRAINED_FOLDER / MODEL_FILE).read_bytes() == before
