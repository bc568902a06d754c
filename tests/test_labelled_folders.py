"""Labelled folders as people have them: splits, spellings, rows that match nothing, and nothing lost without a word."""

import os
import shutil
import string
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from PIL import Image

from base.errors import InputError
from base.split_words import split_of, tears_sets
from model.labelled_folders.folder_inspection import inspect_folder
from model.labelled_folders.folder_listing import ASIDE
from model.labelled_folders.folder_report import FolderReport
from model.labelled_folders.folders import part_of, read_examples, read_folder
from tests.crops import draw_crop, write_crops

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\2\0\1H\xaf\xa4q"
    b"\0\0\0\0IEND\xaeB`\x82"
)


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PNG)
    return folder


def names(report: FolderReport) -> list[tuple[str, str, str]]:
    return [(each.path.relative_to(report.folder).as_posix(), each.label, each.split) for each in report.examples]


def passed(report: FolderReport) -> dict[str, str]:
    return {each.name: each.reason for each in report.passed_over}


@pytest.mark.parametrize(
    ("word", "split"),
    [
        *((word, "train") for word in ("train", "training", "Train")),
        *((word, "validation") for word in ("val", "valid", "validation", "dev")),
        *((word, "test") for word in ("test", "testing", "eval", "evaluation", "TEST ")),
    ],
)
def test_a_folder_of_class_folders_that_is_called_like_a_split_is_one(tmp_path: Path, word: str, split: str) -> None:
    report = read_folder(put(tmp_path, f"{word}/on/a.png", f"{word}/off/b.png"))
    assert (report.classes, report.splits) == ({"off": 1, "on": 1}, {split: 2})


def test_splits_are_said_in_a_line_with_the_folders_they_are_in(tmp_path: Path) -> None:
    put(tmp_path, "train/on/a.png", "train/off/b.png", "val/on/c.png", "dev/on/d.png", "test/off/e.png")
    assert read_folder(tmp_path).notes() == ("splits: train 2, validation 2 (in dev, val), test 1",)


def test_splits_within_all_class_folders_are_splits_too(tmp_path: Path) -> None:
    report = read_folder(put(tmp_path, "on/train/a.png", "on/test/b.png", "off/train/c.png"))
    assert (report.classes, report.splits) == ({"off": 1, "on": 2}, {"train": 2, "test": 1})


def test_splits_within_some_class_folders_are_said_and_used_with_the_rest(tmp_path: Path) -> None:
    report = read_folder(put(tmp_path, "on/test/a.png", "off/b.png"))
    assert (report.classes, report.splits) == ({"off": 1, "on": 1}, {})
    assert report.notes() == ("1 picture in a folder called like a split is used with the rest: on/test",)


def test_classes_may_be_called_like_splits_where_they_hold_the_pictures(tmp_path: Path) -> None:
    assert read_folder(put(tmp_path / "one", "test/a.png", "on/b.png")).classes == {"on": 1, "test": 1}
    both = read_folder(put(tmp_path / "two", "test/a.png", "train/b.png"))
    assert (both.classes, both.splits) == ({"test": 1, "train": 1}, {})
    assert both.notes() == ("folders called like splits hold pictures and are taken for classes: test, train",)


def test_splits_beside_class_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds splits \(train\) beside folders that are none \(off, on\)"):
        read_folder(put(tmp_path, "train/on/a.png", "on/b.png", "off/c.png"))


@pytest.mark.parametrize(
    ("part", "used", "left"),
    [
        ("training", "train", "validation 1, test 1"),
        ("validation", "validation", "train 2, test 1"),
        ("test", "test", "train 2, validation 1"),
        ("folds", "train, validation", "test 1"),
    ],
)
def test_each_part_is_its_split_and_what_is_left_out_is_said(
    tmp_path: Path, warned: list[str], part: str, used: str, left: str
) -> None:
    put(tmp_path, "train/on/a.png", "train/off/b.png", "val/on/c.png", "test/on/d.png")
    examples = read_examples(tmp_path, part=part)  # type: ignore[arg-type]  # one of them
    assert {example.split for example in examples} == set(used.split(", "))
    assert warned[-1] == f"{tmp_path}: used here: {used}; left out: {left}"


def test_where_a_split_is_missing_the_next_will_do_but_not_to_train_on(tmp_path: Path) -> None:
    report = read_folder(put(tmp_path, "val/on/a.png", "val/off/b.png"))
    assert len(part_of(report, "test")) == 2
    with pytest.raises(InputError, match="no split to train on, only validation"):
        part_of(report, "training")


