"""The label store: an append-only event log in one SQLite file; labels and the open queue are views of it."""

import contextlib
import json
import os
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

from active.schema import connect, store_errors, transaction
from generator.errors import StoreError

Action = Literal["label", "skip", "discard"]


@dataclass(frozen=True)
class QueueItem:
    """A picture to label; `item` is its content's sha256, `probabilities` keep the model's class order."""

    item: str
    path: Path
    score: float
    reason: str
    predicted: str
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Event:
    """One row of the log: who did what to which item; `label` is set where the action is label."""

    seq: int
    at: str
    session: str
    annotator: str
    item: str
    action: Action
    label: str | None


@dataclass(frozen=True)
class Labelled:
    """The current label of an item, with the path it was last seen at."""

    item: str
    path: Path
    label: str
    at: str
    annotator: str


@dataclass(frozen=True)
class Counts:
    """What the store holds; `done` counts decisions since the newest batch, the rest is over all batches."""

    labelled: Mapping[str, int]
    discarded: int
    open: int
    skipped: int
    done: int


class LabelStore:
    """An open label store; a change is on the disk before its call returns; processes may share the file."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, annotator: str, session: str) -> None:
        self.path = path
        self.annotator = annotator
        self.session = session
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, create: bool = True, annotator: str = "unknown", session: str | None = None) -> Self:
        """Open the store at `path` as a context manager; `annotator` and `session` sign what is recorded.

        Args:
            path: the SQLite file.
            create: make the file, and the folders above it, where there is none.
            annotator: who labels, or what.
            session: one sitting; a new random name by default.

        Raises:
            MissingError: there is no such file and `create` is False.
            StoreError: it is something else than a label store, of a newer version, or cannot be written.
        """
        connection = connect(path, create=create)
        return cls(path, connection, annotator=annotator, session=session or uuid.uuid4().hex[:12])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; nothing is waiting to be written."""
        self._connection.close()

    def add_batch(self, *, classes: Sequence[str], strategy: str, model: str, items: Sequence[QueueItem]) -> int:
        """Queue `items`, best first, before what is open already, and return the number of the batch.

        An item that is open already moves into the new batch. `classes` are in the model's order, and `model`
        is its fingerprint.
        """
        with self._writing() as write:
            batch = write.execute(
                "INSERT INTO batches (at, model, strategy, classes, after_seq)"
                " VALUES (?, ?, ?, ?, (SELECT coalesce(max(seq), 0) FROM events))",
                (_now(), model, strategy, _to_json(list(classes))),
            ).lastrowid
            _write_paths(write, {item.item: item.path for item in items})
            write.executemany(
                "INSERT INTO queue_items (batch, rank, item, score, reason, predicted, probabilities)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        batch,
                        rank,
                        each.item,
                        each.score,
                        each.reason,
                        each.predicted,
                        _to_json(each.probabilities),
                    )
                    for rank, each in enumerate(items, start=1)
                ),
            )
        assert batch is not None, "an INSERT that succeeded has a row id"
        return batch

    def relocate(self, paths: Mapping[str, Path]) -> None:
        """Note where items, given by their hash, were last seen; hashes never queued are passed over."""
        with self._writing() as write:
            known = {item for (item,) in write.execute("SELECT id FROM items")}
            _write_paths(write, {item: path for item, path in paths.items() if item in known})

    def record(self, item: str, action: Action, label: str | None = None, *, hinted: bool = False) -> Event:
        """Append one event; the action label needs a label, the others take none.

        `hinted` notes that the model's suggestion was in sight, so that such labels can be told apart later.

        Raises:
            StoreError: the item was never queued, label and action do not fit, or the disk is full.
        """
        if (action == "label") != bool(label):
            raise StoreError(
                f"action {action} with label {label!r}: a label goes with the action label, and only there"
            )
        values = (_now(), self.session, self.annotator, item, action, label)
        with self._writing() as write:
            if not write.execute("SELECT 1 FROM items WHERE id = ?", (item,)).fetchone():
                raise StoreError(f"{self.path}: item {item} was never queued")
            seq = write.execute(
                "INSERT INTO events (at, session, annotator, item, action, label, hinted) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*values, hinted),
            ).lastrowid
        assert seq is not None, "an INSERT that succeeded has a row id"
        return Event(seq, *values)

    def undo(self) -> Event | None:
        """Take back the last event of any session that still counts, and return it; None if none is left."""
        with self._writing() as write:
            row = write.execute(
                "SELECT seq, at, session, annotator, item, action, label FROM live_events ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            if row is None:
                return None
            undone = Event(*row)
            write.execute(
                "INSERT INTO events (at, session, annotator, item, action, undoes) VALUES (?, ?, ?, ?, 'undo', ?)",
                (_now(), self.session, self.annotator, undone.item, undone.seq),
            )
        return undone

    def open_items(self, *, limit: int | None = None, first: str | None = None) -> list[QueueItem]:
        """Return what waits for a label: newest batch first, best first within it, skipped items at the end.

        Args:
            limit: return no more than these.
            first: an item to put before all others, if it is open.
        """
        rows = self._read(
            "SELECT item, path, score, reason, predicted, probabilities FROM open_queue"
            " ORDER BY item IS NOT ?, skipped_seq, batch DESC, rank LIMIT ?",
            (first, -1 if limit is None else limit),
        )
        return [
            QueueItem(item, _to_path(path), score, reason, predicted, json.loads(probabilities))
            for item, path, score, reason, predicted, probabilities in rows
        ]

    def classes(self) -> tuple[str, ...]:
        """Return the classes of the newest batch in its model's order; empty when nothing was ever queued."""
        rows = self._read("SELECT classes FROM batches ORDER BY id DESC LIMIT 1")
        return tuple(json.loads(rows[0][0])) if rows else ()

    def labels(self) -> list[Labelled]:
        """Return the current label of each labelled item, in the order of labelling."""
        rows = self._read("SELECT item, path, label, at, annotator FROM current_labels ORDER BY seq")
        return [Labelled(item, _to_path(path), label, at, who) for item, path, label, at, who in rows]

    def decided(self) -> set[str]:
        """Return the items that are labelled or discarded, which no queue may offer again."""
        return {item for (item,) in self._read("SELECT item FROM decisions")}

    def counts(self) -> Counts:
        """Count labels by class, discards, open and skipped items, and decisions since the newest batch."""
        with store_errors(self.path), self._connection:
            self._connection.execute("BEGIN")  # one snapshot, so that the numbers agree with each other
            labelled = self._read("SELECT label, count(*) FROM current_labels GROUP BY label ORDER BY label")
            ((discarded,),) = self._read("SELECT count(*) FROM decisions WHERE action = 'discard'")
            ((waiting, skipped),) = self._read("SELECT count(*), count(skipped_seq) FROM open_queue")
            ((done,),) = self._read("SELECT count(*) FROM decisions WHERE seq > (SELECT max(after_seq) FROM batches)")
        return Counts(dict(labelled), discarded, waiting, skipped, done)

    def _read(self, query: str, values: Sequence[str | int | None] = ()) -> list[tuple]:  # type: ignore[type-arg]  # rows of any shape
        with store_errors(self.path):
            return self._connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with store_errors(self.path), transaction(self._connection) as connection:
            yield connection


def _write_paths(connection: sqlite3.Connection, paths: Mapping[str, Path]) -> None:
    connection.executemany(
        "INSERT INTO items (id, path) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET path = excluded.path",
        ((item, os.fsencode(path.absolute())) for item, path in paths.items()),
    )


def _to_path(stored: bytes) -> Path:
    return Path(os.fsdecode(stored))


def _to_json(value: list[str] | Mapping[str, float]) -> str:
    return json.dumps(value if isinstance(value, list) else dict(value), ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
