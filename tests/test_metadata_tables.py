"""Metadata of labelled folders as programs write it: splits in columns, words for no value, columns that contradict."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from base.errors import InputError
from model.labelled_folders.folder_report import FolderReport
from model.labelled_folders.folders import part_of, read_examples, read_folder


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def read(folder: Path, table: str, encoding: str = "utf-8") -> FolderReport:
    (folder / "metadata.csv").write_text(table, encoding=encoding)
    return read_folder(folder)


def found(report: FolderReport) -> dict[str, tuple[str, str]]:
    return {each.path.name: (each.label, each.split) for each in report.examples}


# Splits


@pytest.mark.parametrize("column", ["split", "Split", "set", "subset", "fold", "partition", "data split"])
def test_a_column_of_splits_is_used_as_folders_of_splits_are_and_said(tmp_path: Path, column: str) -> None:
    touch(tmp_path, "on/a.png", "on/b.png", "off/c.png", "off/d.png")
    report = read(tmp_path, f"file_name,{column}\non/a.png,train\non/b.png,Val\noff/c.png,test\noff/d.png,train\n")
    assert found(report) == {
        "a.png": ("on", "train"),
        "b.png": ("on", "validation"),
        "c.png": ("off", "test"),
        "d.png": ("off", "train"),
    }
    folded = "_".join(column.lower().split())
    assert report.notes() == (
        "splits: train 2, validation 1 (in Val), test 1",
        f"splits are those of column {folded!r} of the metadata",
    )
    assert [each.path.name for each in part_of(report, "training")] == ["d.png", "a.png"]


def test_pictures_in_no_split_are_left_out_and_counted(tmp_path: Path, warned: list[str]) -> None:
    touch(tmp_path, "on/a.png", "on/b.png", "off/c.png")
    report = read(tmp_path, "file_name,split\non/a.png,train\noff/c.png,train\non/b.png,\n")
    assert report.notes()[0] == "splits: train 2, none 1"
    assert [each.path.name for each in part_of(report, "training")] == ["c.png", "a.png"]
    assert warned == [f"{tmp_path}: used here: train; left out: no split 1"]


@pytest.mark.parametrize(
    ("values", "odd"), [(("0", "1"), "2 values name no split ('0', '1')"), (("train", "x"), "1 value names no split")]
)
def test_a_column_of_other_values_is_named_as_not_used(tmp_path: Path, values: tuple[str, str], odd: str) -> None:
    touch(tmp_path, "on/a.png", "off/b.png")
    report = read(tmp_path, f"file_name,fold\non/a.png,{values[0]}\noff/b.png,{values[1]}\n")
    assert report.splits == {}
    [note] = report.notes()
    assert note.startswith(f"column 'fold' of the metadata is not used: {odd}")


def test_a_column_that_contradicts_the_folders_or_another_column_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "train/on/a.png", "test/off/b.png")
    with pytest.raises(InputError, match=r"1 picture lies in another split than the metadata says, as test/off/b.png"):
        read(tmp_path, "file_name,split\ntrain/on/a.png,train\ntest/off/b.png,train\n")
    with pytest.raises(InputError, match=r"in two splits by columns set \('train'\) and split \('test'\)"):
        read(tmp_path, "file_name,split,set\ntest/off/b.png,test,train\n")
    assert read(tmp_path, "file_name,split\ntrain/on/a.png,training\n").splits == {"train": 1, "test": 1}


def test_a_split_column_of_a_parquet_table_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    png = io.BytesIO()
    Image.new("RGB", (8, 8)).save(png, "PNG")
    rows = [("on", "train", "1"), ("off", "test", "nan"), ("nan", "train", "2"), (None, "test", "3")]
    table = {
        "image": [{"bytes": png.getvalue(), "path": None} for _ in rows],
        "label": [label for label, _, _ in rows],
        "split": [split for _, split, _ in rows],
        "group": [group for _, _, group in rows],
    }
    (tmp_path / "set").mkdir()
    parquet.write_table(arrow.table(table), tmp_path / "set" / "a.parquet")
    report = read_folder(tmp_path / "set")
    assert [(each.label, each.split) for each in report.examples] == [("on", "train"), ("off", "test")]
    assert report.notes() == (
        "splits: train 1, test 1",
        "2 files passed over: 1 labelled 'nan', which is taken for no label (a.parquet/000002), "
        "1 without a label (a.parquet/000003)",
        "splits are those of column 'split' of the metadata",
        "1 row of the metadata has a group that is taken for none, as 'nan' (a.parquet/000001)",
    )


# No value


@pytest.mark.parametrize("word", ["nan", "NULL", "None", "N/A", "?", "-", ""])
def test_a_picture_whose_row_says_no_label_has_none(tmp_path: Path, word: str) -> None:
    touch(tmp_path, "shots/a.png", "shots/b.png", "shots/c.png")
    report = read(tmp_path, f"file_name,label\nshots/a.png,on\nshots/b.png,off\nshots/c.png,{word}\n")
    assert found(report) == {"a.png": ("on", ""), "b.png": ("off", "")}
    reason = f"labelled {word!r}, which is taken for no label" if word else "without a label"
    assert report.notes() == (f"1 file passed over: 1 {reason} (shots/c.png)",)


def test_splits_stay_splits_where_a_row_says_no_label(tmp_path: Path) -> None:
    touch(tmp_path, "train/a.png", "train/b.png", "test/c.png")
    report = read(tmp_path, "file_name,label\ntrain/a.png,on\ntrain/b.png,nan\ntest/c.png,off\n")
    assert found(report) == {"a.png": ("on", "train"), "c.png": ("off", "test")}


def test_a_class_folder_may_be_called_none_and_so_may_a_row_that_means_it(tmp_path: Path) -> None:
    touch(tmp_path, "one/none/a.png", "one/on/b.png", "two/a.png", "two/b.png")
    assert read_folder(tmp_path / "one").classes == {"none": 1, "on": 1}
    rows = "file_name,label,action\na.png,none,label\nb.png,on,label\n"
    assert read(tmp_path / "two", rows).classes == {"none": 1, "on": 1}


def test_pictures_whose_group_is_nan_are_in_no_group(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png", "off/b.png")
    report = read(tmp_path, "file_name,group\non/a.png,nan\noff/b.png,NaN\n")
    assert [each.group for each in report.examples] == ["off/b.png", "on/a.png"]
    assert report.notes() == ("2 rows of the metadata have a group that is taken for none, as 'nan' (on/a.png)",)


# Columns


def test_a_column_that_could_be_the_label_or_the_picture_is_named_where_it_says_otherwise(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png", "off/b.png")
    report = read(tmp_path, "file_name,class,image\non/a.png,on,a.png\noff/b.png,on,c.png\n")
    assert report.notes() == (
        "column 'class' is not read, though it says another label than the folders in 1 row, "
        "as 'on' and not 'off' (off/b.png)",
        "column 'image' is not read, though it says another picture than column file_name in 1 row, "
        "as 'c.png' and not 'off/b.png' (off/b.png)",
    )


def test_two_columns_of_file_names_that_differ_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png", "on/b.png")
    with pytest.raises(InputError, match=r"csv:2: file_name \('on/a.png'\) and file \('on/b.png'\) name different"):
        read(tmp_path, "file_name,file,group\non/a.png,on/b.png,1\n")


def test_labels_in_a_row_that_no_folder_can_be_called_by_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "b.png")
    with pytest.raises(InputError, match=r"'on/off' cannot be a class folder's name: it has a slash"):
        read(tmp_path, "file_name,label\na.png,on/off\nb.png,on\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_are_read_as_the_importer_of_labels_reads_them(tmp_path: Path, encoding: str, delimiter: str) -> None:
    touch(tmp_path, "a.png", "b.png")
    table = "File Name,Label\r\na.png,geprüft\r\nb.png,leer\r\n".replace(",", delimiter)
    assert read(tmp_path, table, encoding).classes == {"geprüft": 1, "leer": 1}


def test_lines_of_json_may_be_utf_16_and_say_nothing_twice(tmp_path: Path) -> None:
    touch(tmp_path, "a.png")
    lines = tmp_path / "metadata.jsonl"
    lines.write_text(json.dumps({"file_name": "a.png", "label": "on"}) + "\n", encoding="utf-16")
    assert [each.label for each in read_examples(tmp_path)] == ["on"]
    lines.write_text('{"file_name": "a.png", "label": "on", "label": "off"}')
    with pytest.raises(InputError, match="jsonl:1: label is given twice, as 'on' and 'off'"):
        read_examples(tmp_path)
