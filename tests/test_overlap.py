import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from base.errors import ModelError
from model.labelled_folders.folders import Example, read_examples
from model.labelled_folders.signatures import Signature, read_signatures
from model.splitting.folds import Fold, split_folder, write_split
from model.splitting.overlap import FILE, SeenPictures, find_across, find_overlap, load_seen, save_seen, sign
from tests.crops import draw_crop, write_crops


def examples(*paths: Path) -> list[Example]:
    return [Example(path, "on", path.name) for path in paths]


@pytest.fixture
def crop(tmp_path: Path) -> Path:
    path = tmp_path / "crop.png"
    draw_crop("checked", 1).save(path)
    return path


def found(crop: Path, other: Path) -> tuple[int, int]:
    overlap = sign([], examples(crop)).find(examples(other))
    return len(overlap.copies), len(overlap.near)


def test_a_copy_under_another_name_is_found_by_its_bytes(crop: Path, tmp_path: Path) -> None:
    shutil.copy(crop, tmp_path / "other.png")
    assert found(crop, tmp_path / "other.png") == (1, 0)


def as_jpeg(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return Image.open(buffer).convert("RGB")


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image,
        as_jpeg,
        lambda image: image.resize((image.width * 3 // 2, image.height * 3 // 2), Image.Resampling.BICUBIC),
    ],
    ids=["saved again", "JPEG", "enlarged"],
)
def test_a_picture_saved_in_another_way_is_near_identical(crop: Path, tmp_path: Path, change: object) -> None:
    with Image.open(crop) as image:
        change(image.convert("RGB")).save(tmp_path / "other.bmp")
    assert found(crop, tmp_path / "other.bmp") == (0, 1)


def test_the_other_state_of_a_box_is_another_picture(tmp_path: Path) -> None:
    for number in range(20):
        checked = draw_crop("checked", number)
        unchecked = checked.copy()
        unchecked.paste((245, 245, 245), (16, 16, 22, 22))
        checked.save(tmp_path / "checked.png")
        unchecked.save(tmp_path / "unchecked.png")
        assert found(tmp_path / "checked.png", tmp_path / "unchecked.png") == (0, 0)


def test_a_picture_of_another_shape_is_not_near_identical(crop: Path, tmp_path: Path) -> None:
    with Image.open(crop) as image:
        image.resize((image.width * 2, image.height)).save(tmp_path / "wide.png")
    assert found(crop, tmp_path / "wide.png") == (0, 0)


def test_of_those_only_hashed_no_near_identical_ones_are_found(crop: Path, tmp_path: Path) -> None:
    with Image.open(crop) as image:
        image.save(tmp_path / "again.bmp")
    seen = sign(examples(crop), [])
    assert len(seen.find(examples(crop)).copies) == 1
    assert not seen.find(examples(tmp_path / "again.bmp"))


def test_what_cannot_be_read_is_passed_over(crop: Path, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("I am a text")
    seen = sign(examples(tmp_path / "gone.png"), examples(tmp_path / "text.png"))
    assert len(seen.hashes) == len(seen.thumbnails) == 0
    assert seen.find(examples(crop, tmp_path / "text.png", tmp_path / "gone.png")).total == 3


def test_signatures_are_kept_and_added_up(crop: Path, tmp_path: Path) -> None:
    draw_crop("other", 1).save(tmp_path / "second.png")
    one, two = sign([], examples(crop)), sign(examples(tmp_path / "second.png"), [])
    save_seen(one | two, tmp_path)
    loaded = load_seen(tmp_path)
    assert isinstance(loaded, SeenPictures)
    assert np.array_equal(loaded.hashes, (one | two).hashes)
    assert len(loaded.find(examples(crop, tmp_path / "second.png")).copies) == 2
    assert (tmp_path / FILE).stat().st_size < 3000


def test_a_run_that_kept_none_has_none_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    assert load_seen(tmp_path) is None
    (tmp_path / FILE).write_bytes(b"PK no archive")
    with pytest.raises(ModelError, match=r"seen.npz is damaged"):
        load_seen(tmp_path)


def test_a_test_folder_is_compared_with_what_a_run_has_seen(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 4)
    assert find_overlap(tmp_path, read_examples(folder)) is None
    write_split(split_folder(folder, folds=2, by="crop"), tmp_path / "split.csv")
    kept, held_out = Fold(tmp_path / "split.csv", 0).divide(read_examples(folder), folder)
    save_seen(sign([], kept), tmp_path)
    assert not find_overlap(tmp_path, held_out)
    overlap = find_overlap(tmp_path, read_examples(folder))
    assert overlap == find_overlap(tmp_path / "checkpoints" / "epoch-001", read_examples(folder))
    assert overlap is not None
    assert overlap.copies == tuple(example.path for example in kept)
    text = overlap.to_text(names=1)
    assert text.startswith(f"{len(kept)} of {len(kept) + len(held_out)} pictures were in the training or validation")
    assert text.endswith(f"{kept[0].path}, …")


def test_copies_in_another_fold_are_found(crop: Path, tmp_path: Path) -> None:
    shutil.copy(crop, tmp_path / "copy.png")
    with Image.open(crop) as image:
        image.save(tmp_path / "again.bmp")
    draw_crop("other", 3).save(tmp_path / "alone.png")
    paths = [crop, tmp_path / "copy.png", tmp_path / "again.bmp", tmp_path / "alone.png"]
    signed = [each for each in read_signatures(paths) if isinstance(each, Signature)]
    assert not find_across(signed, [0, 0, 0, 1])
    overlap = find_across(signed, [0, 1, 2, 0])
    assert overlap.copies == (crop, tmp_path / "copy.png")
    assert overlap.near == (tmp_path / "again.bmp",)
