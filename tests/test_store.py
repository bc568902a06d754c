import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from active.store import LabelStore, QueueItem
from generator.errors import MissingError, StoreError

CLASSES = ("checked", "unchecked", "other")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore.open(tmp_path / "labels.db", annotator="ann", session="one") as store:
        yield store


def queued(item: str, path: Path | None = None) -> QueueItem:
    probabilities = {"checked": 0.5, "unchecked": 0.3, "other": 0.2}
    return QueueItem(item, path or Path(f"/pool/{item}.png"), 0.8, "margin 0.20", "checked", probabilities)


def add(store: LabelStore, *items: str, classes: tuple[str, ...] = CLASSES) -> int:
    return store.add_batch(classes=classes, strategy="margin", model="abc", items=[queued(item) for item in items])


def open_names(store: LabelStore) -> list[str]:
    return [item.item for item in store.open_items()]


def test_queue_item_comes_back_as_it_was_added(store: LabelStore) -> None:
    store.add_batch(classes=CLASSES, strategy="margin", model="abc", items=[queued("a")])
    assert store.open_items() == [queued("a")]
    assert list(store.open_items()[0].probabilities) == list(CLASSES)


def test_queue_keeps_the_order_it_was_given(store: LabelStore) -> None:
    add(store, "c", "a", "b")
    assert open_names(store) == ["c", "a", "b"]
    assert [item.item for item in store.open_items(limit=2)] == ["c", "a"]
    assert [item.item for item in store.open_items(limit=2, first="b")] == ["b", "c"]


def test_newest_batch_comes_first_and_takes_over_what_is_open(store: LabelStore) -> None:
    first = add(store, "a", "b", "c")
    second = add(store, "d", "b")
    assert second > first
    assert open_names(store) == ["d", "b", "a", "c"]


def test_classes_are_those_of_the_newest_batch_in_its_order(store: LabelStore) -> None:
    assert store.classes() == ()
    add(store, "a")
    add(store, "b", classes=("on", "off"))
    assert store.classes() == ("on", "off")


def test_label_leaves_the_queue_and_is_current(store: LabelStore) -> None:
    add(store, "a", "b")
    event = store.record("a", "label", "checked")
    [labelled] = store.labels()
    assert (labelled.item, labelled.path, labelled.label) == ("a", Path("/pool/a.png"), "checked")
    assert (labelled.at, labelled.annotator) == (event.at, "ann")
    assert event.at.endswith("+00:00")
    assert open_names(store) == ["b"]
    assert store.decided() == {"a"}


def test_the_last_label_of_an_item_counts(store: LabelStore) -> None:
    add(store, "a")
    store.record("a", "label", "checked")
    store.record("a", "label", "other")
    assert [labelled.label for labelled in store.labels()] == ["other"]


def test_discard_leaves_the_queue_without_a_label(store: LabelStore) -> None:
    add(store, "a", "b")
    store.record("a", "discard")
    assert open_names(store) == ["b"]
    assert store.decided() == {"a"}
    assert store.labels() == []


def test_discarding_a_labelled_item_takes_its_label_away(store: LabelStore) -> None:
    add(store, "a")
    store.record("a", "label", "checked")
    store.record("a", "discard")
    assert store.labels() == []


def test_skipped_items_come_back_after_the_rest_in_the_order_of_skipping(store: LabelStore) -> None:
    add(store, "a", "b", "c")
    store.record("b", "skip")
    store.record("a", "skip")
    assert open_names(store) == ["c", "b", "a"]
    store.record("b", "skip")
    assert open_names(store) == ["c", "a", "b"]
    assert store.decided() == set()


def test_skip_does_not_hide_a_label(store: LabelStore) -> None:
    add(store, "a")
    store.record("a", "label", "checked")
    store.record("a", "skip")
    assert [labelled.item for labelled in store.labels()] == ["a"]
    assert open_names(store) == []


def test_undo_takes_back_events_one_by_one_until_none_is_left(store: LabelStore) -> None:
    add(store, "a", "b", "c")
    store.record("a", "label", "checked")
    store.record("b", "skip")
    store.record("c", "discard")
    undone = [store.undo() for _ in range(4)]
    assert [event and (event.item, event.action) for event in undone] == [
        ("c", "discard"),
        ("b", "skip"),
        ("a", "label"),
        None,
    ]
    assert open_names(store) == ["a", "b", "c"]
    assert store.decided() == set()


def test_undo_brings_the_label_before_back(store: LabelStore) -> None:
    add(store, "a")
    store.record("a", "label", "checked")
    store.record("a", "label", "other")
    store.undo()
    assert [labelled.label for labelled in store.labels()] == ["checked"]


def test_a_label_after_an_undo_can_be_undone_itself(store: LabelStore) -> None:
    add(store, "a", "b")
    store.record("a", "label", "checked")
    store.undo()
    store.record("a", "label", "other")
    undone = store.undo()
    assert undone is not None
    assert undone.label == "other"
    assert store.undo() is None


def test_undo_reaches_what_an_earlier_session_did(tmp_path: Path) -> None:
    with LabelStore.open(tmp_path / "x.db", session="one") as store:
        add(store, "a")
        store.record("a", "label", "checked")
    with LabelStore.open(tmp_path / "x.db", session="two") as store:
        undone = store.undo()
        assert undone is not None
        assert (undone.session, undone.item) == ("one", "a")
        assert open_names(store) == ["a"]