@pytest.mark.parametrize("other", ["Checked", "checked ", "ChecKed", "che cked"])
def test_class_folders_that_differ_in_their_spelling_are_refused_with_both(tmp_path: Path, other: str) -> None:
    put(tmp_path, "checked/a.png", f"{other}/b.png")
    with pytest.raises(InputError, match="differ in their spelling alone") as caught:
        read_folder(tmp_path)
    assert repr(other) in str(caught.value)
    assert "'checked'" in str(caught.value)


def test_unicode_forms_of_one_class_are_refused_and_blanks_around_a_name_dropped(tmp_path: Path) -> None:
    put(tmp_path / "one", "cafe\u0301/a.png", "caf\u00e9/b.png")
    with pytest.raises(InputError, match="differ in their spelling alone"):
        read_folder(tmp_path / "one")
    assert read_folder(put(tmp_path / "two", "on /a.png", "cafe\u0301/b.png")).classes == {"on": 1, "caf\u00e9": 1}


def test_a_class_that_the_model_spells_otherwise_is_named_with_its_spelling(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="and the model: the classes 'Checked' and 'checked'"):
        read_folder(put(tmp_path, "Checked/a.png"), ["checked", "unchecked"])


@pytest.mark.parametrize("written", ["./on/a.png", "on\\a.png", "on//a.png", " on/a.png ", "on/x/../a.png"])
def test_names_in_metadata_are_found_however_they_are_written(tmp_path: Path, written: str) -> None:
    put(tmp_path, "on/a.png", "off/b.png")
    (tmp_path / "metadata.csv").write_text(f"file_name,group\n{written},shop\noff/b.png,shop\n", encoding="utf-8")
    report = read_folder(tmp_path)
    assert {example.group for example in report.examples} == {"shop"}
    assert report.notes() == ()


def test_names_in_metadata_are_found_in_either_unicode_form(tmp_path: Path) -> None:
    put(tmp_path, "on/cafe\u0301.png")
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "on/caf\\u00e9.png", "group": "shop"}', encoding="utf-8")
    assert [example.group for example in read_folder(tmp_path).examples] == ["shop"]


def test_rows_and_pictures_without_a_partner_are_counted_and_named(tmp_path: Path) -> None:
    put(tmp_path, "on/a.png", "on/b.png")
    (tmp_path / "metadata.csv").write_text("file_name,group\non/a.png,x\non/gone.png,x\non/lost.png,x\n")
    assert read_folder(tmp_path).notes() == (
        "2 rows of the metadata without a picture: on/gone.png, on/lost.png",
        "1 picture without a row in the metadata: on/b.png",
    )


def test_rows_that_differ_on_one_picture_are_refused_and_equal_ones_are_not(tmp_path: Path) -> None:
    put(tmp_path, "on/a.png")
    (tmp_path / "metadata.csv").write_text("file_name,group\non/a.png,x\n./on/a.png,x\n")
    assert [example.group for example in read_folder(tmp_path).examples] == ["x"]
    (tmp_path / "metadata.csv").write_text("file_name,group\non/a.png,x\n./on/a.png,y\n")
    with pytest.raises(InputError, match=r"metadata.csv:3: on/a.png has another row in .*metadata.csv:2, and they"):
        read_folder(tmp_path)


def test_a_row_with_another_label_than_its_folder_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "on/a.png", "off/b.png")
    (tmp_path / "metadata.csv").write_text("file_name,label\non/a.png,off\noff/b.png,off\n")
    with pytest.raises(InputError, match=r"1 picture lies in another class folder than .* as on/a.png, labelled 'off'"):
        read_folder(tmp_path)


def test_pictures_are_labelled_by_metadata_where_no_folder_is_a_class(tmp_path: Path) -> None:
    put(tmp_path, "train/a.png", "train/b.png", "train/c.png", "test/d.png")
    (tmp_path / "train" / "metadata.csv").write_text("file_name,label\na.png,on\nb.png,off\n")
    (tmp_path / "test" / "metadata.csv").write_text("file_name,label\nd.png,on\n")
    with pytest.raises(InputError, match="holds splits"):  # c.png has no label, so that train is no split
        read_folder(tmp_path)
    (tmp_path / "train" / "c.png").unlink()
    found = names(read_folder(tmp_path))
    assert found == [("test/d.png", "on", "test"), ("train/a.png", "on", "train"), ("train/b.png", "off", "train")]


