"""Coarse pictures: what the first epochs see."""

from pathlib import Path

import numpy as np
import pytest

from model.learning.averaging import AveragedWeights
from model.learning.batches import Batch
from model.learning.coarse import COARSE_SCALE, scaled_geometry, shrink
from model.learning.learner import Optimisation
from model.reading.crop_fitting import Geometry
from model.training.train import TrainSettings, train
from tests.crops import write_crops
from tests.test_averaging import constant


def test_a_coarse_picture_is_two_thirds_as_large_and_its_box_lies_on_the_same_pixels() -> None:
    picture = np.zeros((48, 90, 3), np.uint8)
    picture[12:36, 30:60] = 255
    pixels, box = shrink(picture, np.array([30, 12, 30, 24], np.float32), COARSE_SCALE)
    assert pixels.shape == (32, 60, 3)
    assert box.tolist() == pytest.approx([20, 8, 20, 16])
    assert pixels[8:24, 20:40].min() > 200
    assert pixels[:7].max() == pixels[:, 41:].max() == 0


def test_no_picture_vanishes() -> None:
    assert shrink(np.zeros((1, 9, 3), np.uint8), np.zeros(4, np.float32), 0.1)[0].shape == (1, 1, 3)


@pytest.mark.parametrize(("height", "coarse"), [(48, 32), (96, 64), (40, 32), (24, 24)])
def test_canvases_shrink_too_but_not_below_what_networks_take(height: int, coarse: int) -> None:
    assert scaled_geometry(Geometry(height_px=height), COARSE_SCALE).height_px == coarse
    assert scaled_geometry(Geometry(height_px=height), 1.0) == Geometry(height_px=height)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"epochs": 10}, 0),
        ({"epochs": 10, "coarse_share": 0.3}, 3),
        ({"epochs": 10, "coarse_share": 0.7}, 7),
        ({"epochs": 3, "coarse_share": 0.5}, 1),
        ({"epochs": 3, "coarse_share": 0.99}, 2),
        ({"epochs": 1, "coarse_share": 0.9}, 0),
    ],
)
def test_the_first_epochs_are_coarse_where_that_is_asked_for_and_never_the_last(
    changes: dict[str, object], expected: int
) -> None:
    assert TrainSettings.model_validate(changes).coarse_epochs == expected


def test_training_sees_coarse_pictures_first_and_whole_ones_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heights: list[set[int]] = []
    learn = Optimisation.learn

    def watched(self: Optimisation, batches: list[Batch], *, frozen: bool = False):  # noqa: ANN202
        seen = list(batches)
        heights.append({batch.pictures.shape[1] for batch in seen})
        return learn(self, seen, frozen=frozen)

    monkeypatch.setattr(Optimisation, "learn", watched)
    settings = TrainSettings(backbone="tiny", epochs=3, threads=1, val_share=0.0, coarse_share=0.7)
    train(write_crops(tmp_path / "crops", 4), None, out=tmp_path / "run", settings=settings)
    assert heights == [{32}, {32}, {48}]


def test_an_average_that_begins_again_soon_forgets() -> None:
    layer = constant(0.0)
    average = AveragedWeights(layer, 0.999)
    for _ in range(200):
        average.update()
    layer.weight.data.fill_(1.0)
    average.begin_again()
    for _ in range(50):
        average.update()
    assert average.network.weight.item() > 0.99
