import csv
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from active.exchange.label_formats.class_folders import CSV_NAME
from active.exchange.label_formats.label_catalogue import LABEL_FORMATS
from active.exchange.label_formats.label_rows import LABEL_COLUMNS
from active.exchange.labels import export_labels, import_labels
from active.store.events import QueueItem
from active.store.records import OLDER
from active.store.store import LabelStore
from base.errors import InputError, MissingError, OutputExistsError
from tests.crops import LABELS, write_crops


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def picture(path: Path) -> bytes:
    """Return a picture that no other path has."""
    content = io.BytesIO()
    Image.new("RGB", (4, 4), tuple(hashlib.sha256(os.fsencode(path)).digest()[:3])).save(content, "PNG")
    return content.getvalue()


def label(store: LabelStore, path: Path, label: str, content: bytes | None = None) -> str:
    """Write a file of its own content, queue it, label it and return its hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content or picture(path))
    item = hashlib.sha256(path.read_bytes()).hexdigest()
    queued = QueueItem(item, path, 0.5, "margin", label, {label: 1.0})
    store.add_batch(classes=[label], strategy="margin", model="m", items=[queued])
    store.record(item, "label", label)
    return item


def rows(out: Path) -> list[dict[str, str]]:
    with (out / CSV_NAME).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def files(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*.png"))


def test_export_makes_a_class_folder_for_each_class_that_has_labels(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "pool" / "a.png", "checked")
    label(store, tmp_path / "pool" / "b.png", "unchecked")
    result = export_labels(store, tmp_path / "out")
    assert files(tmp_path / "out") == ["checked/a.png", "unchecked/b.png"]
    assert (tmp_path / "out" / "checked" / "a.png").read_bytes() == (tmp_path / "pool" / "a.png").read_bytes()
    assert (len(result.exported), result.failed) == (2, ())


def test_csv_holds_a_row_a_label(store: LabelStore, tmp_path: Path) -> None:
    item = label(store, tmp_path / "a, b.png", "checked")
    export_labels(store, tmp_path / "out")
    [row] = rows(tmp_path / "out")
    assert tuple(row) == LABEL_COLUMNS
    assert (row["file"], row["path"]) == ("checked/a, b.png", str(tmp_path / "a, b.png"))
    assert (row["sha256"], row["label"], row["annotator"], row["error"]) == (item, "checked", "ann", "")
    assert row["labelled_at"] == store.labels()[0].at


def test_names_that_collide_get_a_piece_of_their_hash(store: LabelStore, tmp_path: Path) -> None:
    first = label(store, tmp_path / "one" / "a.png", "checked")
    second = label(store, tmp_path / "two" / "A.png", "checked")
    label(store, tmp_path / "three" / "a.png", "other")
    export_labels(store, tmp_path / "out")
    assert files(tmp_path / "out") == sorted(
        [f"checked/a-{first[:8]}.png", f"checked/A-{second[:8]}.png", "other/a.png"]
    )


def test_a_name_that_looks_like_a_hashed_one_is_not_overwritten(store: LabelStore, tmp_path: Path) -> None:
    first = label(store, tmp_path / "one" / "a.png", "checked")
    label(store, tmp_path / "two" / "a.png", "checked")
    label(store, tmp_path / f"a-{first[:8]}.png", "checked")
    export_labels(store, tmp_path / "out")
    assert len(files(tmp_path / "out")) == 3


def test_what_cannot_be_exported_is_listed_with_its_reason(store: LabelStore, tmp_path: Path) -> None:
    for name in ("gone", "changed", "folder", "fine"):
        label(store, tmp_path / "pool" / f"{name}.png", "checked")
    label(store, tmp_path / "pool" / "text.png", "checked", b"I am a text")
    label(store, tmp_path / "pool" / "half.png", "checked", picture(tmp_path / "half")[:-20])
    (tmp_path / "pool" / "gone.png").unlink()
    (tmp_path / "pool" / "changed.png").write_bytes(b"something else")
    (tmp_path / "pool" / "folder.png").unlink()
    (tmp_path / "pool" / "folder.png").mkdir()
    result = export_labels(store, tmp_path / "out")
    reasons = {"gone": "missing", "changed": "changed since it was labelled", "folder": "is a directory"}
    reasons |= {"text": "is not a picture", "half": "is truncated"}
    assert {failed.record.path.stem: failed.error for failed in result.failed} == reasons
    assert files(tmp_path / "out") == ["checked/fine.png"]
    assert {Path(row["path"]).stem: row["error"] for row in rows(tmp_path / "out")} == reasons | {"fine": ""}


def broken_crops(folder: Path) -> dict[str, str]:
    """Write class folders with one of each kind of file that only looks like a picture; return the reasons by name."""
    write_crops(folder, 3)
    whole = (folder / "checked" / "0000.png").read_bytes()
    (folder / "checked" / "text.png").write_text("I am a text")
    (folder / "checked" / "empty.jpg").touch()
    (folder / "other" / "half.png").write_bytes(whole[: len(whole) // 2])
    (folder / "other" / "gone.png").symlink_to("nowhere.png")
    return {
        "checked/empty.jpg": "is empty",
        "checked/text.png": "is not a picture",
        "other/gone.png": "no such file or directory",
        "other/half.png": "is truncated",
    }


def test_files_that_only_look_like_pictures_are_not_imported_and_named(store: LabelStore, tmp_path: Path) -> None:
    reasons = broken_crops(tmp_path / "theirs")
    result = import_labels(store, tmp_path / "theirs")
    assert (result.new, {row.file for row in result.failed}) == (9, reasons.keys())
    cannot = "with a picture that cannot be read"
    assert {row.name: row.reason for row in result.passed_over} == {
        name: "without a picture" if name.endswith("gone.png") else f"{cannot}: {reason}"
        for name, reason in reasons.items()
    }
    assert f"1 {cannot}: is empty (first: checked/empty.jpg)" in result.passed_over_text()
    again = import_labels(store, tmp_path / "theirs")
    assert (again.new, again.known, len(again.failed)) == (0, 9, 4)


def test_rows_of_a_table_that_name_no_picture_are_not_imported(store: LabelStore, tmp_path: Path) -> None:
    write_crops(tmp_path, 1)
    (tmp_path / "notes.txt").write_text("I am a text")
    (tmp_path / "rows.csv").write_text("file,label\nchecked/0000.png,on\nnotes.txt,on\n")
    result = import_labels(store, tmp_path / "rows.csv", format_name="csv")
    assert (result.new, [row.file for row in result.failed]) == (1, ["notes.txt"])
    gone = hashlib.sha256(b"elsewhere").hexdigest()
    (tmp_path / "rows.csv").write_text(f"file,label,sha256\nelsewhere.png,on,{gone}\n")
    assert import_labels(store, tmp_path / "rows.csv", format_name="csv").new == 1


def test_one_picture_in_two_formats_with_two_labels_is_said(
    store: LabelStore, tmp_path: Path, warned: list[str]
) -> None:
    write_crops(tmp_path / "theirs", 1)
    with Image.open(tmp_path / "theirs" / "checked" / "0000.png") as image:
        image.save(tmp_path / "theirs" / "other" / "again.bmp")
    import_labels(store, tmp_path / "theirs")
    [line] = warned
    assert line.startswith(f"{tmp_path / 'theirs'}: 1 picture is there under two labels, as ")
    assert "0000.png (checked) and" in line
    assert "again.bmp (other)" in line


def test_undone_and_discarded_items_are_not_exported(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "a.png", "checked")
    store.record(label(store, tmp_path / "b.png", "checked"), "discard")
    label(store, tmp_path / "c.png", "checked")
    store.undo()
    export_labels(store, tmp_path / "out")
    assert files(tmp_path / "out") == ["checked/a.png"]


def test_a_name_that_is_not_utf8_is_kept_in_the_row_and_its_copy_is_called_by_its_content(
    store: LabelStore, tmp_path: Path
) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    item = label(store, path, "checked")
    export_labels(store, tmp_path / "out")
    assert files(tmp_path / "out") == [f"checked/{item[:16]}.png"]
    assert rows(tmp_path / "out")[0]["path"] == str(path)


def test_nothing_labelled_is_said_before_anything_is_written(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing is labelled in .*labels.db yet; `boxwright label`"):
        export_labels(store, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_refused_unless_overwritten(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "a.png", "checked")
    export_labels(store, tmp_path / "out")
    label(store, tmp_path / "b.png", "other")
    with pytest.raises(OutputExistsError):
        export_labels(store, tmp_path / "out")
    store.undo()
    store.undo()
    label(store, tmp_path / "c.png", "other")
    export_labels(store, tmp_path / "out", overwrite=True)
    assert files(tmp_path / "out") == ["other/c.png"]


def test_the_folder_of_the_originals_is_never_overwritten(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "a.png", "checked")
    export_labels(store, tmp_path / "out")
    store.relocate({store.labels()[0].item: tmp_path / "out" / "checked" / "a.png"})
    with pytest.raises(InputError, match="holds the labelled original"):
        export_labels(store, tmp_path / "out", overwrite=True)
    assert files(tmp_path / "out") == ["checked/a.png"]


@pytest.mark.parametrize("name", ["..", "on/off", "tab\t", "labels.csv"])
def test_a_label_that_cannot_be_a_folder_is_refused(store: LabelStore, tmp_path: Path, name: str) -> None:
    label(store, tmp_path / "a.png", name)
    with pytest.raises(InputError, match="cannot be the name of a folder"):
        export_labels(store, tmp_path / "out")


def png(colour: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (colour, 0, 0)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def full(store: LabelStore, tmp_path: Path) -> LabelStore:
    """A store with everything in it: labels, a discard, a dispute, a settled one, flags, notes and odd names."""
    pool = tmp_path / "pool"
    names = ["a, b.png", "b.png", "sub/b.png", os.fsdecode(b"caf\xe9.png"), "disputed.png", "settled.png", "open.png"]
    items = [label(store, pool / name, "checked", png(number)) for number, name in enumerate(names)]
    store.record(items[1], "label", 'off, "half"', hinted=True)
    store.record(items[1], "note", note="dim; is this, one?")
    store.record(items[2], "discard")
    store.record(items[2], "flag")
    store.undo()
    store.record(items[2], "flag")
    with LabelStore.open(store.name, annotator="bob") as other:
        other.record(items[0], "label", "checked")
        other.record(items[4], "label", "другое")
        other.record(items[5], "discard")
        other.record(items[5], "label", "checked")
    store.record(items[6], "note", note="undone below")
    store.undo()
    store.undo()  # the flag
    store.record(items[2], "flag")
    return store


def out_of(tmp_path: Path, name: str) -> Path:
    return tmp_path / "out" / ("labels" if LABEL_FORMATS[name].copies else "labels.file")


@pytest.mark.parametrize("name", LABEL_FORMATS)
def test_a_round_trip_loses_nothing(full: LabelStore, tmp_path: Path, name: str) -> None:
    out = out_of(tmp_path, name)
    export_labels(full, out, format_name=name)
    with LabelStore.open(tmp_path / "second.db", annotator="eve") as second:
        result = import_labels(second, out, format_name=name)
        assert result.failed == ()
        assert sorted(second.records(), key=str) == sorted(full.records(), key=str)
        assert second.disputes() == full.disputes()
        assert {(each.item, each.label) for each in second.labels()} == {
            (each.item, each.label) for each in full.labels()
        }
        assert import_labels(second, out, format_name=name).new == 0


@pytest.mark.parametrize("name", ["folders", "imagefolder"])
def test_copies_stand_in_for_originals_that_are_gone(full: LabelStore, tmp_path: Path, name: str) -> None:
    out = out_of(tmp_path, name)
    export_labels(full, out, format_name=name)
    shutil.rmtree(tmp_path / "pool")
    with LabelStore.open(tmp_path / "second.db") as second:
        assert import_labels(second, out, format_name=name).failed == ()
        for labelled in second.labels():
            assert hashlib.sha256(labelled.path.read_bytes()).hexdigest() == labelled.item
            assert labelled.path.is_relative_to(out)


def test_class_folders_of_anybody_are_labels_of_who_imports_them(store: LabelStore, tmp_path: Path) -> None:
    write_crops(tmp_path / "theirs", 2)
    assert import_labels(store, tmp_path / "theirs").new == 6
    assert {(each.label, each.path.parent.name) for each in store.labels()} == {(name, name) for name in LABELS}
    assert {each.annotator for each in store.labels()} == {"ann"}
    assert store.classes() == ("checked", "other", "unchecked")
    assert store.open_items() == []
    assert store.undo() is None


def test_imported_labels_that_disagree_are_queued(store: LabelStore, tmp_path: Path) -> None:
    item = label(store, tmp_path / "a.png", "checked", png(1))
    table = tmp_path / "theirs.csv"
    table.write_text(f"path,label,annotator\n{tmp_path / 'a.png'},other,bob\n", encoding="utf-8")
    import_labels(store, table, format_name="csv")
    assert [dict(dispute.labels) for dispute in store.disputes()] == [{"ann": "checked", "bob": "other"}]
    assert [queued.item for queued in store.open_items()] == [item]


def test_an_older_label_of_the_same_person_changes_nothing(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "a.png", "checked", png(1))
    rows = [
        {"path": str(tmp_path / "a.png"), "label": "other", "annotator": "ann", "labelled_at": at}
        for at in ("2001-01-01T00:00:00+00:00", "2001-01-01T00:00:00Z")
    ]
    (tmp_path / "old.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    result = import_labels(store, tmp_path / "old.jsonl", format_name="jsonl")
    assert (result.new, result.known, result.reasons) == (0, 0, {OLDER: 2})
    assert [labelled.label for labelled in store.labels()] == ["checked"]


def test_what_was_said_in_label_studio_comes_in(full: LabelStore, tmp_path: Path) -> None:
    out = tmp_path / "tasks.json"
    export_labels(full, out, format_name="label-studio")
    tasks = json.loads(out.read_text(encoding="utf-8"))
    result = [{"type": "choices", "from_name": "label", "to_name": "image", "value": {"choices": ["other"]}}]
    tasks[0]["annotations"] = [
        {"completed_by": {"email": "eve@example.org"}, "created_at": "2030-01-01T00:00:00Z", "result": result}
    ]
    out.write_text(json.dumps(tasks), encoding="utf-8")
    assert import_labels(full, out, format_name="label-studio").new == 1
    assert "eve@example.org" in {record.annotator for record in full.records()}


def test_hugging_face_loads_the_imagefolder(full: LabelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    out = tmp_path / "out"
    export_labels(full, out, format_name="imagefolder")
    loaded = datasets.load_dataset("imagefolder", data_dir=str(out), split="train", cache_dir=str(tmp_path / "cache"))
    assert sorted(loaded["label"]) == sorted(each.label for each in full.labels())
    assert loaded[0]["image"].size == (8, 8)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("csv", "path,class\na.png,on\n", "no column label in its first line; found path, class"),
        ("csv", "path,label,sha256\na.png,on,xyz\n", ":2: sha256 is 'xyz'; expected 64 digits and letters from a to f"),
        ("csv", "path,label,action\na.png,on,discard\n", "label 'on' does not go with action discard"),
        ("jsonl", "{}\n[]\n", ":2: expected an object, got list"),
        ("jsonl", "not json\n", ":1: is no JSON (Expecting value at column 1)"),
        ("label-studio", "{}", "expected a list of tasks"),
        ("label-studio", '[{"data": {}}]', None),
        ("label-studio", '[{"annotations": [{"result": [{"type": "choices"}]}]}]', "task 1 is not a task for choices"),
    ],
)
def test_what_says_nothing_sensible_is_refused_whole(
    store: LabelStore, tmp_path: Path, name: str, text: str, message: str | None
) -> None:
    source = tmp_path / "labels.file"
    source.write_text(text, encoding="utf-8")
    if message is None:
        assert import_labels(store, source, format_name=name).new == 0
        return
    with pytest.raises(InputError, match=re.escape(message)):
        import_labels(store, source, format_name=name)
    assert store.records() == []


def test_a_row_without_a_picture_is_reported(store: LabelStore, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("file_name,label\ngone.png,on\n", encoding="utf-8")
    result = import_labels(store, tmp_path / "rows.csv", format_name="csv")
    assert (result.new, [row.file for row in result.failed]) == (0, ["gone.png"])


def test_a_file_in_use_is_refused_unless_overwritten(full: LabelStore, tmp_path: Path) -> None:
    out = tmp_path / "labels.csv"
    export_labels(full, out, format_name="csv")
    with pytest.raises(OutputExistsError, match="is there already"):
        export_labels(full, out, format_name="csv")
    export_labels(full, out, format_name="csv", overwrite=True)


def test_an_unknown_format_or_a_missing_source_is_said(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean jsonl"):
        export_labels(store, tmp_path / "out", format_name="json")
    with pytest.raises(MissingError, match="no file or folder nowhere"):
        import_labels(store, Path("nowhere"))
