import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active.store.events import QueueItem, settle
from active.store.store import LabelStore
from base.errors import LeaseLostError, MissingError, StoreError
from tests.postgres import empty

CLASSES = ("checked", "unchecked", "other")

VERSION_2 = Path(__file__).parent / "data" / "labels_version_2.sql"
VERSION_1 = Path(__file__).parent / "data" / "labels_version_1.sql"


@pytest.fixture
def store(place: str) -> Iterator[LabelStore]:
    with LabelStore.open(place, annotator="ann", session="one") as store:
        yield store


@pytest.fixture
def file(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore.open(tmp_path / "labels.db", annotator="ann", session="one") as store:
        yield store


def another(store: LabelStore, place: str, annotator: str, **options: Any) -> LabelStore:
    return LabelStore.open(place, annotator=annotator, session=f"{annotator}'s", **options)


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


def test_undo_reaches_what_an_earlier_session_did(place: str) -> None:
    with LabelStore.open(place, session="one") as store:
        add(store, "a")
        store.record("a", "label", "checked")
    with LabelStore.open(place, session="two") as store:
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
def test_the_file_itself_refuses_to_change_the_past(file: LabelStore, statement: str) -> None:
    add(file, "a")
    file.record("a", "label", "checked")
    connection = sqlite3.connect(file.name)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


def test_an_event_is_on_the_disk_before_record_returns(file: LabelStore) -> None:
    add(file, "a")
    file.record("a", "label", "checked", hinted=True)
    reader = sqlite3.connect(file.name)
    rows = reader.execute("SELECT item, label, session, annotator, hinted FROM events").fetchall()
    assert rows == [("a", "checked", "one", "ann", 1)]
    assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    reader.close()


def test_a_failing_batch_leaves_nothing_behind(store: LabelStore) -> None:
    with pytest.raises(StoreError, match=r"(?i)unique"):
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
    with pytest.raises(StoreError, match="version 99; this boxwright reads versions 1 to 3"):
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


APPEND_60 = """
import sys
from active.store.store import LabelStore
with LabelStore.open(sys.argv[1], annotator=sys.argv[2]) as store:
    for number in range(60):
        store.record("a", "note", note=f"{sys.argv[2]}-{number}")
"""


def run_together(program: str, *arguments: tuple[str, ...]) -> None:
    """Run a program in several processes at a time, which must all end well."""
    processes = [subprocess.Popen([sys.executable, "-c", program, *each]) for each in arguments]
    assert [process.wait(timeout=240) for process in processes] == [0] * len(processes)


def test_two_processes_append_to_one_store_and_lose_nothing(store: LabelStore, place: str) -> None:
    add(store, "a")
    run_together(APPEND_60, (place, "ann"), (place, "bob"))
    notes = [(event.annotator, event.note) for event in store.events()]
    for name in ("ann", "bob"):
        assert [note for who, note in notes if who == name] == [f"{name}-{number}" for number in range(60)]


CLAIM_ALL = """
import sys
import time
from pathlib import Path
from active.store.store import LabelStore
name, gate = sys.argv[2], Path(sys.argv[3])
with LabelStore.open(sys.argv[1], annotator=name) as store:
    items = store.claim(5)
    (gate / name).touch()
    while len(list(gate.iterdir())) < 4:
        time.sleep(0.01)
    while items:
        for item in items:
            store.record(item.item, "label", "checked", claimed=True)
        items = store.claim(5)
"""
"""Each process waits with its first five items until all have theirs, so that all four work at a time."""


@pytest.mark.slow
def test_four_processes_that_claim_from_one_queue_get_each_item_once(
    store: LabelStore, place: str, tmp_path: Path
) -> None:
    names = [f"{number:04}" for number in range(1000)]
    add(store, *names)
    gate = tmp_path / "gate"
    gate.mkdir()
    run_together(CLAIM_ALL, *[(place, f"worker {number}", str(gate)) for number in range(4)])
    events = store.events()
    assert sorted(event.item for event in events) == names
    assert len({event.annotator for event in events}) == 4
    assert store.open_items() == []


def claimed(store: LabelStore, limit: int = 10, first: str | None = None) -> list[str]:
    return [item.item for item in store.claim(limit, first=first)]


def test_a_claimed_item_is_given_to_nobody_else(store: LabelStore, place: str) -> None:
    add(store, "a", "b", "c")
    with another(store, place, "bob") as other:
        assert claimed(store, 2) == ["a", "b"]
        assert claimed(other, 2) == ["c"]
        assert claimed(store, 2) == ["a", "b"]
        assert other.counts().held == 2
        assert open_names(other) == ["a", "b", "c"]


def test_what_is_skipped_or_decided_is_no_longer_held(store: LabelStore, place: str) -> None:
    add(store, "a", "b")
    claimed(store)
    store.record("a", "skip")
    store.record("b", "label", "checked")
    with another(store, place, "bob") as other:
        assert claimed(other) == ["a"]


def test_a_flag_or_a_note_keeps_the_item(store: LabelStore, place: str) -> None:
    add(store, "a")
    claimed(store)
    store.record("a", "flag")
    store.record("a", "note", note="blurred")
    assert store.remarks("a") == (True, "blurred")
    with another(store, place, "bob") as other:
        assert claimed(other) == []


def test_claims_come_back_when_the_session_ends(store: LabelStore, place: str) -> None:
    add(store, "a")
    with another(store, place, "bob") as other:
        assert claimed(other) == ["a"]
    assert claimed(store) == ["a"]


def test_claims_come_back_when_the_session_gives_no_sign_of_life(store: LabelStore, place: str) -> None:
    add(store, "a", "b")
    with another(store, place, "bob", lease_s=0.0) as dead, another(store, place, "eve", lease_s=60) as alive:
        assert claimed(dead, 1) == ["a"]
        assert claimed(alive, 2) == ["a", "b"]
        with pytest.raises(LeaseLostError, match="somebody else"):
            dead.record("a", "label", "checked", claimed=True)
    assert claimed(store) == ["a", "b"]


def test_a_renewed_claim_does_not_run_out(store: LabelStore, place: str) -> None:
    add(store, "a")
    with another(store, place, "bob", lease_s=0.0) as other:
        claimed(other)
        other.lease_s = 60
        other.renew()
        assert claimed(store) == []


def test_an_undone_item_can_be_claimed_before_all_others(store: LabelStore) -> None:
    add(store, "a", "b", "c")
    claimed(store, 2)
    store.record("a", "label", "checked")
    claimed(store, 2)
    store.undo()
    assert claimed(store, 2, first="a") == ["a", "b"]


def test_undo_takes_back_ones_own_events_only(store: LabelStore, place: str) -> None:
    add(store, "a", "b")
    store.record("a", "label", "checked")
    with another(store, place, "bob") as other:
        other.record("b", "label", "other")
        assert (undone := store.undo()) and undone.item == "a"
        assert store.undo() is None
        assert [labelled.item for labelled in other.labels()] == ["b"]


def test_undo_takes_back_flags_and_notes(store: LabelStore) -> None:
    add(store, "a")
    store.record("a", "flag")
    store.record("a", "note", note="one")
    store.record("a", "note", note="two")
    store.undo()
    assert store.remarks("a") == (True, "one")
    store.undo()
    store.undo()
    assert store.remarks("a") == (False, "")


def test_people_who_disagree_make_a_dispute_which_is_queued_last(store: LabelStore, place: str) -> None:
    add(store, "a", "b")
    store.record("a", "label", "checked")
    with another(store, place, "bob") as other:
        other.record("a", "label", "other")
    [dispute] = store.disputes()
    assert (dispute.item, dict(dispute.labels)) == ("a", {"ann": "checked", "bob": "other"})
    assert store.labels() == []
    assert open_names(store) == ["b", "a"]
    assert (store.counts().disputed, store.counts().open, store.counts().skipped) == (1, 2, 0)


def test_whoever_decides_a_dispute_settles_it_and_undo_opens_it_again(store: LabelStore, place: str) -> None:
    add(store, "a")
    store.record("a", "label", "checked")
    with another(store, place, "bob") as other:
        other.record("a", "discard")
        store.record("a", "label", "other")
        assert [labelled.label for labelled in other.labels()] == ["other"]
        assert other.disputes() == []
        store.undo()
        assert len(other.disputes()) == 1


def test_a_second_look_opens_what_is_decided_and_keeps_its_label_meanwhile(store: LabelStore) -> None:
    add(store, "a", "b")
    store.record("a", "label", "checked")
    store.record("b", "label", "checked")
    again = [queued("a"), queued("b")]
    store.add_batch(classes=CLASSES, strategy="margin", model="abc", items=again, second_look=["b"])
    assert open_names(store) == ["b"]
    assert len(store.labels()) == 2
    store.record("b", "label", "other")
    assert open_names(store) == []
    store.undo()
    assert open_names(store) == ["b"]


def test_history_is_ones_own_decisions_in_their_order(store: LabelStore, place: str) -> None:
    add(store, "a", "b", "c", "d")
    for item in ("b", "a", "c"):
        store.record(item, "label", "checked")
    store.record("b", "discard")
    store.record("d", "skip")
    with another(store, place, "bob") as other:
        other.record("d", "label", "other")
    assert store.history() == ["a", "c", "b"]
    own = store.opinion("b")
    assert own is not None
    assert own.action == "discard"
    assert store.opinion("d") is None


def test_counts_tell_how_often_labels_flip_the_prediction(store: LabelStore) -> None:
    add(store, "a", "b", "c")
    store.record("a", "label", "checked")
    store.record("b", "label", "other")
    store.record("c", "discard")
    assert (store.counts().compared, store.counts().flipped) == (2, 1)


def test_an_unknown_kind_of_url_is_refused() -> None:
    with pytest.raises(StoreError, match="unknown kind of label store mysql://"):
        LabelStore.open("mysql://ann@host/labels")


def test_a_server_that_does_not_answer_is_named_without_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=r"label store postgresql://ann@127\.0\.0\.1:1/labels: ") as caught:
        LabelStore.open("postgresql://ann:secret@127.0.0.1:1/labels")
    assert "secret" not in str(caught.value)


