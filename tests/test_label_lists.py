from pathlib import Path

import pytest

from base.errors import BoxwrightError
from model.labelled_folders.folders import read_examples, read_folder
from tests.crops import write_crops
from tests.test_folder_commands import run


def write_list(folder: Path, *rows: str) -> Path:
    path = folder / "list.csv"
    path.write_text("\n".join(["path,label,split,group", *rows]) + "\n")
    return path


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    return write_crops(tmp_path / "crops", 3, labels=("checked", "unchecked"))


def test_a_list_is_read_from_where_it_lies(crops: Path, tmp_path: Path) -> None:
    listed = write_list(tmp_path, "crops/checked/0000.png,on,train,a", f"{crops}/unchecked/0000.png,off,val,")
    one, other = read_examples(listed)
    assert (one.path.read_bytes(), one.label, one.split, one.group) == (
        (crops / "checked" / "0000.png").read_bytes(),
        "on",
        "train",
        "a",
    )
    assert (other.label, other.split, other.group) == ("off", "validation", f"{crops}/unchecked/0000.png")
    assert read_folder(listed).classes == {"off": 1, "on": 1}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "names no picture"),
        (["crops/checked/0000.png,"], r"list.csv:2: a picture's path and its label are needed"),
        (["gone.png,on"], "1 of its 1 pictures are not there, the first .*gone.png"),
        (["crops/checked/0000.png,on,fold3,"], "split: 'fold3' is none"),
        (["crops/checked/0000.png,on,,", "crops/checked/0000.png,off,,"], "is named twice"),
        (["crops/checked/0000.png,on,,", "crops/checked/0001.png,On,,"], "classes"),
    ],
)
def test_a_list_that_is_wrong_is_refused(rows: list[str], message: str, crops: Path, tmp_path: Path) -> None:
    assert crops.exists()
    with pytest.raises(BoxwrightError, match=message):
        read_folder(write_list(tmp_path, *rows))


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BoxwrightError, match="a list without a column path; found a, b"):
        read_folder(tmp_path / "other.csv")
    with pytest.raises(BoxwrightError, match="no folder or list"):
        read_folder(tmp_path / "gone.csv")


def test_commands_take_a_list_for_a_folder(crops: Path, tmp_path: Path) -> None:
    rows = [f"crops/{path.relative_to(crops)},{path.parent.name},," for path in sorted(crops.rglob("*.png"))]
    listed = write_list(tmp_path, *rows)
    code, stdout, _ = run("inspect", listed)
    assert code == 0
    assert "6 pictures, a list of pictures\nclasses: checked 3, unchecked 3" in stdout
    code, _, stderr = run("split", listed, "--folds", "2", "--by", "crop", "--out", tmp_path / "split.csv")
    assert (code, stderr) == (0, "")
    words = ("--backbone", "small", "--epochs", "1", "--out", tmp_path / "run", "--split", tmp_path / "split.csv")
    code, stdout, stderr = run("train", "--real", listed, *words, "--fold", "0")
    assert code == 0, stderr
    assert "small for checked, unchecked" in stdout
