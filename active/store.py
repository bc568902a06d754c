"""The label store: an append-only event log that several people share, in a SQLite file or in PostgreSQL."""

import contextlib
import json
import os
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from active.database import Database, connect
from active.events import DECISIONS, Action, Counts, Dispute, Event, Labelled, QueueItem
from active.schema import prepare
from active.tasks import (
    EVENT_COLUMNS,
    claim_tasks,
    read_event,
    read_item,
    read_tasks,
    release_tasks,
    renew_tasks,
    settle_task,
    state_of,
    to_path,
)
from generator.errors import LeaseLostError, StoreError

LEASE_S = 45.0
"""How long an item stays with a session that gives no sign of life; the labeller gives one every third of it."""


class LabelStore:
    """An open label store; a change is committed before its call returns; any number of processes may share it."""

    def __init__(self, database: Database, *, annotator: str, session: str, lease_s: float) -> None:
        self.name = database.name
        self.annotator = annotator
        self.session = session
        self.lease_s = lease_s
        self._database = database

    @classmethod
    def open(
        cls,
        place: str | Path,
        *,
        create: bool = True,
        annotator: str = "unknown",
        session: str | None = None,
        lease_s: float = LEASE_S,
    ) -> Self:
        """Open the store at `place` as a context manager; `annotator` and `session` sign what is recorded.

        Args:
            place: a SQLite file, or a URL `postgresql://user@host/database`; an older file is brought up to date.
            create: make the file, and the folders above it, where there is none.
            annotator: who labels, or what.
            session: one sitting; a new random name by default.
            lease_s: for how long `claim` holds an item without a `renew`.

        Raises:
            MissingError: there is no such file and `create` is False.
            StoreError: it is something else than a label store, of a newer version, or cannot be written.
        """
        database = connect(place, create=create)
        try:
            prepare(database)
        except BaseException:
            database.close()
            raise
        return cls(database, annotator=annotator, session=session or uuid.uuid4().hex[:12], lease_s=lease_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is claimed and close the connection; nothing is waiting to be written."""
        with contextlib.suppress(StoreError):  # a lease that cannot be given back runs out
            if self._read("SELECT 1 FROM tasks WHERE holder = ? LIMIT 1", self.session):
                release_tasks(self._database, self.session)
        self._database.close()

    def add_batch(
        self,
        *,
        classes: Sequence[str],
        strategy: str,
        model: str,
        items: Sequence[QueueItem],
        second_look: Collection[str] = (),
    ) -> int:
        """Queue `items`, best first, before what is open already, and return the number of the batch.

        An item that is open already moves into the new batch; one that is decided stays so, unless it is in
        `second_look`. `classes` are in the model's order, and `model` is its fingerprint.
        """
        with self._database.writing():
            ((last,),) = self._read("SELECT coalesce(max(seq), 0) FROM events")
            batch = self._add_batch(classes, strategy, model, items, after_seq=last)
            self._database.executemany(
                "UPDATE tasks SET reopened_seq = ?, open = 1 WHERE item = ? AND batch = ?",
                [(last, item, batch) for item in second_look],
            )
        return batch

    def _add_batch(
        self, classes: Sequence[str], strategy: str, model: str, items: Sequence[QueueItem], *, after_seq: int
    ) -> int:
        ((batch,),) = self._read(
            "INSERT INTO batches (at, model, strategy, classes, after_seq) VALUES (?, ?, ?, ?, ?) RETURNING id",
            now(), model, strategy, json.dumps(list(classes), ensure_ascii=False), after_seq,
        )  # fmt: skip
        self._write_paths({item.item: item.path for item in items})
        self._database.executemany(
            "INSERT INTO queue_items (batch, rank, item, score, reason, predicted, probabilities)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(batch, rank, *_queue_values(each)) for rank, each in enumerate(items, start=1)],
        )
        self._database.executemany(
            "INSERT INTO tasks (item, batch, rank) VALUES (?, ?, ?)"
            " ON CONFLICT (item) DO UPDATE SET batch = excluded.batch, rank = excluded.rank",
            [(each.item, batch, rank) for rank, each in enumerate(items, start=1)],
        )
        return int(batch)

    def relocate(self, paths: Mapping[str, Path]) -> None:
        """Note where items, given by their hash, were last seen; hashes never queued are passed over."""
        with self._database.writing():
            known = {item for (item,) in self._read("SELECT id FROM items")}
            self._write_paths({item: path for item, path in paths.items() if item in known})

    def claim(self, limit: int, *, first: str | None = None) -> list[QueueItem]:
        """Lease open items to this session and return those it has, at most `limit`, best first.

        No other session is given them until they are decided, skipped or given back, or `lease_s` has passed
        without a `renew`. Items held already come first, and `first` before all if it is open and free.
        """
        claim_tasks(self._database, self.session, limit, first=first, lease_s=self.lease_s)
        return read_tasks(self._database, limit=limit, first=first, holder=self.session)

    def renew(self) -> None:
        """Keep what this session has claimed for another `lease_s`."""
        renew_tasks(self._database, self.session, self.lease_s)

    def record(
        self,
        item: str,
        action: Action,
        label: str | None = None,
        *,
        note: str | None = None,
        hinted: bool = False,
        claimed: bool = False,
    ) -> Event:
        """Append one event; the action label needs a label and the action note a note, the others take neither.

        Args:
            item: the sha256 of a picture that was queued.
            action: what was done.
            label: the class.
            note: a line of text; an empty one takes the item's note away.
            hinted: the model's suggestion was in sight, so that such labels can be told apart later.
            claimed: record it only if this session still holds the item.

        Raises:
            LeaseLostError: `claimed`, but the lease ran out and was not renewed in time, or the item is decided.
            StoreError: the item was never queued, label and action do not fit, or the disk is full.
        """
        if (action == "label") != bool(label):
            raise StoreError(
                f"action {action} with label {label!r}: a label goes with the action label, and only there"
            )
        if (action == "note") != (note is not None):
            raise StoreError(f"action {action} with note {note!r}: a note goes with the action note, and only there")
        event = Event(0, now(), self.session, self.annotator, item, action, label, note, hinted)
        with self._database.writing():
            return self._append(event, claimed=claimed)

    def _append(self, event: Event, *, claimed: bool = False, imported: bool = False) -> Event:
        tasks = self._read(f"SELECT holder, disputed FROM tasks WHERE item = ? {self._database.for_update}", event.item)
        if not tasks:
            raise StoreError(f"{self.name}: item {event.item} was never queued")
        ((holder, disputed),) = tasks
        if claimed and holder != self.session:
            raise LeaseLostError("somebody else has taken this picture meanwhile")
        event = replace(event, settles=bool(disputed) and event.action in DECISIONS and not imported)
        ((seq,),) = self._read(
            "INSERT INTO events (at, session, annotator, item, action, label, note, hinted, settles, imported)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq",
            event.at, event.session, event.annotator, event.item, event.action, event.label, event.note,
            int(event.hinted), int(event.settles), int(imported),
        )  # fmt: skip
        settle_task(self._database, event.item, release=event.action in (*DECISIONS, "skip"))
        return replace(event, seq=seq)

    def undo(self) -> Event | None:
        """Take back this annotator's own last event that still counts, of any session, and return it, or None.

        What was imported is not undone.
        """
        with self._database.writing():
            rows = self._read(
                f"SELECT {EVENT_COLUMNS} FROM live_events WHERE annotator = ? AND imported = 0"
                " ORDER BY seq DESC LIMIT 1",
                self.annotator,
            )
            if not rows:
                return None
            undone = read_event(rows[0])
            self._read(
                "INSERT INTO events (at, session, annotator, item, action, undoes) VALUES (?, ?, ?, ?, 'undo', ?)"
                " RETURNING seq",
                now(), self.session, self.annotator, undone.item, undone.seq,
            )  # fmt: skip
            settle_task(self._database, undone.item, release=False)
        return undone

    def open_items(self, *, limit: int | None = None, first: str | None = None) -> list[QueueItem]:
        """Return what waits for a label, whoever holds it: newest batch first, best first within it.

        Skipped and disputed items come last, and `first` before all others, if it is open.
        """
        return read_tasks(self._database, limit=limit, first=first)

    def item(self, item: str) -> QueueItem | None:
        """Return an item as it was last queued, or None if it never was."""
        return read_item(self._database, item)

    def history(self) -> list[str]:
        """Return the items that this annotator has decided and not undone, in the order of the last decisions."""
        rows = self._read(
            "SELECT item FROM live_events WHERE annotator = ? AND imported = 0 AND action IN ('label', 'discard')"
            " GROUP BY item ORDER BY max(seq)",
            self.annotator,
        )
        return [item for (item,) in rows]

    def events(self) -> list[Event]:
        """Return all events that are not undone, in order."""
        return [read_event(row) for row in self._read(f"SELECT {EVENT_COLUMNS} FROM live_events ORDER BY seq")]

    def opinion(self, item: str) -> Event | None:
        """Return this annotator's own decision on `item` that counts, if there is one."""
        own = [event for event in state_of(self._database, item).opinions if event.annotator == self.annotator]
        return own[0] if own else None

    def remarks(self, item: str) -> tuple[bool, str]:
        """Return whether `item` is flagged, and its note."""
        state = state_of(self._database, item)
        return state.flagged, state.note

    def classes(self) -> tuple[str, ...]:
        """Return the classes of the newest batch in its model's order; empty when nothing was ever queued."""
        rows = self._read("SELECT classes FROM batches ORDER BY id DESC LIMIT 1")
        return tuple(json.loads(rows[0][0])) if rows else ()

    def labels(self) -> list[Labelled]:
        """Return the current label of each labelled item, in the order of labelling; disputed items have none."""
        rows = self._read(
            "SELECT event.item, path, label, at, annotator FROM tasks JOIN events AS event ON seq = decision_seq"
            " JOIN items ON id = event.item WHERE action = 'label' ORDER BY seq"
        )
        return [Labelled(item, to_path(path), label, at, who) for item, path, label, at, who in rows]

    def decided(self) -> set[str]:
        """Return the items that are labelled or discarded, disputed or not, which no queue need offer again."""
        rows = self._read("SELECT item FROM tasks WHERE decision_seq IS NOT NULL OR disputed = 1")
        return {item for (item,) in rows}

    def disputes(self) -> list[Dispute]:
        """Return the items on which people disagree, with what each said last; they are queued until settled."""
        rows = self._read("SELECT item, path FROM tasks JOIN items ON id = item WHERE disputed = 1 ORDER BY item")
        return [
            Dispute(
                item,
                to_path(path),
                {event.annotator: event.label for event in state_of(self._database, item).opinions},
            )
            for item, path in rows
        ]

    def counts(self) -> Counts:
        """Count labels by class, discards, open and skipped items, and what was done since the newest batch."""
        rows = self._read(_COUNTS.format(now_s=self._database.now_s), self.session)
        labelled: dict[str, int] = {}
        totals = dict.fromkeys(_TOTALS, 0)
        for action, label, *flags, count in rows:
            if action == "label":
                labelled[label] = labelled.get(label, 0) + count
            totals["discarded"] += count * (action == "discard")
            for name, flag in zip(_TOTALS[1:], flags, strict=True):
                totals[name] += count * flag
        return Counts(dict(sorted(labelled.items())), **totals)

    def _write_paths(self, paths: Mapping[str, Path]) -> None:
        self._database.executemany(
            "INSERT INTO items (id, path) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET path = excluded.path",
            [(item, os.fsencode(path.absolute())) for item, path in paths.items()],
        )

    def _read(self, sql: str, *values: str | int | None) -> list[tuple]:  # type: ignore[type-arg]  # rows of any shape
        return self._database.execute(sql, values)


_TOTALS = ("discarded", "open", "skipped", "disputed", "held", "done", "compared", "flipped")

_COUNTS = """SELECT action, label, open,
        CASE WHEN open = 1 AND disputed = 0 AND deferred_seq IS NOT NULL THEN 1 ELSE 0 END,
        disputed,
        CASE WHEN open = 1 AND holder <> ? AND held_until >= {now_s} THEN 1 ELSE 0 END,
        CASE WHEN seq > after_seq AND imported = 0 THEN 1 ELSE 0 END,
        CASE WHEN seq > after_seq AND imported = 0 AND action = 'label' AND predicted <> '' THEN 1 ELSE 0 END,
        CASE WHEN seq > after_seq AND imported = 0 AND action = 'label' AND predicted <> ''
            AND predicted <> label THEN 1 ELSE 0 END,
        count(*)
    FROM tasks LEFT JOIN events ON seq = decision_seq
    JOIN queue_items AS queued ON queued.batch = tasks.batch AND queued.item = tasks.item
    CROSS JOIN (SELECT max(after_seq) AS after_seq FROM batches) AS newest
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"""


def _queue_values(item: QueueItem) -> tuple[str | float, ...]:
    probabilities = json.dumps(dict(item.probabilities), ensure_ascii=False)
    return item.item, item.score, item.reason, item.predicted, probabilities


def now() -> str:
    """Return the time as the log keeps it: ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
