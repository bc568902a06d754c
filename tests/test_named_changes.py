from pathlib import Path

import numpy as np
import pytest
import torch

from base.errors import InputError
from model.learning.augment import augment
from model.learning.change_names import CHANGE_NAMES
from model.learning.named_changes import CHANGES, SCREEN, change_by_name, parse_changes
from model.training.train import TrainSettings, train
from tests.crops import write_crops
from tests.test_cli import run

BOX = torch.tensor([[10.0, 8.0, 20.0, 12.0]])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def marked(height: int = 48, width: int = 96) -> torch.Tensor:
    """A pale picture with a dark rectangle where BOX says."""
    picture = torch.full((1, 3, height, width), 0.9)
    picture[:, :, 8:20, 10:30] = 0.1
    return picture.contiguous(memory_format=torch.channels_last)


def changed(changes: dict[str, float], seeds: list[int]) -> torch.Tensor:
    pictures = torch.rand((1, 3, 48, 96), generator=generator(9)).repeat(len(seeds), 1, 1, 1)
    return change_by_name(pictures, torch.zeros(len(seeds), 4), np.array(seeds), changes, generator())[0]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_keeps_size_and_range_and_leaves_no_box_none(name: str) -> None:
    pictures, boxes = CHANGES[name](marked(), torch.zeros(1, 4), generator())
    assert pictures.shape == (1, 3, 48, 96)
    assert (float(pictures.min()) >= 0, float(pictures.max()) <= 1) == (True, True)
    assert not torch.equal(pictures, marked())
    assert boxes[0, 2] == 0 or name == SCREEN


@pytest.mark.parametrize("name", ["crop", "flip_horizontal", "flip_vertical", "rotate", "shift"])
@pytest.mark.parametrize("seed", range(4))
def test_a_box_goes_where_its_widget_goes(name: str, seed: int) -> None:
    pictures, boxes = CHANGES[name](marked(), BOX.clone(), generator(seed))
    rows, columns = torch.nonzero(pictures[0].mean(0) < 0.5, as_tuple=True)
    left, top, width, height = boxes[0].tolist()
    seen = [float(columns.min()), float(rows.min()), float(columns.max()) + 1, float(rows.max()) + 1]
    expected = [max(left, 0), max(top, 0), min(left + width, 96), min(top + height, 48)]
    assert seen == pytest.approx(expected, abs=1.6)


def test_help_names_what_there_is() -> None:
    assert tuple(CHANGES) == CHANGE_NAMES


def test_posterized_colours_are_few() -> None:
    assert len(CHANGES["posterize"](torch.rand(1, 3, 48, 96), BOX, generator())[0].unique()) <= 32


def test_a_picture_is_changed_by_its_own_seed_whatever_is_beside_it() -> None:
    mixed = {"rotate": 0.5, "posterize": 0.5, "dropout": 0.5, "blur": 0.5}
    alone, pair = changed(mixed, [7]), changed(mixed, [3, 7])
    assert torch.equal(alone[0], pair[1])
    assert not torch.equal(changed(mixed, [8])[0], alone[0])


def test_a_probability_is_how_often() -> None:
    flipped = changed({"flip_horizontal": 0.25}, list(range(400)))
    plain = changed({}, [0])
    share = float((flipped != plain).flatten(1).any(1).float().mean())
    assert share == pytest.approx(0.25, abs=0.07)


def test_the_default_is_what_screens_are_changed_by() -> None:
    pictures = torch.rand((3, 3, 48, 96), generator=generator(9))
    by_name, _ = change_by_name(pictures.clone(), torch.zeros(3, 4), np.arange(3), {SCREEN: 1.0}, generator(4))
    assert torch.equal(by_name, augment(pictures.clone(), torch.zeros(3, 4), generator(4))[0])


def test_changes_are_read_from_text() -> None:
    assert parse_changes("rotate=0.3, posterize=0.1") == {"rotate": 0.3, "posterize": 0.1}
    assert parse_changes("none") == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rotate", "'rotate' is not NAME=PROBABILITY"),
        ("rotate=often", "'rotate=often' is not NAME=PROBABILITY"),
        ("rotate=0.1,rotate=0.2", "rotate is named twice"),
        ("rotat=0.1", "unknown change of pictures 'rotat'; did you mean rotate?"),
        ("rotate=1.5", "rotate=1.5: a probability is from 0 to 1"),
    ],
)
def test_changes_that_are_none_are_refused_with_what_there_is(text: str, says: str, tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 1)
    code, _, error = run("train", "--real", folder, "--out", tmp_path / "run", "--augment", text)
    assert (code, error.count("\n"), says in error) == (1, 1, True), error


def test_a_training_is_changed_by_them_and_repeats(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 2)

    def weights(out: str, **augment: float) -> torch.Tensor:
        settings = TrainSettings(backbone="tiny", epochs=1, device="cpu", threads=1, augment=augment)
        return train(None, folder, out=tmp_path / out, settings=settings).model.network.head.weight

    first, again, plain = weights("a", rotate=1, contrast=0.5), weights("b", rotate=1, contrast=0.5), weights("c")
    assert torch.equal(first, again)
    assert not torch.equal(first, plain)


def test_bad_names_in_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown change of pictures 'turn'"):
        TrainSettings(augment={"turn": 0.5})
    with pytest.raises(InputError, match="names: blur, brightness"):
        parse_changes("=")
