import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from active.labelling.keys import LabelSettings, key_map
from active.labelling.prompt import run_prompt
from active.labelling.sitting import Sitting
from active.store.events import QueueItem
from active.store.store import LabelStore
from model.reading.images import content_hash
from tests.crops import draw_crop

CLASSES = ("checked", "unchecked", "other")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        items = []
        for number in range(4):
            path = tmp_path / f"{number}.png"
            draw_crop("other", number).save(path)
            items.append(QueueItem(content_hash(path), path, 0.9, "margin 0.04", "checked", {"checked": 1.0}))
        store.add_batch(classes=CLASSES, strategy="margin", model="m", items=items)
        yield store


def answer(store: LabelStore, *lines: str) -> str:
    said = io.StringIO()
    typed = io.StringIO("".join(f"{line}\n" for line in lines))
    run_prompt(Sitting(store), key_map(CLASSES, LabelSettings()), read=typed, write=said)
    return said.getvalue()


def labels(store: LabelStore) -> list[tuple[str, str]]:
    return [(labelled.path.name, labelled.label) for labelled in store.labels()]


def test_a_line_labels_by_key_or_by_name(store: LabelStore, tmp_path: Path) -> None:
    said = answer(store, "1", "other", "s", "D")
    assert labels(store) == [("0.png", "checked"), ("1.png", "other")]
    assert (store.counts().skipped, store.counts().discarded) == (1, 1)
    assert "0 of 4 done" in said
    assert str(tmp_path / "0.png") in said
    assert "✓ other   1.png" in said


def test_undo_note_flag_and_suggestion_are_words(store: LabelStore) -> None:
    said = answer(store, "1", "undo", "f", "note too dim", "?", "accept", "q", "1")
    assert labels(store) == [("0.png", "checked")]
    [labelled] = store.labels()
    assert store.remarks(labelled.item) == (True, "too dim")
    assert "model  checked 1.00" in said
    assert "took back checked" in said


def test_what_is_no_word_does_nothing_and_says_so(store: LabelStore) -> None:
    assert "9: neither a class nor a command" in answer(store, "9", "", "skip now")
    assert store.events() == []


def test_the_end_of_the_queue_is_said(store: LabelStore) -> None:
    assert "Nothing left to label" in answer(store, "1", "1", "1", "1")
    assert store.open_items() == []
