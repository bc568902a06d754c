"""What is in doubt is seen again, larger, and by itself; what is sure is not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from base.arrays import Floats, Pixels
from boxwright import Classifier, export_model, load_any_model, load_model
from model.networks.checkpoint import save_model
from model.networks.trained_model import read_model_file, save_closer_look
from model.reading.closer_look import CloserLook
from model.reading.crop_fitting import Geometry
from model.reading.images import decode_opened
from model.running.scorer import Scores
from model.running.stages import Fitted, Looks, look_at

SECOND = CloserLook(scale=4 / 3, below=0.9)
GEOMETRY = Geometry()


def fitted(width: int, height: int, level: int = 255) -> Fitted:
    return Fitted.of(decode_opened(Image.new("RGB", (width, height), (level, 0, 0))), Looks(GEOMETRY, SECOND))


def test_a_closer_look_is_so_much_larger() -> None:
    assert SECOND.geometry(GEOMETRY).size((24, 60)) == (64, 160)
    assert SECOND.geometry(GEOMETRY).size((480, 480)) == (213, 213)
    assert GEOMETRY.size((480, 480)) == (160, 160)


def test_a_small_picture_is_kept_as_it_is_and_a_large_one_at_the_size_of_its_closer_look() -> None:
    assert isinstance(fitted(60, 24).kept, Image.Image)
    kept = fitted(1000, 600).kept
    assert isinstance(kept, np.ndarray)
    assert kept.shape[:2] == SECOND.geometry(GEOMETRY).size((600, 1000))
    same = SECOND.fit(Image.new("RGB", (1000, 600), (255, 0, 0)), GEOMETRY)
    assert np.array_equal(kept, same)


def test_only_what_is_in_doubt_is_seen_again_and_the_mean_counts() -> None:
    seen: list[list[tuple[int, ...]]] = []

    def score(pictures: "list[Pixels]") -> Scores:
        seen.append([picture.shape[:2] for picture in pictures])
        sure = [picture[0, 0, 0] > 100 for picture in pictures]
        again = len(seen) > 1
        rows = [[0.95, 0.05] if one else [0.2, 0.8] if again else [0.6, 0.4] for one in sure]
        return Scores(np.array(rows, np.float32), np.zeros((len(rows), 1), np.float32))

    pictures = [fitted(60, 24), fitted(60, 24, level=9), fitted(48, 48)]
    looks = Looks(GEOMETRY, SECOND)
    readings = look_at(score, pictures, looks=looks, locates=False, with_features=True)
    assert seen == [[(48, 120), (48, 120), (48, 48)], [(64, 160)]]
    assert [each.probabilities for each in readings] == [
        pytest.approx((0.95, 0.05)),
        pytest.approx((0.4, 0.6)),
        pytest.approx((0.95, 0.05)),
    ]


def test_where_nothing_is_in_doubt_the_network_is_asked_once() -> None:
    asked = []

    def score(pictures: "list[Pixels]") -> Scores:
        asked.append(len(pictures))
        table: Floats = np.full((len(pictures), 1), 1, np.float32)
        return Scores(table, table)

    look_at(score, [fitted(60, 24)], looks=Looks(GEOMETRY, SECOND), locates=False, with_features=False)
    assert asked == [1]


def test_the_box_looks_twice_and_says_so_in_its_fingerprint_and_whoever_learns_from_it_keeps_that(
    tmp_path: Path,
) -> None:
    box = load_model("pretrained")
    assert box.closer_look is not None
    assert f"-L{box.closer_look.scale:g}-" in box.fingerprint
    assert box.closer_look.below >= box.unsure_below
    saved = save_model(box, tmp_path, training={})
    assert read_model_file(tmp_path).closer_look == box.closer_look
    assert saved.fingerprint == load_model(tmp_path).fingerprint
    save_closer_look(tmp_path, None)
    assert load_model(tmp_path).fingerprint == saved.fingerprint.partition("-L")[0]


def test_an_exported_file_looks_as_its_model_does(tmp_path: Path, crops: list[Image.Image]) -> None:
    box = load_model("pretrained")
    export_model(box, tmp_path / "box.onnx", format_name="onnx")
    exported = load_any_model(tmp_path / "box.onnx")
    assert exported.closer_look == box.closer_look
    ours, theirs = (Classifier(each)(crops) for each in (box, exported))
    for one, other in zip(ours, theirs, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-4)


def test_a_picture_in_doubt_reads_the_same_alone_and_in_company(crops: list[Image.Image]) -> None:
    classify = Classifier(load_model("pretrained"))
    together = classify(crops)
    assert any(each.probabilities and max(each.probabilities.values()) < 0.9 for each in together)
    for crop, found in zip(crops, together, strict=True):
        assert classify([crop])[0].probabilities == pytest.approx(found.probabilities, abs=1e-5)


@pytest.fixture
def crops() -> list[Image.Image]:
    """Noise of several sizes, of which a network is not sure."""
    rng = np.random.default_rng(0)
    return [
        Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
        for height, width in ((20, 20), (24, 90), (64, 64), (150, 40), (18, 200))
    ]
