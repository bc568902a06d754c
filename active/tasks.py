"""The queue's rows in the store: what an item's events come to, and who has it on the screen."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from active.database import Database
from active.events import Event, QueueItem, State, settle

ORDER = "deferred_seq NULLS FIRST, batch DESC, rank"
"""Newest batch first, best first within it; what was skipped or is disputed waits behind the rest."""

EVENT_COLUMNS = "seq, at, session, annotator, item, action, label, note, hinted, settles"


def read_event(row: Sequence[object]) -> Event:
    """Return the event of a row of EVENT_COLUMNS."""
    *values, hinted, settles = row
    return Event(*values, hinted=bool(hinted), settles=bool(settles))  # type: ignore[arg-type]  # as the tables say


def state_of(database: Database, item: str) -> State:
    """Return what the events of `item` come to."""
    rows = database.execute(f"SELECT {EVENT_COLUMNS} FROM live_events WHERE item = ? ORDER BY seq", (item,))
    return settle([read_event(row) for row in rows])


def settle_task(database: Database, item: str, *, release: bool = True) -> None:
    """Write what the events of `item` come to into its task; `release` returns its lease."""
    state = state_of(database, item)
    seq = state.decision.seq if state.decision else None
    database.execute(
        "UPDATE tasks SET disputed = ?, deferred_seq = ?, decision_seq = ?,"
        " open = CASE WHEN ? > reopened_seq THEN 0 ELSE 1 END WHERE item = ?",
        (int(state.disputed), state.deferred_seq, seq, seq or 0, item),
    )
    if release:
        database.execute("UPDATE tasks SET holder = NULL, held_until = NULL WHERE item = ?", (item,))


def claim_tasks(database: Database, session: str, limit: int, *, first: str | None, lease_s: float) -> None:
    """Lease up to `limit` open items to `session`, those it has already included, in one statement."""
    free = f"(holder IS NULL OR holder = ? OR held_until < {database.now_s})"
    database.execute(
        f"WITH chosen AS MATERIALIZED (SELECT item FROM tasks WHERE open = 1 AND {free}"
        f" ORDER BY {_first_of('item', 'holder')}, {ORDER} LIMIT ? {database.skip_locked})"
        f" UPDATE tasks SET holder = ?, held_until = {database.now_s} + ?"
        " WHERE item IN (SELECT item FROM chosen) RETURNING item",
        (session, first, session, limit, session, lease_s),
    )


def renew_tasks(database: Database, session: str, lease_s: float) -> None:
    """Prolong the leases of `session`."""
    database.execute(f"UPDATE tasks SET held_until = {database.now_s} + ? WHERE holder = ?", (lease_s, session))


def release_tasks(database: Database, session: str) -> None:
    """Give back the leases of `session`."""
    database.execute("UPDATE tasks SET holder = NULL, held_until = NULL WHERE holder = ?", (session,))


def read_tasks(
    database: Database, *, limit: int | None, first: str | None = None, holder: str | None = None
) -> list[QueueItem]:
    """Return open items in their order, `first` before all others; with `holder`, those it has leased only."""
    only = "AND holder = ?" if holder else "AND ? IS NULL"
    rows = database.execute(
        f"{_SELECT_ITEM} WHERE tasks.open = 1 {only.replace('?', 'CAST(? AS TEXT)')}"
        f" ORDER BY {_first_of('tasks.item')}, deferred_seq NULLS FIRST, tasks.batch DESC, tasks.rank"
        + (" LIMIT ?" if limit is not None else ""),
        (holder, first, *([limit] if limit is not None else [])),
    )
    return [_to_item(row) for row in rows]


def read_item(database: Database, item: str) -> QueueItem | None:
    """Return an item as it was last queued, or None if it never was."""
    rows = database.execute(f"{_SELECT_ITEM} WHERE tasks.item = ?", (item,))
    return _to_item(rows[0]) if rows else None


_SELECT_ITEM = """SELECT tasks.item, path, score, reason, predicted, probabilities FROM tasks
    JOIN queue_items ON queue_items.batch = tasks.batch AND queue_items.item = tasks.item
    JOIN items ON items.id = tasks.item"""


def _first_of(*columns: str) -> str:
    return ", ".join(f"CASE WHEN {column} = ? THEN 0 ELSE 1 END" for column in columns)


def _to_item(row: Sequence[object]) -> QueueItem:
    item, path, score, reason, predicted, probabilities = row
    return QueueItem(item, to_path(path), score, reason, predicted, json.loads(probabilities))  # type: ignore[arg-type]  # as the tables say


def to_path(stored: object) -> Path:
    """Return the path of a row, whose bytes need not be UTF-8."""
    return Path(os.fsdecode(stored))  # type: ignore[arg-type]  # bytes, as the tables say
