"""The queue in the store: batches of items, who has which on the screen, and how many there are of each kind."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from active.database import Database, Row
from active.events import Counts, QueueItem
from active.log import now

ORDER = "deferred_seq NULLS FIRST, batch DESC, rank"
"""Newest batch first, best first within it; what was skipped or is disputed waits behind the rest."""


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


def _to_item(row: Row) -> QueueItem:
    item, path, score, reason, predicted, probabilities = row
    return QueueItem(item, to_path(path), score, reason, predicted, json.loads(probabilities))


def to_path(stored: bytes) -> Path:
    """Return the path of a row, whose bytes need not be UTF-8."""
    return Path(os.fsdecode(stored))


def write_batch(
    database: Database,
    *,
    classes: Sequence[str],
    strategy: str,
    model: str,
    items: Sequence[QueueItem],
    after_seq: int,
) -> int:
    """Queue `items`, best first, inside a transaction, and return the number of the batch."""
    ((batch,),) = database.execute(
        "INSERT INTO batches (at, model, strategy, classes, after_seq) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (now(), model, strategy, json.dumps(list(classes), ensure_ascii=False), after_seq),
    )
    write_paths(database, {item.item: item.path for item in items})
    database.executemany(
        "INSERT INTO queue_items (batch, rank, item, score, reason, predicted, probabilities)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(batch, rank, *_queue_values(each)) for rank, each in enumerate(items, start=1)],
    )
    database.executemany(
        "INSERT INTO tasks (item, batch, rank) VALUES (?, ?, ?)"
        " ON CONFLICT (item) DO UPDATE SET batch = excluded.batch, rank = excluded.rank",
        [(each.item, batch, rank) for rank, each in enumerate(items, start=1)],
    )
    return int(batch)


def write_paths(database: Database, paths: Mapping[str, Path]) -> None:
    """Note where items were last seen."""
    database.executemany(
        "INSERT INTO items (id, path) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET path = excluded.path",
        [(item, os.fsencode(path.absolute())) for item, path in paths.items()],
    )


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


def read_counts(database: Database, session: str) -> Counts:
    """Return what the store holds, as `session` sees it."""
    rows = database.execute(_COUNTS.format(now_s=database.now_s), (session,))
    labelled: dict[str, int] = {}
    totals = dict.fromkeys(_TOTALS, 0)
    for action, label, *flags, count in rows:
        if action == "label":
            labelled[label] = labelled.get(label, 0) + count
        totals["discarded"] += count * (action == "discard")
        for name, flag in zip(_TOTALS[1:], flags, strict=True):
            totals[name] += count * flag
    return Counts(dict(sorted(labelled.items())), **totals)


def _queue_values(item: QueueItem) -> tuple[str | float, ...]:
    probabilities = json.dumps(dict(item.probabilities), ensure_ascii=False)
    return item.item, item.score, item.reason, item.predicted, probabilities
