import csv
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from active.labels import CSV_COLUMNS, CSV_NAME, export_labels
from active.events import QueueItem
from active.store import LabelStore
from generator.errors import InputError, OutputExistsError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def label(store: LabelStore, path: Path, label: str, content: bytes | None = None) -> str:
    """Write a file of its own content, queue it, label it and return its hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content or os.fsencode(path))
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
    label(store, tmp_path / "pool" / "a.png", "checked", b"A")
    label(store, tmp_path / "pool" / "b.png", "unchecked", b"B")
    result = export_labels(store, tmp_path / "out")
    assert files(tmp_path / "out") == ["checked/a.png", "unchecked/b.png"]
    assert (tmp_path / "out" / "checked" / "a.png").read_bytes() == b"A"
    assert (len(result.exported), result.failed) == (2, ())


def test_csv_holds_a_row_a_label(store: LabelStore, tmp_path: Path) -> None:
    item = label(store, tmp_path / "a, b.png", "checked")
    export_labels(store, tmp_path / "out")
    [row] = rows(tmp_path / "out")
    assert tuple(row) == CSV_COLUMNS
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
    (tmp_path / "pool" / "gone.png").unlink()
    (tmp_path / "pool" / "changed.png").write_bytes(b"something else")
    (tmp_path / "pool" / "folder.png").unlink()
    (tmp_path / "pool" / "folder.png").mkdir()
    result = export_labels(store, tmp_path / "out")
    reasons = {"gone": "missing", "changed": "changed since it was labelled", "folder": "is a directory"}
    assert {failed.labelled.path.stem: failed.error for failed in result.failed} == reasons
    assert files(tmp_path / "out") == ["checked/fine.png"]
    assert {Path(row["path"]).stem: row["error"] for row in rows(tmp_path / "out")} == reasons | {"fine": ""}


def test_undone_and_discarded_items_are_not_exported(store: LabelStore, tmp_path: Path) -> None:
    label(store, tmp_path / "a.png", "checked")
    store.record(label(store, tmp_path / "b.png", "checked"), "discard")
    label(store, tmp_path / "c.png", "checked")
    store.undo()
    export_labels(store, tmp_path / "out")
    assert files(tmp_path / "out") == ["checked/a.png"]


def test_a_name_that_is_not_utf8_survives_the_export(store: LabelStore, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    label(store, path, "checked")
    export_labels(store, tmp_path / "out")
    assert os.listdir(os.fsencode(tmp_path / "out" / "checked")) == [b"caf\xe9.png"]  # noqa: PTH208  bytes
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