def test_a_store_of_version_1_is_brought_up_to_date_and_keeps_all(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    log = "SELECT seq, at, session, annotator, item, action, label, undoes FROM events"
    before = connection.execute(log).fetchall()
    connection.close()
    with LabelStore.open(path, annotator="ann") as store:
        assert [(labelled.item, labelled.label) for labelled in store.labels()] == [("a", "checked")]
        assert open_names(store) == ["e", "b", "d"]
        assert store.decided() == {"a", "c"}
        assert (undone := store.undo()) and undone.item == "d"
        assert (undone := store.undo()) and (undone.item, undone.action) == ("c", "discard")
    LabelStore.open(path).close()
    connection = sqlite3.connect(path)
    after = connection.execute(log).fetchall()
    assert after[: len(before)] == before
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM events")
    connection.close()


def test_a_store_of_version_2_takes_what_is_said_of_places(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_2.read_text(encoding="utf-8"))
    log = "SELECT * FROM events ORDER BY seq"
    before = connection.execute(log).fetchall()
    connection.close()
    with LabelStore.open(path, annotator="ann") as store:
        assert [(labelled.item, labelled.label) for labelled in store.labels()] == [("a", "checked")]
        assert store.remarks("e") == (True, "odd")
        store.record("d", "wrong_box")
        store.record("e", "no_widget")
        assert store.decided() == {"a", "c", "d", "e"}
        assert (store.counts().wrong_box, store.counts().no_widget) == (1, 1)
    connection = sqlite3.connect(path)
    assert connection.execute(log).fetchall()[: len(before)] == before
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM events")
    connection.close()


def test_what_is_said_of_places_decides_and_can_be_undone(store: LabelStore) -> None:
    add(store, "a", "b", "c")
    store.record("a", "no_widget")
    store.record("b", "wrong_box")
    assert open_names(store) == ["c"]
    assert {item: event.action for item, event in store.decisions().items()} == {"a": "no_widget", "b": "wrong_box"}
    assert store.history() == ["a", "b"]
    store.undo()
    assert open_names(store) == ["b", "c"]
    assert set(store.decisions()) == {"a"}


def test_people_can_disagree_on_a_place(store: LabelStore, place: str) -> None:
    add(store, "a")
    store.record("a", "wrong_box")
    with another(store, place, "bob") as other:
        other.record("a", "discard")
        assert other.disputes()[0].labels == (("ann", "box is wrong"), ("bob", None))


def test_probabilities_and_classes_are_json_for_other_tools(file: LabelStore) -> None:
    add(file, "a", classes=("да", "нет"))
    reader = sqlite3.connect(file.name)
    assert json.loads(reader.execute("SELECT classes FROM batches").fetchone()[0]) == ["да", "нет"]
    assert json.loads(reader.execute("SELECT probabilities FROM queue_items").fetchone()[0])["other"] == 0.2
    reader.close()


def test_a_killed_session_of_this_machine_gives_back_what_it_held(store: LabelStore, place: str) -> None:
    add(store, "a", "b")
    program = (
        "import os, sys; from active.store.store import LabelStore; LabelStore.open(sys.argv[1]).claim(1); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program, place], timeout=60).returncode == 9
    with LabelStore.open(place) as alive:
        alive.claim(1)
        assert claimed(store) == []
        store.release_dead()
        assert claimed(store) == ["a"]


def test_an_empty_database_is_no_store_unless_one_is_made(place: str) -> None:
    with pytest.raises(MissingError, match="no label store"):
        LabelStore.open(place, create=False)
    LabelStore.open(place).close()
    LabelStore.open(place, create=False).close()


def test_a_cut_connection_is_said_and_the_next_call_connects_again(postgres_url: str) -> None:
    import psycopg

    empty(postgres_url)
    with LabelStore.open(postgres_url) as store:
        add(store, "a")
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        with pytest.raises(StoreError, match="label store postgresql://ann@"):
            store.record("a", "label", "checked")
        store.record("a", "label", "checked")
        assert len(store.events()) == 1


STEPS = st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from("ab"), st.sampled_from(
    ["label checked", "label other", "discard", "skip", "flag", "undo"]
)), max_size=12)  # fmt: skip