def test_counts_tell_labels_discards_open_and_skipped_apart(store: LabelStore) -> None:
    add(store, "a", "b", "c", "d", "e", "f")
    store.record("a", "label", "checked")
    store.record("b", "label", "checked")
    store.record("c", "label", "other")
    store.record("d", "discard")
    store.record("e", "skip")
    counts = store.counts()
    assert counts.labelled == {"checked": 2, "other": 1}
    assert (counts.discarded, counts.open, counts.skipped, counts.done) == (1, 2, 1, 4)


def test_done_starts_again_with_a_new_batch(store: LabelStore) -> None:
    add(store, "a", "b")
    store.record("a", "label", "checked")
    add(store, "c")
    assert store.counts().done == 0
    store.record("b", "label", "checked")
    assert store.counts().done == 1


def test_counts_of_a_fresh_store_are_zero(store: LabelStore) -> None:
    counts = store.counts()
    assert (dict(counts.labelled), counts.open, counts.done) == ({}, 0, 0)


def test_newest_path_of_an_item_wins(store: LabelStore) -> None:
    add(store, "a")
    store.record("a", "label", "checked")
    store.relocate({"a": Path("/moved/a.png"), "never queued": Path("/x.png")})
    assert [labelled.path for labelled in store.labels()] == [Path("/moved/a.png")]


def test_relative_paths_are_kept_absolute(store: LabelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store.add_batch(classes=CLASSES, strategy="margin", model="m", items=[queued("a", Path("pool/a.png"))])
    assert store.open_items()[0].path == tmp_path / "pool" / "a.png"


def test_a_path_that_is_not_utf8_comes_back_byte_by_byte(store: LabelStore) -> None:
    path = Path(os.fsdecode(b"/pool/caf\xe9.png"))
    store.add_batch(classes=CLASSES, strategy="margin", model="m", items=[queued("a", path)])
    assert os.fsencode(store.open_items()[0].path) == b"/pool/caf\xe9.png"


@pytest.mark.parametrize("statement", ["DELETE FROM events", "UPDATE events SET label = 'other'"])
def test_the_file_itself_refuses_to_change_the_past(store: LabelStore, statement: str) -> None:
    add(store, "a")
    store.record("a", "label", "checked")
    connection = sqlite3.connect(store.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


def test_an_event_is_on_the_disk_before_record_returns(store: LabelStore) -> None:
    add(store, "a")
    store.record("a", "label", "checked", hinted=True)
    reader = sqlite3.connect(store.path)
    rows = reader.execute("SELECT item, label, session, annotator, hinted FROM events").fetchall()
    assert rows == [("a", "checked", "one", "ann", 1)]
    assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    reader.close()


def test_a_failing_batch_leaves_nothing_behind(store: LabelStore) -> None:
    with pytest.raises(StoreError, match="UNIQUE"):
        add(store, "a", "b", "a")
    assert store.open_items() == []
    assert store.classes() == ()


def test_only_queued_items_can_be_labelled(store: LabelStore) -> None:
    with pytest.raises(StoreError, match="item a was never queued"):
        store.record("a", "label", "checked")


@pytest.mark.parametrize(("action", "label"), [("label", None), ("label", ""), ("skip", "other")])
def test_a_label_goes_with_the_action_label_only(store: LabelStore, action: str, label: str | None) -> None:
    add(store, "a")
    with pytest.raises(StoreError, match="goes with the action label"):
        store.record("a", action, label)  # type: ignore[arg-type]  # what an untyped caller may pass


def test_a_missing_store_is_made_with_its_folders_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "data" / "labels.db"
    with pytest.raises(MissingError, match=r"no label store .*labels.db; `boxwright queue` makes one"):
        LabelStore.open(path, create=False)
    LabelStore.open(path).close()
    LabelStore.open(path, create=False).close()


def test_a_text_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("not a database, but long enough to look at: " + "x" * 5000)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"notes.db is not a boxwright label store"):
        LabelStore.open(path)
    assert path.read_bytes() == before


def test_another_sqlite_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"other.db is not a boxwright label store"):
        LabelStore.open(path)
    assert path.read_bytes() == before


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    LabelStore.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = '99'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="version 99; this boxwright reads version 1"):
        LabelStore.open(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder; a label store is a file"):
        LabelStore.open(tmp_path)


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot make the folder of .*labels.db"):
        LabelStore.open(tmp_path / "file" / "labels.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    LabelStore.open(path).close()
    path.chmod(0o444)
    with pytest.raises(StoreError, match="readonly"):
        LabelStore.open(path)


APPEND_200 = """
import sys
from pathlib import Path
from active.store import LabelStore
with LabelStore.open(Path(sys.argv[1]), annotator=sys.argv[2]) as store:
    for number in range(200):
        store.record("a", "label", f"{sys.argv[2]}-{number}")
"""


def test_two_processes_append_to_one_store_and_lose_nothing(store: LabelStore) -> None:
    add(store, "a")
    writers = [subprocess.Popen([sys.executable, "-c", APPEND_200, str(store.path), name]) for name in ("ann", "bob")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    reader = sqlite3.connect(store.path)
    rows = reader.execute("SELECT annotator, label FROM events ORDER BY seq").fetchall()
    reader.close()
    for name in ("ann", "bob"):
        assert [label for who, label in rows if who == name] == [f"{name}-{number}" for number in range(200)]


def test_probabilities_and_classes_are_json_for_other_tools(store: LabelStore) -> None:
    add(store, "a", classes=("да", "нет"))
    reader = sqlite3.connect(store.path)
    assert json.loads(reader.execute("SELECT classes FROM batches").fetchone()[0]) == ["да", "нет"]
    assert json.loads(reader.execute("SELECT probabilities FROM queue_items").fetchone()[0])["other"] == 0.2
    reader.close()
