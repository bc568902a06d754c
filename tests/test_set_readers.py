"""Every format of `generate` opens whole in each reader that the docs name, and in our own."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from base.errors import InputError
from base.split_words import tears_sets
from generator.crops.manifest import read_manifest
from generator.datasets.dataset import GenerateSettings
from generator.formats.crop_formats import read_crops
from model.labelled_folders.folders import read_folder
from model.networks.torchvision_shim import import_torchvision
from tests.families import BOX
from tests.kept_worker import draw

pytestmark = pytest.mark.browser

FORMATS = ("folder", "webdataset", "parquet")
N = 36


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set in each format, of classes that are called as splits are, as hidden things are, and plainly."""
    root = tmp_path_factory.mktemp("readers")
    families = {"door": '"test", "__shut"', "gate": '"train", "dev 1"', "plain": '"open", "shut"'}
    (root / "templates").mkdir()
    for name, states in families.items():
        text = BOX.replace('"checked", "unchecked"', states)
        (root / "templates" / f"{name}.html").write_text(text, encoding="utf-8")
    for form in FORMATS:
        chosen = GenerateSettings(
            n=N, workers=1, format=form, templates=root / "templates", families=tuple(families), seed=3
        )
        draw(root / form, chosen)
    alone = GenerateSettings(n=6, workers=1, families=("button_filled",))
    draw(root / "alone", alone)
    return root


def expected(folder: Path) -> Counter[str]:
    return Counter(row.label for row in read_manifest(folder))


def sizes(folder: Path) -> list[tuple[int, int]]:
    return [(row.width, row.height) for row in read_manifest(folder)]


def load(folder: Path, cache: Path) -> Any:
    datasets = pytest.importorskip("datasets")
    parts = datasets.load_dataset(str(folder), cache_dir=str(cache))
    assert list(parts) == ["train"]
    return parts["train"]


def test_datasets_loads_class_folders_whatever_the_classes_are_called(made: Path, tmp_path: Path) -> None:
    loaded = load(made / "folder", tmp_path)
    names = loaded.features["label"].names
    assert Counter(names[row["label"]] for row in loaded) == expected(made / "folder")
    assert {name for name in names if tears_sets(name)} == {"test", "__shut", "train", "dev 1"}
    assert "taken for splits: __shut, dev 1, test, train" in (made / "folder" / "README.md").read_text(encoding="utf-8")


def test_datasets_keeps_the_labels_of_a_set_of_one_class(made: Path, tmp_path: Path) -> None:
    loaded = load(made / "alone", tmp_path)
    assert (loaded.features["label"].names, loaded["label"]) == (["other"], [0] * 6)


def test_datasets_loads_the_tar_shards(made: Path, tmp_path: Path) -> None:
    loaded = load(made / "webdataset", tmp_path)
    assert Counter(loaded["txt"]) == Counter(row["label"] for row in loaded["json"]) == expected(made / "webdataset")
    assert [row["png"].size for row in loaded] == [
        (row.width, row.height) for row in read_manifest(made / "webdataset")
    ]


def test_datasets_loads_parquet(made: Path, tmp_path: Path) -> None:
    loaded = load(made / "parquet", tmp_path)
    assert Counter(loaded["label"]) == expected(made / "parquet")
    assert [row["image"].size for row in loaded] == sizes(made / "parquet")


def test_torchvision_loads_class_folders_as_the_docs_say(made: Path) -> None:
    import_torchvision()
    document = (Path(__file__).parents[1] / "docs" / "data-sets.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```", document, flags=re.MULTILINE | re.DOTALL)
    known: dict[str, Any] = {}
    exec(example, known)  # what a reader of the docs types
    loaded = known["Crops"](str(made / "folder"))
    assert Counter(loaded.classes[label] for _, label in loaded.samples) == expected(made / "folder")
    assert loaded[0][0].mode == "RGB"


@pytest.mark.parametrize("form", FORMATS)
def test_every_command_reads_every_format(made: Path, form: str) -> None:
    report = read_folder(made / form)
    assert Counter(report.classes) == expected(made / form)
    assert (report.passed_over, report.splits, report.rows_without_picture) == ((), {}, ())
    rows = {row.file_name: row for row in read_manifest(made / form)}
    crops = {crop.row.file_name: crop.png for crop in read_crops(made / form)}
    for example in report.examples:
        name = example.name or example.path.relative_to(made / form).as_posix()
        row = rows[name]
        assert (example.label, example.group, example.family, example.box) == (
            row.label,
            row.group,
            row.family,
            row.box,
        )
        assert example.path.read_bytes() == crops[name]


def test_screens_are_refused_with_what_to_do(tmp_path: Path) -> None:
    draw(tmp_path / "screens", GenerateSettings(n=2, workers=1, format="coco", families=("switch_ios",)))
    with pytest.raises(InputError, match=r"whole screens with COCO's annotations.json.*generate --format folder"):
        read_folder(tmp_path / "screens")


def test_states_that_differ_in_their_spelling_are_not_drawn(tmp_path: Path) -> None:
    for name, states in {"one": '"open", "shut"', "two": '"Open", "ajar"'}.items():
        text = BOX.replace('"checked", "unchecked"', states)
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="the states 'Open' and 'open' differ in their spelling alone"):
        draw(tmp_path / "out", GenerateSettings(n=4, workers=1, templates=tmp_path, families=("one", "two")))
