import os
from pathlib import Path

import numpy as np
import pytest

from base.errors import StoreError
from model.adapting import score_cache
from model.adapting.score_cache import UNUSED_SCORES_S, score_files
from model.networks.backbones import build_backbone
from model.networks.trained_model import Model
from model.reading.crop_fitting import Geometry
from model.reading.images import content_hash
from model.running.predict import predict_files
from tests.crops import write_crops


@pytest.fixture(scope="module")
def model() -> Model:
    network = build_backbone("tiny", classes=3).eval()
    return Model(network, ("checked", "other", "unchecked"), Geometry(), "tiny", fingerprint="abc")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return {content_hash(path): path for path in sorted(write_crops(tmp_path, 1).rglob("*.png"))}


def test_scores_are_those_of_the_model(model: Model, files: dict[str, Path], tmp_path: Path) -> None:
    scored = score_files(model, files, folder=tmp_path / "cache")
    predictions = list(predict_files(model, list(files.values()), with_features=True))
    assert [each.item for each in scored] == list(files)
    for each, prediction in zip(scored, predictions, strict=True):
        assert each.probabilities.tolist() == pytest.approx(prediction.probabilities)
        np.testing.assert_array_equal(each.features, prediction.features)


@pytest.mark.parametrize("variations", [0, 3])
def test_the_second_call_computes_nothing_and_gives_the_same(
    variations: int, model: Model, files: dict[str, Path], tmp_path: Path
) -> None:
    first = score_files(model, files, variations=variations, folder=tmp_path / "cache")
    for path in files.values():
        path.unlink()
    second = score_files(model, dict(reversed(files.items())), variations=variations, folder=tmp_path / "cache")[::-1]
    for one, other in zip(first, second, strict=True):
        assert one.item == other.item
        np.testing.assert_array_equal(one.probabilities, other.probabilities)
        np.testing.assert_array_equal(one.features, other.features)
    assert first[0].probabilities.shape == ((variations, 3) if variations else (3,))


def test_views_differ_from_each_other(model: Model, files: dict[str, Path], tmp_path: Path) -> None:
    for each in score_files(model, files, variations=2, folder=tmp_path / "cache"):
        assert not np.allclose(each.features[0], each.features[1])


@pytest.mark.parametrize("variations", [0, 2])
def test_what_cannot_be_read_is_told_and_not_kept(variations: int, model: Model, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_text("not a picture")
    text = content_hash(broken)
    [scored] = score_files(model, {text: broken}, variations=variations, folder=tmp_path / "cache")
    assert scored.error is not None
    assert "is not a picture" in scored.error
    write_crops(tmp_path, 1)
    (tmp_path / "checked" / "0000.png").rename(broken)
    [scored] = score_files(model, {content_hash(broken): broken}, variations=variations, folder=tmp_path / "cache")
    assert scored.error is None
    [scored] = score_files(model, {text: broken}, variations=variations, folder=tmp_path / "cache")
    assert scored.error == "the file has changed since it was first read"


def test_progress_begins_with_what_is_known(model: Model, files: dict[str, Path], tmp_path: Path) -> None:
    part = dict(list(files.items())[:2])
    score_files(model, part, folder=tmp_path / "cache")
    calls: list[tuple[int, int]] = []
    score_files(model, files, folder=tmp_path / "cache", on_progress=lambda done, total: calls.append((done, total)))
    assert calls == [(2, 3), (3, 3)]


def test_files_of_models_that_nobody_asks_for_are_deleted(model: Model, files: dict[str, Path], tmp_path: Path) -> None:
    old = tmp_path / "old-plain-1.db"
    for path in (old, recent := tmp_path / "recent-plain-1.db"):
        path.touch()
    os.utime(old, (0, old.stat().st_mtime - UNUSED_SCORES_S - 10))
    score_files(model, files, folder=tmp_path)
    assert (old.exists(), recent.exists()) == (False, True)


def test_a_damaged_cache_is_named(model: Model, files: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / f"abc-plain-{score_cache.LAYOUT}.db"
    broken.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="delete the file, or set BOXWRIGHT_CACHE"):
        score_files(model, files, folder=tmp_path)