@settings(max_examples=15)
@given(steps=STEPS)
def test_what_is_kept_of_the_log_is_what_the_log_comes_to(steps: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.db"
        with LabelStore.open(path, annotator="ann") as ann, LabelStore.open(path, annotator="bob") as bob:
            add(ann, "a", "b")
            for who, item, step in steps:
                store = ann if who == "ann" else bob
                action, _, label = step.partition(" ")
                if action == "undo":
                    store.undo()
                else:
                    store.record(item, action, label or None)  # type: ignore[arg-type]  # one of the actions
            states = {name: settle([event for event in ann.events() if event.item == name]) for name in "ab"}
            decided = {name: state.decision.label for name, state in states.items() if state.decision}
            assert {each.item: each.label for each in ann.labels()} == {k: v for k, v in decided.items() if v}
            assert {each.item for each in ann.disputes()} == {k for k, v in states.items() if v.disputed}
            assert set(open_names(ann)) == {"a", "b"} - set(decided)
            counts = ann.counts()
            assert counts.open == 2 - len(decided)
            assert counts.skipped == sum(
                1 for k, v in states.items() if v.skipped_seq and not v.disputed and k not in decided
            )


def test_a_postgresql_store_of_version_2_takes_what_is_said_of_places(postgres_url: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    empty(postgres_url)
    with LabelStore.open(postgres_url, annotator="ann") as store:
        add(store, "a", "b")
        store.record("a", "label", "checked")
    with psycopg.connect(postgres_url, autocommit=True, options="-c search_path=boxwright") as admin:
        actions = "'label', 'skip', 'discard', 'flag', 'unflag', 'note', 'undo'"
        admin.execute("ALTER TABLE events DROP CONSTRAINT events_action_check")
        admin.execute(f"ALTER TABLE events ADD CONSTRAINT events_action_check CHECK (action IN ({actions}))")
        admin.execute("UPDATE meta SET value = '2' WHERE key = 'version'")
    with LabelStore.open(postgres_url, annotator="ann") as store:
        store.record("b", "wrong_box")
        assert {item: event.action for item, event in store.decisions().items()} == {"a": "label", "b": "wrong_box"}
