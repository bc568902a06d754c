from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from base.errors import InputError, MissingError
from model.classifying import classifier as classifier_module
from model.classifying.classifier import AnyPicture, Classifier, load_classifier
from model.networks.checkpoint import save_model
from model.networks.model_folders import PRETRAINED
from model.reading.crop_fitting import Geometry
from model.running.predict import predict_files
from tests.test_predict import model, write_pool

WAYS: dict[str, Callable[[Path], AnyPicture]] = {
    "path": lambda path: path,
    "text": str,
    "bytes": lambda path: path.read_bytes(),
    "Pillow": Image.open,
    "array": lambda path: np.asarray(Image.open(path)),
}


@pytest.fixture(scope="module")
def classify() -> Classifier:
    return Classifier(replace(model("small"), locates=True))


@pytest.mark.parametrize("way", WAYS)
def test_pictures_of_any_origin_give_what_files_give(way: str, classify: Classifier, tmp_path: Path) -> None:
    paths = write_pool(tmp_path, 6)
    results = classify([WAYS[way](path) for path in paths])
    for expected, result in zip(predict_files(classify.model, paths), results, strict=True):
        assert tuple(result.probabilities.values()) == pytest.approx(expected.probabilities, abs=1e-5)
        assert result.label == classify.model.classes[expected.index or 0]
        assert (result.confidence, result.kind) == (pytest.approx(expected.confidence, abs=1e-5), expected.kind)
        assert result.box == (expected.box and pytest.approx(expected.box, abs=1e-2))


def test_what_cannot_be_read_has_an_error_and_the_rest_goes_on(classify: Classifier, tmp_path: Path) -> None:
    (path,) = write_pool(tmp_path, 1)
    given = [b"", path, b"I am a text", tmp_path / "nowhere.png", path.read_bytes()[:60], np.empty((0, 4, 3), np.uint8)]
    results = classify(given)
    assert [result.label is None for result in results] == [True, False, True, True, True, True]
    reasons = ["is empty", None, "is not a picture", "no such file or directory", "is truncated", "is empty"]
    assert [result.error for result in results] == reasons
    assert results[0].probabilities == {}


def test_a_picture_that_is_too_thin_has_an_error_in_every_way(classify: Classifier, tmp_path: Path) -> None:
    narrow = Classifier(replace(classify.model, geometry=Geometry(height_px=16, max_area_px=1024)))
    path = tmp_path / "thin.png"
    Image.new("L", (1, 4000)).save(path)
    given = [path, str(path), path.read_bytes(), Image.new("L", (1, 4000)), np.zeros((4000, 1, 3), np.uint8)]
    results = narrow(given)
    for error in [result.error for result in results] + [each.error for each in predict_files(narrow.model, [path])]:
        assert error and error.startswith("too long and thin: 1x4000 px")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([np.zeros((4, 4), np.uint8)], r"uint8 \(4, 4\) is no RGB picture"),
        ([np.zeros((4, 4, 3), np.float32)], "float32"),
        ([7], "a int is no picture"),
        ("a.png", r"classify\(\[picture\]\)"),
        (b"bytes", "one picture was given"),
    ],
)
def test_what_is_no_picture_at_all_is_an_error_that_says_what_is(
    classify: Classifier, given: list[AnyPicture], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        classify(given)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(classify: Classifier, tmp_path: Path) -> None:
    (path,) = write_pool(tmp_path, 1)
    assert classify.fit(path.read_bytes(), most_pixels=10_000).pixels.size
    with pytest.raises(ValueError, match=r"at most 0\.0001 megapixels"):
        classify.fit(path.read_bytes(), most_pixels=100)


def test_a_pillow_image_stays_as_it_is(classify: Classifier) -> None:
    deep = Image.new("I;16", (40, 40), 30_000)
    deep.info["transparency"] = 5
    before = deep.copy()
    classify([deep])
    assert (deep.mode, deep.info, deep.tobytes()) == (before.mode, before.info, before.tobytes())


def test_many_pictures_are_held_a_chunk_at_a_time(
    classify: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_pool(tmp_path, 5)
    whole = classify(paths)
    monkeypatch.setattr(classifier_module, "CHUNK", 2)
    assert [result.label for result in classify(iter(paths))] == [result.label for result in whole]


def test_threads_do_not_mix_up_each_other_s_results(classify: Classifier, tmp_path: Path) -> None:
    paths = write_pool(tmp_path, 12)
    expected = {path: result.probabilities for path, result in zip(paths, classify(paths), strict=True)}
    with ThreadPoolExecutor(4) as pool:
        for path, results in zip(paths * 4, pool.map(lambda path: classify([path]), paths * 4), strict=True):
            assert results[0].probabilities == pytest.approx(expected[path], abs=1e-4)


def test_a_model_that_is_loaded_meanwhile_disturbs_nobody(classify: Classifier, tmp_path: Path) -> None:
    paths = write_pool(tmp_path, 4)
    expected = [result.label for result in classify(paths)]
    with ThreadPoolExecutor(3) as pool:
        loading = pool.submit(lambda: [Classifier(model("small")) for _ in range(5)])
        scored = [pool.submit(classify, paths) for _ in range(40)]
        assert all([result.label for result in each.result()] == expected for each in scored)
        assert len(loading.result()) == 5


def test_load_takes_a_run_folder_or_the_model_in_the_box(tmp_path: Path) -> None:
    saved = save_model(model(), tmp_path, training={})
    assert load_classifier(tmp_path).model.fingerprint == saved.fingerprint
    assert load_classifier().model.fingerprint == load_classifier(PRETRAINED).model.fingerprint
    with pytest.raises(MissingError, match="nowhere"):
        load_classifier(tmp_path / "nowhere")
