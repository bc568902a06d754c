import json
from pathlib import Path

import pytest

from base.errors import InputError, MissingError
from base.tabular.class_map import ClassMap, read_class_map
from model.evaluation.evaluate import evaluate
from model.labelled_folders.folders import read_folder
from model.networks.trained_model import load_model
from model.splitting.folds import split_folder
from model.training.crossval import Folding, cross_validate
from model.training.train import TrainSettings, train
from tests.crops import write_crops
from tests.test_cli import run

QUICK = TrainSettings(backbone="tiny", epochs=1, device="cpu")
WIDGETS = ClassMap(classes={"box": ("checked", "unchecked"), "none": ("other",)})


def write_map(folder: Path, text: str) -> Path:
    (folder / "map.toml").write_text(text)
    return folder / "map.toml"


def test_a_file_maps_folders_to_classes_many_to_one(tmp_path: Path) -> None:
    path = write_map(tmp_path, 'others = "leave_out"\n[classes]\nshoe = ["Sandal", "Ankle boot"]\nbag = ["Bag"]\n')
    read = read_class_map(path)
    assert [read.class_of(name) for name in ("Sandal", "Ankle boot", "bag", "Coat")] == ["shoe", "shoe", "bag", None]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[classes]\na = ['x']\nb = ['x']", "folder 'x' is named 2 times, in a, b"),
        ("[classes]\na = ['b']\nb = ['y']", "folder 'b' is called as a class and makes another"),
        ("[classes]\na = []", "class 'a' has no folders"),
        ("[classes]\n'a/b' = ['x']", "has a slash"),
        ("[classes]\n", "classes: "),
        ("others = 'drop'\n[classes]\na = ['x']", "others: "),
        ("classes", "is no TOML file"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_class_map(write_map(tmp_path, text))


def test_a_map_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no class map"):
        read_class_map(tmp_path / "none.toml")
    with pytest.raises(InputError, match="is a folder"):
        read_class_map(tmp_path)


def test_a_folder_in_no_class_is_refused_or_left_out_as_told(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 2)
    partly = {"on": ("checked",), "off": ("unchecked",)}
    with pytest.raises(InputError, match=r"in no class: other; it knows checked, off, on, unchecked; name them, or"):
        read_folder(folder, mapping=ClassMap(classes=partly))
    report = read_folder(folder, mapping=ClassMap(classes=partly, others="leave_out"))
    assert report.classes == {"off": 2, "on": 2}
    assert report.remarks == ("left out, being in no class of the class map: other 2",)


def test_a_map_of_none_of_the_folders_is_refused(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 1)
    with pytest.raises(InputError, match="checked, other, unchecked; it knows a, x"):
        read_folder(folder, mapping=ClassMap(classes={"a": ("x",)}, others="leave_out"))


def test_what_is_grouped_already_is_read_alike(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 1, labels=("box", "none"))
    assert read_folder(folder, mapping=WIDGETS).classes == {"box": 1, "none": 1}


def test_a_model_keeps_its_map_and_is_evaluated_and_continued_by_it(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 4)
    first = train(folder, folder, val=folder, out=tmp_path / "run", settings=QUICK, mapping=WIDGETS)
    assert first.model.classes == ("box", "none")
    loaded = load_model(tmp_path / "run")
    assert loaded.mapping == WIDGETS
    assert [score.support for score in evaluate(loaded, folder).per_class] == [8, 4]
    other = ClassMap(classes={"box": ("other", "checked"), "none": ("unchecked",)})
    assert evaluate(loaded, folder, mapping=other).n == 12
    more = train(None, folder, out=tmp_path / "more", settings=QUICK.model_copy(update={"init": tmp_path / "run"}))
    assert more.model.mapping == WIDGETS
    assert json.loads((tmp_path / "run" / "settings.json").read_text())["sources"]["mapping"]["others"] == "refuse"


def test_folds_are_dealt_and_predicted_by_the_map(tmp_path: Path) -> None:
    folder = write_crops(tmp_path / "crops", 3)
    assert {row.label for row in split_folder(folder, folds=2, mapping=WIDGETS).rows} == {"box", "none"}
    settings = {"out": tmp_path / "run", "settings": QUICK, "mapping": WIDGETS, "folding": Folding(2)}
    assert cross_validate(None, folder, **settings).oof.classes == ("box", "none")


def test_the_commands_take_a_map_and_a_resumed_run_holds_to_its_own(tmp_path: Path) -> None:
    folder, out = write_crops(tmp_path / "crops", 3), tmp_path / "run"
    path = write_map(tmp_path, '[classes]\nbox = ["checked", "unchecked"]\nnone = ["other"]\n')
    words = ["train", "--real", folder, "--out", out, "--classes", path, "--backbone", "tiny", "--epochs", "1"]
    assert "tiny for box, none" in run(*words)[1]
    assert run("evaluate", out, folder)[0] == 0
    assert run("evaluate", out, folder, "--classes", path)[0] == 0
    assert run("train", "--resume", "--out", out, "--classes", path)[0] == 0
    path.write_text('[classes]\nbox = ["checked"]\nnone = ["other", "unchecked"]\n')
    code, _, says = run("train", "--resume", "--out", out, "--classes", path)
    assert (code, "classes: " in says) == (1, True)
    assert run("split", folder, "--classes", path, "--folds", "2", "--out", tmp_path / "s.csv")[0] == 0
