from pathlib import Path

import pytest

from active.store.disagreement import Answer, Flips, items_of
from active.store.events import QueueItem, Record
from active.store.store import LabelStore


def queue(store: LabelStore, item: str, predicted: str, reason: str, *, again: bool = False) -> None:
    queued = QueueItem(item, Path(f"/{item}.png"), 0.5, reason, predicted, {predicted: 1.0})
    second_look = [item] if again else []
    store.add_batch(classes=["a", "b"], strategy="s", model="m", items=[queued], second_look=second_look)


def test_an_answer_is_held_against_the_prediction_it_was_queued_with(place: str) -> None:
    with LabelStore.open(place, annotator="ann") as store:
        assert (store.answers(), store.newest_batch()) == ([], 0)
        queue(store, "x", "a", "random audit")
        queue(store, "x", "b", "margin 0.04")
        store.record("x", "label", "a")
        queue(store, "x", "a", "you labelled this `a`; 4 of 5 folds disagree", again=True)
        [answer] = store.answers()
        assert answer == Answer("x", "a", "b", "margin 0.04", 2)
        assert (answer.slice, answer.flipped, store.newest_batch()) == ("picked", True, 3)


def test_what_was_decided_again_after_a_second_look_was_reviewed(place: str) -> None:
    with LabelStore.open(place, annotator="ann") as store:
        queue(store, "x", "a", "margin")
        store.record("x", "label", "a")
        assert store.reviewed() == set()
        queue(store, "x", "b", "you labelled", again=True)
        assert store.reviewed() == set()
        store.record("x", "label", "a")
        assert store.reviewed() == {"x"}
        store.undo()
        assert store.reviewed() == set()


def test_undone_and_imported_labels_answer_nothing(place: str) -> None:
    with LabelStore.open(place, annotator="ann") as store:
        queue(store, "x", "a", "random audit, +1 like this")
        store.record("x", "label", "b")
        store.undo()
        assert store.answers() == []
        store.add_records([Record("x", Path("/x.png"), "label", "b", "bob", "2026-01-01T00:00:00.000+00:00")])
        assert [each.label for each in store.labels()] == ["b"]
        assert store.answers() == []


def test_counts_tell_flips_of_the_audit_apart(place: str) -> None:
    with LabelStore.open(place, annotator="ann") as store:
        reasons = {"w": "random audit", "x": "random audit", "y": "margin", "z": "margin"}
        items = [QueueItem(item, Path(f"/{item}"), 0.5, reason, "a", {}) for item, reason in reasons.items()]
        store.add_batch(classes=["a", "b"], strategy="s", model="m", items=items)
        for item, label in {"w": "a", "x": "b", "y": "b", "z": "b"}.items():
            store.record(item, "label", label)
        counts = store.counts()
        assert (counts.compared, counts.flipped, counts.audited, counts.audit_flipped) == (4, 3, 2, 1)


@pytest.mark.parametrize(
    ("reason", "which"),
    [("random audit, +2 like this", "audit"), ("margin 0.04", "picked"), ("you labelled this `a`", "second look")],
)
def test_the_reason_tells_the_slice(reason: str, which: str) -> None:
    answer = Answer("x", "a", "b", reason, 1)
    assert answer.slice == which
    assert [items_of([answer], name) for name in ("audit", "picked", "second look")].count({"x"}) == 1  # type: ignore[arg-type]


def test_flips_are_said_with_wilsons_interval() -> None:
    answers = [Answer(str(number), "a", "b" if number == 0 else "a", "random audit", 1) for number in range(20)]
    assert Flips.of(answers, "audit").to_text() == "1 of 20, 5% (1% to 24%)"
    assert Flips.of(answers, "picked").to_text() == "none asked"