def test_labels_of_the_metadata_that_pass_over_the_folders_names_are_said(tmp_path: Path) -> None:
    put(tmp_path, "x/a.png", "y/b.png")
    (tmp_path / "metadata.csv").write_text("file_name,label\nx/a.png,on\ny/b.png,off\n")
    assert read_folder(tmp_path).classes == {"off": 1, "on": 1}
    assert read_folder(tmp_path).notes() == ("labels are those of the metadata, not the folders' names (x, y)",)


def test_what_is_passed_over_is_named_with_the_reason(tmp_path: Path) -> None:
    put(tmp_path, "on/a.png", "on/.b.png", ".cache/c.png", "d.png", "on/noending")
    (tmp_path / "on" / "x").write_bytes(b"PK\3\4")
    (tmp_path / "on" / "notes.txt").write_text("x")
    (tmp_path / "metadata.parquet").write_bytes(b"")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "on" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").rmdir()
    (tmp_path / "on" / "link").unlink()
    (tmp_path / "on" / "link").symlink_to(put(tmp_path / ".out", "x.png"))
    report = read_folder(tmp_path)
    assert names(report) == [("on/a.png", "on", ""), ("on/noending", "on", "")]
    assert passed(report) == {
        "on/.b.png": "hidden", ".cache/c.png": "hidden", ".out/x.png": "hidden", "d.png": "beside the class folders",
        "on/notes.txt": "text", "on/link": "link to a folder", "metadata.parquet": "metadata that is not read",
        "on/x": "zip archive",
    }  # fmt: skip


def test_what_boxwright_writes_beside_pictures_is_not_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "on/a.png", ".card/crops.png")
    for name in ("README.md", "labels.csv", "dataset.json", ".boxwright", "rest.jsonl", ".DS_Store"):
        (tmp_path / name).write_text("x" if name != "labels.csv" else "file,path,sha256,action,label\non/a.png,,,,on\n")
    assert read_folder(tmp_path).notes() == ()


def test_a_class_folder_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "a.png")
    put(tmp_path / "set", "off/b.png")
    (tmp_path / "set" / "on").symlink_to(tmp_path / "elsewhere")
    assert read_folder(tmp_path / "set").classes == {"off": 1, "on": 1}


def test_groups_on_both_sides_of_a_split_and_in_two_spellings_are_said(tmp_path: Path) -> None:
    put(tmp_path, "train/on/a.png", "train/off/b.png", "test/on/c.png")
    rows = ["train/on/a.png,shop", "train/off/b.png,Shop", "test/on/c.png,shop"]
    (tmp_path / "metadata.csv").write_text("\n".join(["file_name,group", *rows]))
    assert read_folder(tmp_path).notes()[1:] == (
        "1 group in more than one split: shop",
        "groups that differ in their spelling alone, and are taken for different ones: 'shop' and 'Shop'",
    )


def test_inspecting_finds_equal_pictures_under_two_labels(tmp_path: Path) -> None:
    write_crops(tmp_path, 2)
    assert inspect_folder(tmp_path).remarks == ()
    shutil.copy(tmp_path / "checked" / "0000.png", tmp_path / "other" / "copy.png")
    [remark] = inspect_folder(tmp_path).remarks
    assert remark.startswith("1 picture is there under two labels, as ")
    assert "copy.png (other)" in remark


def test_inspecting_finds_one_picture_in_two_formats_under_two_labels_and_in_two_splits(tmp_path: Path) -> None:
    for split, seed in (("train", 0), ("test", 10)):
        write_crops(tmp_path / split, 2, first_seed=seed)
    assert inspect_folder(tmp_path).remarks == ()
    with Image.open(tmp_path / "train" / "checked" / "0000.png") as image:
        image.save(tmp_path / "test" / "other" / "again.bmp")
    shutil.copy(tmp_path / "train" / "other" / "0001.png", tmp_path / "test" / "other" / "copy.png")
    labels, splits = inspect_folder(tmp_path).remarks
    assert labels.startswith("1 picture is there under two labels, as ")
    assert "again.bmp (other)" in labels
    assert splits.startswith("2 pictures are in two splits, as ")
    assert "again.bmp (test)" in splits
    assert "0000.png (train)" in splits


