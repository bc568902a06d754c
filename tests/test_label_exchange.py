"""Labels out and in: what is exported comes in as it was, and what is not taken, or contradicts itself, is said."""

import hashlib
import io
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner, Result

from active.exchange.label_formats.label_catalogue import LABEL_FORMATS
from active.exchange.labels import export_labels, import_labels
from active.store.events import QueueItem
from active.store.records import OLDER, OTHER_NOTE, UNFLAGGED
from active.store.store import LabelStore
from base.errors import InputError
from cli import app
from model.reading.folders import read_examples

PEOPLE = ("ann", "bob", "eve")
CLASSES = ("on", "off")
NEWER, NEWEST = "2030-01-01T00:00:00.000+00:00", "2031-01-01T00:00:00.000+00:00"


def picture(number: int, form: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), (number, 0, 0)).save(content, form)
    return content.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    for number, name in enumerate(("a.png", "b.png")):
        (tmp_path / name).write_bytes(picture(number))
    with LabelStore.open(tmp_path / "labels.db", annotator="ann") as store:
        yield store


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def said(store: LabelStore) -> list[tuple[str, str, str | None, str]]:
    """Return who said what of which picture, and when."""
    return [(each.path.name, each.annotator, each.label or each.action, each.at) for each in store.records()]


def take(store: LabelStore, source: Path, format_name: str = "csv", **choices: Any) -> Counter[str]:
    return import_labels(store, source, format_name=format_name, **choices).reasons


# Whole stores, out and in


def queue(store: LabelStore, pool: Path, count: int) -> list[str]:
    items = []
    for number in range(count):
        path = write(pool / f"{number}.png", picture(number))
        items.append(hashlib.sha256(path.read_bytes()).hexdigest())
    queued = [QueueItem(item, pool / f"{number}.png", 0.5, "margin", "on", {}) for number, item in enumerate(items)]
    store.add_batch(classes=CLASSES, strategy="margin", model="m", items=queued)
    return items


LIVE = st.tuples(
    st.sampled_from(PEOPLE),
    st.integers(0, 3),
    st.sampled_from(("label", "label", "discard", "skip", "flag", "unflag", "note", "undo")),
    st.sampled_from(CLASSES),
    st.sampled_from(("", 'dim; "half", as it is', "line\nbreak\rand ü ", " blanks ")),
)
TIMES = ("", NEWER, NEWEST)
THEIRS = st.tuples(
    st.sampled_from(PEOPLE),
    st.integers(0, 3),
    st.sampled_from(("label", "label", "discard", "skip")),
    st.sampled_from(CLASSES),
    st.sampled_from(TIMES),
)


def act(store: LabelStore, item: str, action: str, label: str, note: str) -> None:
    if action == "undo":
        store.undo()
    elif action == "note":
        store.record(item, "note", note=note)
    else:
        store.record(item, action, label if action == "label" else None, hinted=note != "")  # type: ignore[arg-type]


def come_in(store: LabelStore, folder: Path, items: Sequence[str], theirs: Sequence[tuple[Any, ...]]) -> None:
    """Import rows of somebody else's, each as a file of its own."""
    for number, (who, item, action, label, at) in enumerate(theirs):
        row = {"sha256": items[item], "path": str(folder / f"{item}.png"), "annotator": who, "action": action}
        row |= ({"label": label} if action == "label" else {}) | ({"labelled_at": at} if at else {})
        import_labels(store, write(folder / f"{number}.jsonl", json.dumps(row)), format_name="jsonl")


def contents(out: Path) -> dict[str, bytes]:
    if out.is_file():
        return {"": out.read_bytes()}
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", LABEL_FORMATS)
@settings(max_examples=25, deadline=None)
@given(live=st.lists(LIVE, max_size=10), theirs=st.lists(THEIRS, max_size=4))
def test_export_import_export_is_the_identity(
    name: str, live: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with LabelStore.open(folder / "first.db", annotator="ann") as first:
            items = queue(first, folder / "pool", 4)
            first.record(items[0], "label", "on")
            come_in(first, folder / "pool", items, theirs[:2])
            for who, number, action, label, note in live:
                first.annotator = who
                act(first, items[number], action, label, note)
            come_in(first, folder / "pool", items, theirs[2:])
            if not any(record.action in ("label", "discard") for record in first.records()):
                return  # an export has nothing to say, and says so
            export_labels(first, folder / "one", format_name=name)
            with LabelStore.open(folder / "second.db", annotator="nobody") as second:
                result = import_labels(second, folder / "one", format_name=name)
                assert (result.failed, result.passed_over) == ((), ())
                assert second.records() == first.records()
                assert [(each.item, set(each.labels)) for each in second.disputes()] == [
                    (each.item, set(each.labels)) for each in first.disputes()
                ]
                again = import_labels(second, folder / "one", format_name=name)
                assert (again.new, again.passed_over) == (0, ())
                export_labels(second, folder / "two", format_name=name)
            assert contents(folder / "two") == contents(folder / "one")
            # Its own export tells a store nothing.
            assert import_labels(first, folder / "one", format_name=name).new == 0


@settings(max_examples=40, deadline=None)
@given(theirs=st.lists(THEIRS.filter(lambda row: row[2] != "skip"), min_size=2, max_size=5), data=st.data())
def test_what_files_say_does_not_depend_on_their_order(theirs: list[tuple[Any, ...]], data: st.DataObject) -> None:
    untimed = Counter((who, item) for who, item, *_, at in theirs if not at)
    assert untimed is not None
    orders = [theirs, data.draw(st.permutations(theirs))]
    found = []
    with tempfile.TemporaryDirectory() as place:
        for number, order in enumerate(orders):
            folder = Path(place, str(number))
            with LabelStore.open(folder / "labels.db", annotator="ann") as store:
                items = queue(store, folder / "pool", 4)
                come_in(store, folder / "pool", items, order)
                agreed = sorted((each.item, each.label) for each in store.labels())
                found.append((agreed, [each.item for each in store.disputes()]))
    assert found[0] == found[1]
