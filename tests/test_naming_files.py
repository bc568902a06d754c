"""Files beside labelled pictures that say something of them: what is not read is named, what contradicts is refused."""

import gzip
import io
from pathlib import Path

import pytest
from PIL import Image

from active.exchange.labels import import_labels
from active.store.store import LabelStore
from base.errors import InputError
from model.labelled_folders.folders import read_folder
from tests.test_metadata_tables import read, touch

NAMES = "text that names pictures and is not read"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.csv", "path,label\non/a.png,on\n"),
        ("annotations.csv", "filename;label\na.png;on\n"),
        ("Metadata.csv", "file_name,label\nA.PNG,on\n"),
        ("metadata.tsv", "file_name\tlabel\na.png\ton\n"),
        ("labels.json", '[{"file": "on/a.png", "label": "on"}]'),
        ("list.txt", "a.png on\n"),
        ("stems.csv", "name,label\na,on\nb,off\n"),
        ("voc/a.xml", "<annotation><filename>a.png</filename></annotation>"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_that_names_pictures_is_named_with_what_to_do(
    tmp_path: Path, name: str, text: str, encoding: str
) -> None:
    touch(tmp_path, "on/a.png", "off/b.png", name)
    (tmp_path / name).write_text(text, encoding=encoding)
    if name.startswith("voc/"):
        name = "on/a.xml"
        (tmp_path / "voc/a.xml").rename(tmp_path / name)
        (tmp_path / "voc").rmdir()
    first, hint = read_folder(tmp_path).notes()[:2]
    assert first == f"1 file passed over: 1 {NAMES} ({name})"
    assert hint.startswith(f"what {name} says of pictures is not read: only metadata.csv and metadata.jsonl are")
    assert "`boxwright labels import`" in hint


def test_packed_tables_and_spreadsheets_are_named_too(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png", "off/b.png", "metadata.xlsx")
    (tmp_path / "metadata.csv.gz").write_bytes(gzip.compress(b"file_name,label\na.png,on\n"))
    first, hint = read_folder(tmp_path).notes()
    assert first == (
        f"2 files passed over: 1 {NAMES} (metadata.csv.gz), 1 spreadsheet that is not read (metadata.xlsx)"
    )
    assert hint.startswith("what metadata.csv.gz, metadata.xlsx say of pictures")


def test_text_that_names_no_picture_is_text(tmp_path: Path) -> None:
    touch(tmp_path, "on/a.png", "off/b.png")
    (tmp_path / "notes.txt").write_text("taken on Monday; see c.png")
    assert read_folder(tmp_path).notes() == ("1 file passed over: 1 text (notes.txt)",)


# labels.csv, which `labels import` reads


@pytest.fixture
def contradicted(tmp_path: Path) -> Path:
    touch(tmp_path / "set", "on/a.png", "off/b.png")
    (tmp_path / "set/labels.csv").write_text("path,label\non/a.png,off\noff/b.png,off\n")
    return tmp_path / "set"


def test_a_table_of_labels_that_contradicts_the_folders_is_refused_by_all(contradicted: Path, tmp_path: Path) -> None:
    message = r"1 picture lies in another folder than labels.csv says, as on/a.png, labelled 'off' \(line 2\)"
    with pytest.raises(InputError, match=message):
        read_folder(contradicted)
    with (
        LabelStore.open(tmp_path / "labels.db", annotator="ann") as store,
        pytest.raises(InputError, match=message),
    ):
        import_labels(store, contradicted)


def test_a_table_whose_labels_are_no_folders_is_taken_in_and_said_to_differ(tmp_path: Path) -> None:
    touch(tmp_path / "set", "shop/a.png", "bank/b.png")
    (tmp_path / "set/labels.csv").write_text("file,label\nshop/a.png,on\nbank/b.png,off\nbank/c.png,off\n")
    notes = read_folder(tmp_path / "set").notes()
    assert notes[2:] == (
        "labels.csv labels 2 pictures otherwise than the folders are called, as shop/a.png 'on' (line 2)",
        "1 row of labels.csv without a picture: bank/c.png",
    )


def test_the_pictures_that_no_row_of_the_table_names_are_those(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    touch(tmp_path / "set/on", "a.png", "b.png")
    for number, name in enumerate("abc"):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / f"set/on/{name}.png")
    (tmp_path / "set/labels.csv").write_text(f"path,label\non/a.png,on\n{tmp_path}/set/on/c.png,on\n")
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        assert import_labels(store, tmp_path / "set").classes == {"on": 2}
    assert "1 picture that no row names: on/b.png" in caplog.text


# Columns and labels of the metadata


def test_columns_that_are_not_used_are_named_in_one_line(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "b.png")
    report = read(tmp_path, "file_name,label,is_test,Site,empty,label_names\na.png,0,1,x,,on\nb.png,1,0,y,,off\n")
    assert report.notes() == (
        "3 columns of the metadata are not used: 'is_test', 'site', 'label_names'; used are file_name, label, group, "
        "family, kind, box, window and split",
    )


def test_columns_of_a_parquet_table_that_are_not_used_are_named_and_minus_one_is_no_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    (tmp_path / "set").mkdir()
    table = {"crop": [file.getvalue()] * 3, "label": [0, 1, -1], "is_train": [True, False, True]}
    parquet.write_table(arrow.table(table), tmp_path / "set/a.parquet")
    report = read_folder(tmp_path / "set")
    assert report.classes == {"0": 1, "1": 1}
    assert report.notes() == (
        "1 file passed over: 1 labelled '-1', which is taken for no label (a.parquet/000002)",
        "1 column of the metadata is not used: 'is_train'; used are file_name, label, group, family, kind, box, window "
        "and split",
    )


def test_several_labels_in_a_row_of_the_metadata_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "b.png")
    with pytest.raises(InputError, match=r"the metadata: label 'on\|off' is 2 values, 'on', 'off', and a picture has"):
        read(tmp_path, "file_name,label\na.png,on|off\nb.png,on\n")


# Folders without labelled pictures


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (
            "file_name,label\nA.PNG,on\n",
            "1 row of the metadata names no picture, as A.PNG: names begin at",
        ),
        ("file_name,label\na,on\n", "1 row of the metadata names no picture, as a: "),
        ("file_name,text\na.png,on\n", "1 row of the metadata has no column label, only text"),
    ],
)
def test_metadata_that_labels_nothing_is_explained(tmp_path: Path, table: str, why: str) -> None:
    touch(tmp_path, "a.png")
    with pytest.raises(InputError, match=f"its 1 picture has no label; .*; {why}"):
        read(tmp_path, table)


def test_a_table_beside_loose_pictures_is_named_in_the_refusal(tmp_path: Path) -> None:
    touch(tmp_path, "a.png")
    (tmp_path / "labels.csv").write_text("path,label\na.png,on\n")
    with pytest.raises(InputError, match=r"no class folders .*; what labels.csv says of pictures is not read"):
        read_folder(tmp_path)


@pytest.mark.parametrize("boxes", ["labels", "Annotations", "train/labels"])
def test_sets_for_detecting_are_told_what_class_folders_look_like(tmp_path: Path, boxes: str) -> None:
    parent = boxes.rpartition("/")[0]
    touch(tmp_path, f"{parent}/images/0.png".lstrip("/"), f"{boxes}/0.txt", *(["test/images/1.png"] if parent else []))
    with pytest.raises(InputError, match=f"{boxes}; it looks like the boxes of a set for detecting .* checked/a.png"):
        read_folder(tmp_path)
