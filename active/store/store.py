"""The label store: an append-only event log that several people share, in a SQLite file or in PostgreSQL."""

import contextlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Self

from active.store.database import Database, connect_database
from active.store.disagreement import Answer, read_answers
from active.store.events import DECISIONS, PLACE_WORDS, Action, Counts, Dispute, Event, Labelled, QueueItem, Record
from active.store.log import EVENT_COLUMNS, append_event, now, read_event, settle_task, standing_of
from active.store.records import RecordOutcome, read_records, write_records
from active.store.schema import prepare_tables
from active.store.sessions import is_dead, new_session
from active.store.tasks import (
    claim_tasks,
    read_counts,
    read_item,
    read_tasks,
    release_tasks,
    renew_tasks,
    to_path,
    write_batch,
    write_paths,
)
from base.errors import StoreError
from base.timing import package_log, timed

LOG = package_log(__name__)

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
            session: one sitting; a new name by default.
            lease_s: for how long `claim` holds an item without a `renew`.

        Raises:
            MissingError: there is no store and `create` is False.
            StoreError: it is something else than a label store, of a newer version, or cannot be written.
        """
        with timed(LOG, "opening the label store") as found:
            database = connect_database(place, create=create)
            try:
                found.note(store=database.name)
                prepare_tables(database, create=create)
            except BaseException:
                database.close()
                raise
        return cls(database, annotator=annotator, session=session or new_session(), lease_s=lease_s)

    def tell_waits(self, tell: Callable[[str], None]) -> None:
        """Have `tell` called, from a thread of its own, with what is waited for when the store is locked for long.

        Until then it goes into the log `boxwright.active`, as a warning.
        """
        self._database.patience.tell = tell

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
            batch = write_batch(
                self._database, classes=classes, strategy=strategy, model=model, items=items, after_seq=last
            )
            self._database.executemany(
                "UPDATE tasks SET reopened_seq = ?, open = 1 WHERE item = ? AND batch = ?",
                [(last, item, batch) for item in second_look],
            )
        return batch

    def relocate(self, paths: Mapping[str, Path]) -> None:
        """Note where items, given by their hash, were last seen; hashes never queued are passed over."""
        with self._database.writing():
            known = {item for (item,) in self._read("SELECT id FROM items")}
            write_paths(self._database, {item: path for item, path in paths.items() if item in known})

    def claim(self, limit: int, *, first: str | None = None) -> list[QueueItem]:
        """Lease open items to this session and return those it has, at most `limit`, best first.

        No other session is given them until they are decided, skipped or given back, or `lease_s` has passed
        without a `renew`. Items held already come first, and `first` before all if it is open and free.
        """
        claim_tasks(self._database, self.session, limit, first=first, lease_s=self.lease_s)
        return read_tasks(self._database, limit=limit, first=first, holder=self.session)

    def release_dead(self) -> None:
        """Give back what sessions of this machine held when they were killed; those of others run out in time."""
        for (holder,) in self._read("SELECT DISTINCT holder FROM tasks WHERE holder IS NOT NULL"):
            if is_dead(holder):
                release_tasks(self._database, holder)

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
            return append_event(self._database, event, holder=self.session if claimed else None)

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
        marks = ", ".join("?" * len(DECISIONS))
        rows = self._read(
            f"SELECT item FROM live_events WHERE annotator = ? AND imported = 0 AND action IN ({marks})"
            " GROUP BY item ORDER BY max(seq)",
            self.annotator,
            *DECISIONS,
        )
        return [item for (item,) in rows]

    def events(self) -> list[Event]:
        """Return all events that are not undone, in order."""
        return [read_event(row) for row in self._read(f"SELECT {EVENT_COLUMNS} FROM live_events ORDER BY seq")]

    def opinion(self, item: str) -> Event | None:
        """Return this annotator's own decision on `item` that counts, if there is one."""
        own = [event for event in standing_of(self._database, item).opinions if event.annotator == self.annotator]
        return own[0] if own else None

    def remarks(self, item: str) -> tuple[bool, str]:
        """Return whether `item` is flagged, and its note."""
        state = standing_of(self._database, item)
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

    def decisions(self) -> dict[str, Event]:
        """Return the event that decided each item that is labelled, discarded or said to be misplaced."""
        rows = self._read(
            f"SELECT {EVENT_COLUMNS} FROM events WHERE seq IN (SELECT decision_seq FROM tasks) ORDER BY seq"
        )
        return {event.item: event for event in map(read_event, rows)}

    def decided(self) -> set[str]:
        """Return the items that are decided, disputed or not, which no queue need offer again."""
        rows = self._read("SELECT item FROM tasks WHERE decision_seq IS NOT NULL OR disputed = 1")
        return {item for (item,) in rows}

    def dispute(self, item: str) -> Dispute | None:
        """Return who says what of `item`, if people disagree on it."""
        return next((each for each in self._disputes("disputed = 1 AND item = ?", item)), None)

    def disputes(self) -> list[Dispute]:
        """Return the items on which people disagree, with what each said last; they are queued until settled."""
        return self._disputes("disputed = 1")

    def _disputes(self, which: str, *values: str) -> list[Dispute]:
        rows = self._read(f"SELECT item, path FROM tasks JOIN items ON id = item WHERE {which} ORDER BY item", *values)
        return [
            Dispute(
                item,
                to_path(path),
                tuple(
                    (event.annotator, event.label or PLACE_WORDS.get(event.action))
                    for event in standing_of(self._database, item).opinions
                ),
            )
            for item, path in rows
        ]

    def records(self) -> list[Record]:
        """Return what counts of all that people said: each one's decision on each item, and flags and notes."""
        return read_records(self._database)

    def add_records(self, records: Sequence[Record]) -> list[RecordOutcome]:
        """Record what was said elsewhere, signed and dated as it was, and return what became of each record.

        An annotator's newer decision on an item stays. Where people disagree, or somebody says two things at one
        time or not when, the item is queued.
        """
        with self._database.writing():
            return write_records(self._database, records, session=self.session)

    def answers(self) -> list[Answer]:
        """Return the first label that each queued item was given, with what was predicted of it then."""
        return read_answers(self._database)

    def newest_batch(self) -> int:
        """Return the number of the newest batch; 0 when nothing was ever queued."""
        ((batch,),) = self._read("SELECT coalesce(max(id), 0) FROM batches")
        return int(batch)

    def reviewed(self) -> set[str]:
        """Return the items that were decided again after a second look was asked for."""
        return {
            item
            for (item,) in self._read("SELECT item FROM tasks WHERE decision_seq > reopened_seq AND reopened_seq > 0")
        }

    def counts(self) -> Counts:
        """Count labels by class, discards, open and skipped items, and what was done since the newest batch."""
        return read_counts(self._database, self.session)

    def _read(self, sql: str, *values: str | int | None) -> list[tuple]:  # type: ignore[type-arg]  # rows of any shape
        return self._database.execute(sql, values)