def test_inspecting_counts_and_names_what_cannot_be_read_apart(tmp_path: Path) -> None:
    write_crops(tmp_path, 2)
    whole = (tmp_path / "checked" / "0000.png").read_bytes()
    (tmp_path / "checked" / "text.png").write_text("I am a text")
    (tmp_path / "checked" / "empty.jpg").touch()
    (tmp_path / "other" / "half.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "other" / "gone.png").symlink_to("nowhere.png")
    report = inspect_folder(tmp_path)
    assert report.classes == {"checked": 2, "other": 2, "unchecked": 2}
    assert report.notes() == (
        "4 pictures that cannot be read: 1 is empty (checked/empty.jpg), 1 is not a picture (checked/text.png), "
        "1 no such file or directory (other/gone.png), 1 is truncated (other/half.png)",
    )
    assert [each["name"] for each in report.to_dict()["unreadable"]] == [each.name for each in report.unreadable]
    for path in tmp_path.glob("*/000*.png"):
        path.write_text("I am a text")
    with pytest.raises(
        InputError, match=r"none of its 10 pictures can be read: 7 is not a picture \(checked/0000.png, .*, 1 is empty"
    ):
        inspect_folder(tmp_path)


def test_an_unlistable_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "on/a.png")

    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InputError, match=r"cannot list .*: permission denied"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("name", "torn"),
    [
        ("login_test.png", True), ("test", True), ("dev 1", True), ("val.png", True), ("x-train", True),
        ("contest.png", False), ("latest", False), ("devil.png", False), ("checked", False), ("0001.png", False),
        ("__on", True), (".on", True), ("a:b", True), ("caf\udce9.png", True), ("café.png", False),
    ],
)  # fmt: skip
def test_names_that_tear_a_set_are_known(name: str, torn: bool) -> None:
    assert tears_sets(name) == torn


def test_our_words_are_those_of_datasets() -> None:
    data_files = pytest.importorskip("datasets.data_files")
    theirs = {word: str(split) for split, words in data_files.SPLIT_KEYWORDS.items() for word in words}
    assert {word: split_of(word) for word in theirs} == theirs


SEGMENTS = st.one_of(
    st.sampled_from(
        ["on", "off", "On", "on ", "test", "train", "val", "dev", "eval", ".hidden", "..x", "a.b", "café", "cafe\u0301",
         "data", "__x", "half on", "ｏｎ", "metadata", "x[1]", "İ", "ß", "-"]
    ),
    st.text(string.ascii_letters + " .-_é\u0301", min_size=1, max_size=6),
).filter(lambda text: text not in (".", "..", *ASIDE) and text.strip())  # fmt: skip
FILES = st.tuples(SEGMENTS, st.sampled_from([".png", ".PNG", "", ".jpg", ".txt", ".test", ".tar.png"])).map("".join)
TREES = st.lists(
    st.tuples(st.lists(SEGMENTS, max_size=3), FILES).map(lambda parts: "/".join([*parts[0], parts[1]])),
    min_size=1,
    max_size=12,
    unique=True,
)


