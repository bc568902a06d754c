from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model.decoding.upright import Decoded
from model.networks.backbones import build_backbone
from model.networks.trained_model import Calibration, Model
from model.reading.crop_fitting import Geometry
from model.reading.images import decode_bytes
from model.running import predict as predict_module
from model.running import stages
from model.running.predict import Prediction, Reading, predict_files
from tests.crops import draw_crop

CLASSES = ("checked", "other", "unchecked")


def model(backbone: str = "tiny", seed: int = 3) -> Model:
    """A network of random weights whose batch statistics are not those it began with."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = build_backbone(backbone, len(CLASSES))
        network.train()(torch.rand(8, 3, 48, 96))
        return Model(network.eval(), CLASSES, Geometry(), backbone)


def write_pool(folder: Path, count: int) -> list[Path]:
    """Crops of many shapes, one of them very wide and one very tall."""
    paths = []
    for seed in range(count):
        image = draw_crop(CLASSES[seed % 3], seed)
        if seed == 1:
            image = image.resize((900, 40))
        if seed == 2:
            image = image.resize((60, 400))
        paths.append(folder / f"{seed:03}.png")
        image.save(paths[-1])
    return paths


def test_predictions_come_in_the_order_of_the_paths(tmp_path: Path) -> None:
    paths = write_pool(tmp_path, 9)
    given = [paths[5], *paths[::-1], paths[5]]
    assert [prediction.path for prediction in predict_files(model(), given, threads=2)] == given


def test_probabilities_are_those_of_the_plain_network(tmp_path: Path) -> None:
    (path,) = write_pool(tmp_path, 1)
    loaded = model()
    (prediction,) = predict_files(loaded, [path], threads=1)
    pixels = loaded.geometry.fit(Image.open(path))
    height, width = loaded.geometry.bucket((pixels.shape[0], pixels.shape[1]))
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    room = ((top, height - pixels.shape[0] - top), (left, width - pixels.shape[1] - left), (0, 0))
    padded = np.pad(pixels, room, mode="edge").transpose(2, 0, 1)[None]
    with torch.inference_mode():
        expected = loaded.network(torch.from_numpy(padded).float() / 255).softmax(1)[0]
    assert prediction.probabilities == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.parametrize("backbone", ["tiny", "resnet18"])
def test_a_crop_s_result_does_not_depend_on_its_company(tmp_path: Path, backbone: str) -> None:
    paths = write_pool(tmp_path, 12)
    loaded = model(backbone)
    together = list(predict_files(loaded, paths, threads=2))
    for index in (0, 1, 2, 7):
        (alone,) = predict_files(loaded, [paths[index]], threads=1)
        assert alone.probabilities == pytest.approx(together[index].probabilities, abs=1e-4)


def test_chunks_give_what_one_pass_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = write_pool(tmp_path, 10)
    whole = [prediction.probabilities for prediction in predict_files(model(), paths, threads=1)]
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 3)
    chunked = [prediction.probabilities for prediction in predict_files(model(), paths, threads=1)]
    for one, other in zip(whole, chunked, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_one_bad_file_fills_its_error_and_the_rest_goes_on(tmp_path: Path) -> None:
    paths = write_pool(tmp_path, 4)
    paths[1].write_text("I am a text")
    paths[3].unlink()
    results = list(predict_files(model(), paths, threads=2))
    assert [result.error for result in results] == [None, "is not a picture", None, "no such file or directory"]
    assert [result.probabilities is None for result in results] == [False, True, False, True]


def test_nothing_but_bad_files_is_fine(tmp_path: Path) -> None:
    (result,) = predict_files(model(), [tmp_path / "nowhere.png"])
    assert (result.probabilities, result.index, result.confidence) == (None, None, None)


def test_no_path_gives_no_prediction() -> None:
    assert list(predict_files(model(), [])) == []


def test_features_come_when_asked_for(tmp_path: Path) -> None:
    paths = write_pool(tmp_path, 3)
    loaded = model()
    for result in predict_files(loaded, paths, with_features=True):
        assert result.features is not None
        assert result.features.dtype == np.float32
        assert result.features.shape == (loaded.network.head.in_features,)
    assert all(result.features is None for result in predict_files(loaded, paths))


def test_progress_reaches_the_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 2)
    calls: list[tuple[int, int]] = []
    list(predict_files(model(), write_pool(tmp_path, 5), on_progress=lambda done, total: calls.append((done, total))))
    assert calls == [(2, 5), (4, 5), (5, 5)]


def test_no_more_than_two_chunks_are_read_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict_module, "PREDICT_CHUNK", 2)
    read: list[bytes] = []

    def read_and_note(content: bytes, *, geometry: Geometry) -> Decoded:
        read.append(content)
        return decode_bytes(content, geometry=geometry)

    monkeypatch.setattr(stages, "decode_bytes", read_and_note)
    next(predict_files(model(), write_pool(tmp_path, 10), threads=1))
    assert len(read) <= 4


def test_the_number_of_torch_threads_is_put_back(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    list(predict_files(model(), write_pool(tmp_path, 1), threads=before + 1))
    assert torch.get_num_threads() == before


def test_index_and_confidence_are_of_the_most_probable_class() -> None:
    prediction = Prediction(Path("a.png"), Reading((0.2, 0.7, 0.1)))
    assert (prediction.index, prediction.confidence) == (1, 0.7)


def test_a_temperature_divides_the_logits(tmp_path: Path) -> None:
    (path,) = write_pool(tmp_path, 1)
    calibration = Calibration(temperature=2.0, n=50, nll_before=1.0, nll_after=1.0, data="")
    bare, warm = (
        next(predict_files(loaded, [path], threads=1, with_features=True))
        for loaded in (model(), replace(model(), calibration=calibration))
    )
    roots = np.sqrt(bare.probabilities or ())
    assert warm.probabilities == pytest.approx(roots / roots.sum(), abs=1e-5)
    assert np.array_equal(warm.features, bare.features)
