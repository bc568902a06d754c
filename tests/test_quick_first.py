"""The graph in 8-bit integers is asked first, and the floats where it is in doubt."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from base.arrays import Pixels
from base.errors import ModelError
from model.export.quick_graph import write_quick_graph
from model.networks.model_folders import PRETRAINED, PRETRAINED_FOLDER, QUICK_GRAPH
from model.networks.trained_model import Calibration, Model, load_model, save_calibration
from model.running.parity import probe_pictures
from model.running.quick_first import SURE_FROM, quick_first
from model.running.runtime_names import QUICK_FIRST
from model.running.runtimes import build_scorer, settle_runtime
from model.running.scorer import Scores

PICTURES = [np.full((2, 2, 3), level, np.uint8) for level in (10, 20, 30)]


def fake(probabilities: dict[int, list[float]], seen: list[int]) -> object:
    def score(pixels: Sequence[Pixels]) -> Scores:
        levels = [int(each[0, 0, 0]) for each in pixels]
        seen.extend(levels)
        table = np.array([probabilities[level] for level in levels], np.float32)
        return Scores(table, table * 2, None, None)

    return score


def test_what_is_in_doubt_alone_is_asked_again() -> None:
    quick, exact = list[int](), list[int]()
    score = quick_first(
        fake({10: [0.95, 0.05], 20: [0.6, 0.4], 30: [0.08, 0.92]}, quick),  # type: ignore[arg-type]  # a scorer of levels
        fake({20: [0.3, 0.7]}, exact),  # type: ignore[arg-type]
    )
    found = score(PICTURES)
    assert (quick, exact) == ([10, 20, 30], [20])
    assert np.allclose(found.probabilities, [[0.95, 0.05], [0.3, 0.7], [0.08, 0.92]])
    assert np.allclose(found.features[1], [0.6, 1.4])


@pytest.fixture(scope="module")
def box() -> Model:
    return load_model(Path(PRETRAINED))


def test_the_box_is_quick_and_names_the_classes_of_floats(box: Model) -> None:
    assert settle_runtime(box, QUICK_FIRST) == QUICK_FIRST, "python bench/quick_graph.py CROPS makes it for new weights"
    pictures = probe_pictures(box.geometry, rounds=20)
    found, exact = (build_scorer(box, runtime)(pictures).probabilities for runtime in (QUICK_FIRST, "onnx"))
    doubtful = found.max(axis=1) < SURE_FROM
    assert 0 < doubtful.sum() < len(pictures)
    assert np.abs(found - exact)[doubtful].max() < 1e-4
    assert 1e-4 < np.abs(found - exact).max() < 0.1
    assert (found.argmax(axis=1) == exact.argmax(axis=1)).all()


def test_a_picture_is_told_the_same_in_any_company(box: Model) -> None:
    pictures = probe_pictures(box.geometry, rounds=3)
    score = build_scorer(box, QUICK_FIRST)
    together = score(pictures).probabilities
    alone = np.concatenate([score([each]).probabilities for each in pictures])
    assert np.abs(together - alone).max() < 1e-5


def test_a_graph_of_other_weights_is_passed_over(tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(PRETRAINED_FOLDER, run)
    assert settle_runtime(load_model(run), QUICK_FIRST) == QUICK_FIRST
    save_calibration(run, Calibration(temperature=2.0, n=1, nll_before=1.0, nll_after=1.0, data=""), unsure_below=0.8)
    assert settle_runtime(load_model(run), QUICK_FIRST) == "onnx"


def test_it_is_written_beside_weights_and_compared_with_them(tmp_path: Path, box: Model) -> None:
    run = tmp_path / "run"
    shutil.copytree(PRETRAINED_FOLDER, run)
    (run / QUICK_GRAPH).unlink()
    pictures = probe_pictures(box.geometry, rounds=4)
    path, doubtful = write_quick_graph(run, pictures, pictures)
    assert path == run / QUICK_GRAPH
    assert 0 < doubtful < 1
    assert settle_runtime(load_model(run), QUICK_FIRST) == QUICK_FIRST


def test_one_that_names_other_classes_is_not_left_there(
    tmp_path: Path, box: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    shutil.copytree(PRETRAINED_FOLDER, run)
    monkeypatch.setattr("model.export.quick_graph.MOST_DIFFERENT", -1.0)
    pictures = probe_pictures(box.geometry)
    with pytest.raises(ModelError, match="another class than floats"):
        write_quick_graph(run, pictures, pictures)
    assert not (run / QUICK_GRAPH).exists()