@settings(max_examples=300, deadline=None)
@given(tree=TREES)
def test_nothing_is_lost_without_being_counted(tree: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        written = set()
        for name in [*tree, *(f"{parent}/seed.png" for parent in {name.rpartition("/")[0] for name in tree} if parent)]:
            path = Path(place, name)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(PNG)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                continue  # a file and a folder of one name
            written.add(name)
        try:
            report = read_folder(Path(place))
        except InputError as error:
            event(str(error).replace(place, "")[:30])
            return
        event("read")
        used = Counter(name for name, _, _ in names(report))
        assert used + Counter(passed(report).keys()) == Counter(written)
        for name, label, split in names(report):
            parts = [part.strip() for part in name.split("/")]
            assert split in ("", *(split_of(part) for part in parts[:-1]))
            assert any(label == _composed(part) for part in parts[:-1])


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def test_the_drawn_crops_of_a_plain_folder_are_all_used(tmp_path: Path) -> None:
    write_crops(tmp_path, 3)
    draw_crop("checked", 9).save(tmp_path / "checked" / "another.webp")
    report = read_folder(tmp_path)
    assert (len(report.examples), report.notes()) == (10, ())


CLASSES = ("on", "off")


def put_classes(folder: Path, *tops: str, classes: tuple[str, ...] = CLASSES) -> Path:
    return put(folder, *(f"{top}/{name}/{index}.png" for index, top in enumerate(tops) for name in classes))


@pytest.mark.parametrize(
    "tops",
    [
        ("train_set", "test_set"), ("training_data", "testing_data"), ("trainSet", "testSet"), ("my-train", "my-test"),
        ("train2026", "val2026"), ("fold0", "fold1"), ("fold_1", "fold_2"), ("split1", "split2"), ("part-0", "part-1"),
        ("subset a", "subset b"), ("holdout", "rest"),
    ],
)  # fmt: skip
def test_folders_that_only_look_like_splits_are_no_classes(tmp_path: Path, tops: tuple[str, ...]) -> None:
    put_classes(tmp_path, *tops)
    with pytest.raises(InputError, match=f"{tops[0]}.* called like parts of a data set, and hold the folders off, on"):
        read_folder(tmp_path)


def test_a_fold_of_one_class_is_no_class_either(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fold0, fold1 are called like parts of a data set"):
        read_folder(put(tmp_path, "fold0/on/a.png", "fold1/off/b.png"))


@pytest.mark.parametrize("tops", [("site-a", "site-b"), ("2025", "2026"), ("0", "1"), ("ann", "ben", "cem")])
def test_folders_that_hold_the_same_folders_may_be_parts_whatever_they_are_called(
    tmp_path: Path, tops: tuple[str, ...]
) -> None:
    put_classes(tmp_path, *tops)
    with pytest.raises(InputError, match=f"{', '.join(tops)} hold folders of the same names, off, on"):
        read_folder(tmp_path)
    with pytest.raises(InputError, match="so that either may be the classes"):
        read_folder(put(tmp_path, f"{tops[0]}/stray.png"))


def test_versions_of_a_set_with_splits_are_no_classes(tmp_path: Path) -> None:
    put_classes(tmp_path, "v1/train", "v1/test", "v2/train", "v2/test")
    with pytest.raises(InputError, match="v1, v2 hold folders of the same names, off, on"):
        read_folder(tmp_path)


def test_rows_that_label_the_pictures_decide_which_folders_are_the_classes(tmp_path: Path) -> None:
    put_classes(tmp_path, "shop", "blog")
    rows = [f"{top}/{name}/{index}.png" for index, top in enumerate(("shop", "blog")) for name in CLASSES]
    (tmp_path / "metadata.csv").write_text("\n".join(["file_name,label", *(f"{r},{r.split('/')[0]}" for r in rows)]))
    assert read_folder(tmp_path).classes == {"blog": 2, "shop": 2}
    (tmp_path / "metadata.csv").write_text("\n".join(["file_name,label", *(f"{r},{r.split('/')[1]}" for r in rows)]))
    assert read_folder(tmp_path).classes == {"off": 2, "on": 2}


def test_class_folders_that_hold_pictures_and_the_same_folders_are_classes(tmp_path: Path) -> None:
    put(tmp_path, "on/a.png", "off/b.png", "on/x/c.png", "off/x/d.png", "on/y/e.png", "off/y/f.png")
    assert read_folder(tmp_path).classes == {"off": 3, "on": 3}
    assert read_folder(put(tmp_path / "one", "on/x/a.png", "off/x/b.png")).classes == {"off": 1, "on": 1}


def test_parts_within_classes_are_used_with_the_rest_and_said(tmp_path: Path) -> None:
    report = read_folder(put_classes(tmp_path, "on", "off", classes=("fold0", "fold1")))
    assert (report.classes, report.splits) == ({"off": 2, "on": 2}, {})
    lie = "4 pictures in folders called like splits are used with the rest"
    assert report.notes() == (f"{lie}: off/fold0, off/fold1, on/fold0, on/fold1",)


@pytest.mark.parametrize("wrapper", ["dataset", "data/crops", "train_set", "x.zip"])
def test_a_folder_that_all_lies_in_is_read_for_the_one_around_it(tmp_path: Path, wrapper: str) -> None:
    put_classes(tmp_path, wrapper)
    put(tmp_path, "__MACOSX/a.png", "preview.png")
    report = read_folder(tmp_path)
    assert names(report) == [(f"{wrapper}/off/0.png", "off", ""), (f"{wrapper}/on/0.png", "on", "")]
    assert report.remarks == (f"all lies in {wrapper}, which is read for the folder around it",)
    assert passed(report) == {
        "preview.png": "beside the class folders",
        "__MACOSX/a.png": "in folders that other programs leave",
    }


def test_splits_in_a_folder_that_all_lies_in_are_splits(tmp_path: Path) -> None:
    report = read_folder(put_classes(tmp_path, "dataset/train", "dataset/test"))
    assert (report.classes, report.splits) == ({"off": 2, "on": 2}, {"train": 2, "test": 2})
    (tmp_path / "dataset" / "val").mkdir()
    with pytest.raises(InputError, match=r"no pictures in class folder .*dataset/val"):
        read_folder(tmp_path)


def test_a_folder_within_each_split_is_not_the_only_class(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="crops is the only folder in its splits and holds off, on; move those up"):
        read_folder(put_classes(tmp_path, "train/crops", "test/crops"))


def test_one_class_in_splits_is_a_class(tmp_path: Path) -> None:
    report = read_folder(put(tmp_path, "on/train/a.png", "on/test/b.png"))
    assert (report.classes, report.splits) == ({"on": 2}, {"train": 1, "test": 1})


def test_a_chain_of_folders_says_which_is_taken_for_the_class(tmp_path: Path) -> None:
    report = read_folder(put(tmp_path, "on/2026/a.png"))
    assert (report.classes, report.notes()) == (
        {"on": 1},
        ("all pictures in the folders of on are taken for on: 2026",),
    )


def test_a_folder_of_classes_beside_class_folders_is_said(tmp_path: Path) -> None:
    report = read_folder(put(tmp_path, "more/x/a.png", "more/y/b.png", "on/c.png", "off/d.png"))
    assert report.notes() == ("all pictures in the folders of more are taken for more: x, y",)


@pytest.mark.parametrize(
    "name", ["on/off/c.png", "on/site/Off/c.png", "more/on/c.png", "train/on/off/c.png", "on/train/off/c.png"]
)
def test_a_class_s_folder_within_another_class_is_refused(tmp_path: Path, name: str) -> None:
    top = {"train/on/off/c.png": "train/{}/{}", "on/train/off/c.png": "{}/train/{}"}.get(name, "{}/{}")
    put(tmp_path, top.format("on", "a.png"), top.format("off", "b.png"), name)
    with pytest.raises(InputError, match=f"{name} lies in .* within it, in a folder that is called as the class o"):
        read_folder(tmp_path)


def test_a_folder_called_as_its_own_class_is_no_other(tmp_path: Path) -> None:
    assert read_folder(put(tmp_path, "on/on/a.png", "off/b.png")).classes == {"off": 1, "on": 1}


def test_a_split_s_name_beside_class_folders_is_said(tmp_path: Path) -> None:
    report = read_folder(put(tmp_path, "train/a.png", "on/b.png", "off/c.png"))
    assert report.notes() == ("folders called like splits hold pictures and are taken for classes: train",)


def test_pictures_beside_the_classes_of_splits_do_not_make_the_splits_classes(tmp_path: Path) -> None:
    put_classes(tmp_path, "train", "test")
    with pytest.raises(InputError, match=r"train is called like a split|holds splits \(test\) beside"):
        read_folder(put(tmp_path, "train/preview.png"))
    with pytest.raises(InputError, match=r"test, train are called like splits and hold pictures, as test/preview.png"):
        read_folder(put(tmp_path, "test/preview.png"))


@pytest.mark.parametrize("name", ["__MACOSX", "@eaDir", ".ipynb_checkpoints", "$RECYCLE.BIN", ".Trashes"])
def test_what_other_programs_leave_is_no_class(tmp_path: Path, name: str) -> None:
    put(tmp_path, "on/a.png", "off/b.png", f"on/{name}/c.png", f"{name}/on/d.png")
    (tmp_path / "on" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "off" / name).mkdir()
    report = read_folder(tmp_path)
    assert report.classes == {"off": 1, "on": 1}
    reason = "hidden" if name.startswith(".") else "in folders that other programs leave"
    assert passed(report) == {f"on/{name}/c.png": reason, f"{name}/on/d.png": reason}


def test_copies_and_half_downloads_are_passed_over_by_name(tmp_path: Path) -> None:
    report = read_folder(put(tmp_path, "on/a.png", "on/a.png.bak", "on/b.png~", "on/c.jpg.part", "on/d.crdownload"))
    assert names(report) == [("on/a.png", "on", "")]
    assert passed(report) == {
        "on/a.png.bak": "called .bak", "on/b.png~": "called ~", "on/c.jpg.part": "called .part",
        "on/d.crdownload": "called .crdownload",
    }  # fmt: skip


def test_an_empty_folder_called_like_a_picture_is_said(tmp_path: Path) -> None:
    put(tmp_path, "on/a.png", "on/whole.png/b.png")
    (tmp_path / "on" / "x.png").mkdir()
    report = read_folder(tmp_path)
    assert names(report) == [("on/a.png", "on", ""), ("on/whole.png/b.png", "on", "")]
    assert passed(report) == {"on/x.png": "empty folder called like a picture"}
