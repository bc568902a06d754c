"""Exports are loaded whole by the reader that the docs name, whatever pictures and classes are called."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from active.exchange.labels import export_labels, import_labels
from active.store.events import QueueItem
from active.store.store import LabelStore
from base.errors import InputError
from model.labelled_folders.folders import read_folder

EVERYDAY = (
    "login_test.png", "train-2.png", "dev.png", "val 1.png", "plain.png", ".hidden.png", "a:b.png", "x[1].png",
    "page", "2024.05.01", "a.eval", "x-00000-of-00001.png", "straße.png", "quote\"'.png",
)  # fmt: skip
"""What people call pictures: words of splits, signs, no endings."""


def picture(number: int, form: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (number, 0, 0)).save(content, form)
    return content.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def label(store: LabelStore, path: Path, label: str, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    item = hashlib.sha256(content).hexdigest()
    queued = QueueItem(item, path, 0.5, "margin", label, {label: 1.0})
    store.add_batch(classes=[label], strategy="margin", model="m", items=[queued])
    store.record(item, "label", label)
    return item


def fill(store: LabelStore, pool: Path, classes: tuple[str, ...]) -> Counter[str]:
    for number, name in enumerate(EVERYDAY):
        label(store, pool / name, classes[number % len(classes)], picture(number))
    return Counter(each.label for each in store.labels())


def load(*words: str, cache: Path, **choices: Any) -> Counter[str]:
    """Load with the real reader, decode every picture and count its labels."""
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    parts = datasets.load_dataset(*words, cache_dir=str(cache), **choices)
    assert list(parts) == ["train"]
    names = getattr(parts["train"].features["label"], "names", None)
    assert all(row["image"].size == (8, 8) for row in parts["train"])
    return Counter(names[row["label"]] if names else row["label"] for row in parts["train"])


@pytest.mark.parametrize("name", ["folders", "imagefolder"])
@pytest.mark.parametrize(
    "classes",
    [
        ("checked", "unchecked"),
        ("train", "test", "on"),
        ("__on", 'half "on"', "a[b]*"),
        ("only",),
        ("dev 1", "pictures"),
    ],
    ids=" ".join,
)
def test_the_documented_reader_loads_every_picture_with_its_label(
    store: LabelStore, tmp_path: Path, name: str, classes: tuple[str, ...]
) -> None:
    expected = fill(store, tmp_path / "pool", classes)
    export_labels(store, tmp_path / "out", format_name=name)
    assert load(str(tmp_path / "out"), cache=tmp_path / "cache") == expected
    report = read_folder(tmp_path / "out")
    assert (report.classes, report.passed_over) == (dict(expected), ())


@pytest.mark.parametrize("classes", [("checked", "unchecked"), ("train", "test", "on"), ("__on", "a:b"), ("only",)])
def test_an_imagefolder_is_loaded_by_that_name_too(store: LabelStore, tmp_path: Path, classes: tuple[str, ...]) -> None:
    expected = fill(store, tmp_path / "pool", classes)
    export_labels(store, tmp_path / "out", format_name="imagefolder")
    assert load("imagefolder", cache=tmp_path / "cache", data_dir=str(tmp_path / "out")) == expected


def test_class_folders_are_loaded_as_an_imagefolder_where_the_classes_are_no_splits(
    store: LabelStore, tmp_path: Path
) -> None:
    expected = fill(store, tmp_path / "pool", ("checked", "unchecked"))
    export_labels(store, tmp_path / "out")
    assert load("imagefolder", cache=tmp_path / "cache", data_dir=str(tmp_path / "out")) == expected


def test_a_class_that_only_the_documented_reader_keeps_whole_is_said(
    store: LabelStore, tmp_path: Path, warned: list[str]
) -> None:
    fill(store, tmp_path / "pool", ("test", "on"))
    export_labels(store, tmp_path / "out", format_name="imagefolder")
    assert not any("data_dir" in line for line in warned)
    export_labels(store, tmp_path / "folders")
    [line] = [line for line in warned if "data_dir" in line]
    assert line.startswith("class 'test': `load_dataset(FOLDER)` reads it, and `load_dataset('imagefolder'")


def test_a_single_labelled_picture_is_loaded_too(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "pool" / "a.png", "on", picture(1))
    for name in ("folders", "imagefolder"):
        export_labels(store, tmp_path / name, format_name=name)
        assert load(str(tmp_path / name), cache=tmp_path / "cache") == {"on": 1}


def test_a_copy_gets_the_ending_of_its_content(store: LabelStore, tmp_path: Path) -> None:
    for number, (name, form) in enumerate(
        (("page", "PNG"), ("2024.05.01", "JPEG"), ("old.BMP", "BMP"), ("x.tmp", "WEBP"))
    ):
        label(store, tmp_path / "pool" / name, "on", picture(number, form))
    export_labels(store, tmp_path / "out")
    copies = {path.name for path in (tmp_path / "out" / "on").iterdir()}
    assert copies == {"page.png", "2024.05.01.jpg", "old.BMP", "x.tmp.webp"}


def test_a_renamed_copy_is_said_and_its_row_keeps_the_name(
    store: LabelStore, tmp_path: Path, warned: list[str]
) -> None:
    item = label(store, tmp_path / "pool" / "login_test.png", "on", picture(1))
    export_labels(store, tmp_path / "out")
    with (tmp_path / "out" / "labels.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["file"], Path(row["path"]).name) == (f"on/{item[:16]}.png", "login_test.png")
    assert "1 picture, login_test.png, is called by its content" in "\n".join(warned)


@pytest.mark.parametrize("name", [".on", "README.md", "on "])
def test_a_label_whose_folder_would_be_lost_is_refused(store: LabelStore, tmp_path: Path, name: str) -> None:
    label(store, tmp_path / "a.png", name, picture(1))
    with pytest.raises(InputError, match="cannot be the name of a folder"):
        export_labels(store, tmp_path / "out")


def test_labels_that_differ_in_their_spelling_are_not_exported_into_folders(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "a.png", "checked", picture(1))
    label(store, tmp_path / "b.png", "Checked", picture(2))
    with pytest.raises(InputError, match="the labels 'Checked' and 'checked' differ in their spelling alone"):
        export_labels(store, tmp_path / "out")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def pool(tmp_path: Path, count: int) -> None:
    for number in range(count):
        (tmp_path / f"{number}.png").write_bytes(picture(number))


def test_blanks_around_imported_labels_do_not_count(store: LabelStore, tmp_path: Path) -> None:
    pool(tmp_path, 2)
    table = write(tmp_path / "rows.csv", "file,label\n0.png,checked \n1.png, checked\n")
    import_labels(store, table, format_name="csv")
    assert {each.label for each in store.labels()} == {"checked"}


@pytest.mark.parametrize("other", ["Checked", "che cked", "chécked", "checked\u200b"])
def test_imported_labels_that_differ_in_their_spelling_are_refused(
    store: LabelStore, tmp_path: Path, other: str
) -> None:
    pool(tmp_path, 2)
    one = "che\u0301cked" if "é" in other else "checked"
    if "é" in other:
        other = "CHÉCKED"
    table = write(tmp_path / "rows.csv", f"file,label\n0.png,{one}\n1.png,{other}\n")
    with pytest.raises(InputError, match="differ in their spelling alone"):
        import_labels(store, table, format_name="csv")
    assert store.records() == []


def test_an_imported_label_that_the_store_spells_otherwise_is_refused(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "a.png", "checked", picture(9))
    pool(tmp_path, 1)
    with pytest.raises(InputError, match=r"rows.csv and .*labels.db: the labels 'Checked' and 'checked'"):
        import_labels(store, write(tmp_path / "rows.csv", "file,label\n0.png,Checked\n"), format_name="csv")


def test_one_picture_with_two_labels_and_no_time_is_disputed(
    store: LabelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pool(tmp_path, 1)
    (tmp_path / "copy.png").write_bytes(picture(0))
    for rows in ("0.png,on\n0.png,off\n", "0.png,on\ncopy.png,off\n"):
        import_labels(store, write(tmp_path / "rows.csv", f"file,label\n{rows}"), format_name="csv")
        assert [each.labels for each in store.disputes()] == [(("ann", "on"), ("ann", "off"))]
    assert "ann says on of 0.png and off of copy.png), and disputed" in caplog.text


def test_backslashes_in_imported_names_are_folders(store: LabelStore, tmp_path: Path) -> None:
    (tmp_path / "on").mkdir()
    (tmp_path / "on" / "a.png").write_bytes(picture(1))
    result = import_labels(store, write(tmp_path / "rows.csv", "file,label\non\\a.png,on\n"), format_name="csv")
    assert (result.new, result.failed) == (1, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,label\n0.png,on,off\n", r"rows.csv:2: 3 cells for 2 columns; put quotes"),
        ("file,label,label\n0.png,on,off\n", "two columns are called label"),
        ("file,file_name,label\n0.png,1.png,on\n", "name different files"),
    ],
)
def test_what_a_table_says_twice_is_refused(store: LabelStore, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        import_labels(store, write(tmp_path / "rows.csv", text), format_name="csv")


def test_pictures_that_no_row_names_are_said(store: LabelStore, tmp_path: Path, warned: list[str]) -> None:
    label(store, tmp_path / "pool" / "a.png", "on", picture(1))
    export_labels(store, tmp_path / "out", format_name="imagefolder")
    (tmp_path / "out" / "on" / "added.png").write_bytes(picture(2))
    import_labels(store, tmp_path / "out", format_name="imagefolder")
    assert f"{tmp_path / 'out'}: 1 picture that no row names: on/added.png" in "\n".join(warned)
