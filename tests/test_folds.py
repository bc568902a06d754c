from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from base.errors import InputError, MissingError, OutputExistsError
from model.labelled_folders.folders import Example, read_examples
from model.splitting.folds import Fold, Split, choose_fold, deal, read_split, split_folder, write_split
from tests.crops import write_crops


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten crops of each class; two in a row are one group."""
    write_crops(tmp_path / "crops", 10)
    names = sorted(path.relative_to(tmp_path / "crops").as_posix() for path in (tmp_path / "crops").rglob("*.png"))
    rows = [f"{name},site {index // 2}" for index, name in enumerate(names)]
    (tmp_path / "crops" / "metadata.csv").write_text("\n".join(["file_name,group", *rows]) + "\n")
    return tmp_path / "crops"


def written(folder: Path, **choices: int) -> Path:
    path = folder.with_name("split.csv")
    write_split(split_folder(folder, **choices), path)
    return path


def test_every_class_is_spread_over_the_folds_and_groups_are_whole(folder: Path) -> None:
    split = split_folder(folder, folds=5)
    assert set(Counter((row.fold, row.label) for row in split.rows).values()) == {2}
    assert len({(row.group, row.fold) for row in split.rows}) == len({row.group for row in split.rows}) == 15


def test_the_same_seed_deals_the_same(folder: Path) -> None:
    assert split_folder(folder, seed=3) == split_folder(folder, seed=3) != split_folder(folder, seed=4)


def test_a_split_is_read_back_as_it_was_written(folder: Path) -> None:
    path = written(folder)
    assert read_split(path) == split_folder(folder)
    first = read_split(path).rows[0]
    assert path.read_text().splitlines()[:2] == [
        "file_name,label,group,fold",
        f"checked/0000.png,checked,site 0,{first.fold}",
    ]
    with pytest.raises(OutputExistsError, match=r"split.csv exists"):
        write_split(split_folder(folder), path)


def test_each_picture_is_held_out_in_one_fold(folder: Path) -> None:
    path, examples = written(folder, folds=3), read_examples(folder)
    divided = [Fold(path, number).divide(examples, folder) for number in range(3)]
    assert all(len(kept) + len(held_out) == 30 for kept, held_out in divided)
    assert sorted(example.path for _, held_out in divided for example in held_out) == [e.path for e in examples]


def test_examples_get_the_groups_of_the_file(folder: Path) -> None:
    path = written(folder)
    path.write_text(path.read_text().replace("site", "place"))
    kept, _ = Fold(path, 0).divide(read_examples(folder), folder)
    assert all(example.group.startswith("place ") for example in kept)


def test_a_split_of_other_pictures_is_refused(folder: Path) -> None:
    path = written(folder)
    write_crops(folder, 1, labels=("other",), first_seed=77)
    with pytest.raises(InputError, match=r"which has 1 picture that it does not name, as other/0077.png"):
        Fold(path, 0).divide(read_examples(folder), folder)
    (folder / "other" / "0077.png").unlink()
    (folder / "other" / "0000.png").unlink()
    with pytest.raises(InputError, match=r"which has not 1 that it names, as other/0000.png; split the folder again"):
        Fold(path, 0).divide(read_examples(folder), folder)


def test_a_fold_that_there_is_not_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match=r"no fold 5 in .*; it has folds 0 to 4"):
        Fold(written(folder), 5).divide(read_examples(folder), folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no picture"),
        ("file_name,label,group\na,on,g\n", r"split.csv:2: fold is missing; expected the number"),
        ("file_name,label,group,fold\na,on,g,x\n", r"split.csv:2: fold is 'x'; expected the number"),
        ("file_name,label,group,fold\na,on,g,0\nb,on,g,1\n", r"split.csv:3: group g is in fold 0 as well as 1"),
        ("file_name,label,group,fold\na,on,g,0\na,on,g,0\n", "a is named twice"),
    ],
)
def test_a_damaged_split_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "split.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_split(tmp_path / "split.csv")


def test_a_missing_split_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="boxwright split"):
        read_split(tmp_path / "split.csv")


def test_too_few_groups_pictures_or_folds_are_errors() -> None:
    examples = [Example(Path(str(n)), "on", "same") for n in range(9)]
    with pytest.raises(InputError, match="5 folds need at least as many groups; there are 1"):
        deal(examples, folds=5, seed=0)
    alone = [Example(Path(str(n)), "on" if n else "off", str(n)) for n in range(9)]
    with pytest.raises(InputError, match="5 folds need at least as many pictures of each class; off has 1"):
        deal(alone, folds=5, seed=0)
    with pytest.raises(InputError, match="at least 2"):
        deal(alone, folds=1, seed=0)


def test_a_fold_needs_a_file_and_a_number() -> None:
    assert choose_fold(None, None) is None
    assert choose_fold(Path("a.csv"), 0) == Fold(Path("a.csv"), 0)
    with pytest.raises(InputError, match="one of them is missing"):
        choose_fold(Path("a.csv"), None)


def test_the_text_shows_each_fold_by_class(folder: Path) -> None:
    lines = split_folder(folder).to_text().splitlines()
    assert lines[0] == "30 pictures in 15 groups, the largest of 2, 2, 2, 2, 2"
    assert lines[2].split() == ["fold", "groups", "pictures", "checked", "other", "unchecked"]
    assert lines[3].split() == ["0", "3", "6", "2", "2", "2"]


@given(groups=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20)), min_size=20, max_size=60))
def test_no_group_is_ever_in_two_folds(groups: list[tuple[str, int]]) -> None:
    examples = [Example(Path(str(n)), label, str(group)) for n, (label, group) in enumerate(groups)]
    try:
        folds = deal(examples, folds=3, seed=0)
    except InputError:
        return
    assert len({(e.group, fold) for e, fold in zip(examples, folds, strict=True)}) == len({e.group for e in examples})
    assert set(folds) == {0, 1, 2}


def test_a_split_knows_its_number_of_folds(folder: Path) -> None:
    assert Split(split_folder(folder, folds=4).rows).folds == 4


def test_what_cannot_be_read_is_not_dealt_and_does_not_make_the_split_one_of_other_pictures(
    tmp_path: Path, warned: list[str]
) -> None:
    folder = write_crops(tmp_path / "crops", 4)
    (folder / "checked" / "text.png").write_text("I am a text")
    (folder / "other" / "gone.png").symlink_to("nowhere.png")
    line = (
        f"{folder}: 2 pictures that cannot be read: 1 is not a picture (checked/text.png), "
        "1 no such file or directory (other/gone.png)"
    )
    split = split_folder(folder, folds=2, by="crop")
    assert (len(split.rows), warned) == (12, [line])
    write_split(split, tmp_path / "split.csv")
    warned.clear()
    kept, held_out = Fold(tmp_path / "split.csv", 0).divide(read_examples(folder), folder)
    assert (len(kept) + len(held_out), warned) == (12, [line])
    (folder / "checked" / "new.png").write_bytes((folder / "checked" / "0000.png").read_bytes())
    with pytest.raises(InputError, match="1 picture that it does not name, as checked/new"):
        Fold(tmp_path / "split.csv", 0).divide(read_examples(folder), folder)


def test_dealing_says_which_picture_has_two_labels(tmp_path: Path, warned: list[str]) -> None:
    folder = write_crops(tmp_path / "crops", 4)
    with Image.open(folder / "checked" / "0000.png") as image:
        image.save(folder / "other" / "again.bmp")
    split_folder(folder, folds=2, by="crop")
    [line] = warned
    assert line.startswith(f"{folder}: 1 picture is there under two labels, as ")
    assert "again.bmp (other)" in line
