from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.evaluation.robustness import DAMAGES, robustness
from model.labelled_folders.folders import read_examples
from model.networks.trained_model import Model
from tests.crops import draw_crop, write_crops
from tests.test_predict import model


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_changes_a_picture_but_at_its_neutral_level(name: str) -> None:
    damage, picture = DAMAGES[name], draw_crop("checked", 1)
    assert damage.neutral in damage.levels
    for level in damage.levels:
        spoilt = damage.apply(picture, level, 0.3)
        same = spoilt.size == picture.size and np.array_equal(np.asarray(spoilt), np.asarray(picture))
        assert same == (level == damage.neutral) or (name == "JPEG" and level == 100)


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("size", [(1, 1), (3, 90), (400, 2)])
def test_the_smallest_pictures_survive_every_damage(name: str, size: tuple[int, int]) -> None:
    for level in DAMAGES[name].levels:
        spoilt = DAMAGES[name].apply(Image.new("RGB", size), level, 0.6)
        assert min(spoilt.size) > 0


def test_a_shift_moves_what_is_seen_and_repeats_the_edge() -> None:
    picture = Image.new("RGB", (20, 10), "white")
    picture.putpixel((5, 5), (0, 0, 0))
    moved = np.asarray(DAMAGES["shift"].apply(picture, 0.3, 0.0))[..., 0]
    assert moved.shape == (10, 20)
    assert np.argwhere(moved == 0).tolist() == [[5, 8]]


def test_a_cut_takes_as_much_off_each_side() -> None:
    assert DAMAGES["cut"].apply(Image.new("RGB", (100, 40)), 0.1, 0.0).size == (92, 32)


def curves(loaded: Model, folder: Path, most: int, seed: int = 0) -> tuple[object, ...]:
    return robustness(loaded, read_examples(folder, loaded.classes), most=most, seed=seed, threads=1)


def test_curves_are_of_one_sample_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    loaded, folder = model(), write_crops(tmp_path, 3)
    found = robustness(loaded, read_examples(folder, loaded.classes), most=5, seed=1, threads=1)
    assert [(curve.damage, curve.n) for curve in found] == [(name, 5) for name in DAMAGES]
    neutral = {point.accuracy for curve in found for point in curve.points if point.level == curve.neutral}
    assert len(neutral) == 1
    assert curves(loaded, folder, 5, seed=1) == found
    assert curves(loaded, folder, 100)[0].n == 9  # type: ignore[attr-defined]


def test_progress_counts_the_levels(tmp_path: Path) -> None:
    loaded, seen = model(), []
    examples = read_examples(write_crops(tmp_path, 1), loaded.classes)
    robustness(loaded, examples, most=1, seed=0, threads=1, on_progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == list(range(1, seen[0][1] + 1))
