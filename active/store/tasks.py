"""The queue in the store: batches of items, who has which on the screen, and how many there are of each kind."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from active.store.database import Database, DatabaseRow
from active.store.events import Counts, QueueItem
from active.store.log import now

ORDER = "deferred_seq, tasks.batch DESC, tasks.rank"
"""Newest batch first, best first within it; what was skipped or is disputed waits behind the rest."""


def claim_tasks(database: Database, session: str, limit: int, *, first: str | None, lease_s: float) -> None:
    """Lease open items to `session` until it has `limit`, each lease by one statement; `first` in any case."""
    free = f"open = 1 AND (holder IS NULL OR held_until <= {database.now_s})"
    lease = f"UPDATE tasks SET holder = ?, held_until = {database.now_s} + ?"
    if first is not None:
        database.execute(f"{lease} WHERE item = ? AND {free} RETURNING item", (session, lease_s, first))
    ((held,),) = database.execute("SELECT count(*) FROM tasks WHERE holder = ? AND open = 1", (session,))
    if held < limit:
        database.execute(
            f"WITH chosen AS MATERIALIZED (SELECT item FROM tasks WHERE {free}"
            f" ORDER BY {ORDER} LIMIT ? {database.skip_locked})"
            f" {lease} WHERE item IN (SELECT item FROM chosen) RETURNING item",
            (limit - held, session, lease_s),
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
        f" ORDER BY CASE WHEN tasks.item = ? THEN 0 ELSE 1 END, {ORDER}" + (" LIMIT ?" if limit is not None else ""),
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


def _to_item(row: DatabaseRow) -> QueueItem:
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


_OPEN = """SELECT (SELECT count(*) FROM tasks WHERE open = 1),
        (SELECT count(*) FROM tasks WHERE open = 1 AND deferred_seq > 0 AND disputed = 0),
        (SELECT count(*) FROM tasks WHERE open = 1 AND deferred_seq > 0 AND disputed = 1),
        (SELECT count(*) FROM tasks WHERE open = 1 AND holder <> ? AND held_until > {now_s})"""

_DECIDED = """SELECT action, label,
        CASE WHEN seq > after_seq AND imported = 0 THEN 1 ELSE 0 END AS fresh,
        CASE WHEN predicted = '' OR label IS NULL THEN 0 WHEN predicted = label THEN 1 ELSE 2 END AS flip,
        CASE WHEN substr(reason, 1, 12) = 'random audit' THEN 1 ELSE 0 END AS audit,
        count(*)
    FROM tasks JOIN events ON seq = decision_seq
    JOIN queue_items AS queued ON queued.batch = tasks.batch AND queued.item = tasks.item
    CROSS JOIN (SELECT max(after_seq) AS after_seq FROM batches) AS newest
    WHERE decision_seq IS NOT NULL GROUP BY 1, 2, 3, 4, 5"""


def read_counts(database: Database, session: str) -> Counts:
    """Return what the store holds, as `session` sees it."""
    [(waiting, skipped, disputed, held)] = database.execute(_OPEN.format(now_s=database.now_s), (session,))
    labelled: dict[str, int] = {}
    placed: Counter[str] = Counter()
    done = compared = flipped = audited = audit_flipped = 0
    for action, label, fresh, flip, audit, count in database.execute(_DECIDED):
        if action == "label":
            labelled[label] = labelled.get(label, 0) + count
        else:
            placed[action] += count
        done += count * fresh
        compared += count * fresh * (flip > 0)
        flipped += count * fresh * (flip == 2)
        audited += count * fresh * audit * (flip > 0)
        audit_flipped += count * fresh * audit * (flip == 2)
    flips = (compared, flipped, audited, audit_flipped)
    away = (placed["discard"], placed["no_widget"], placed["wrong_box"])
    return Counts(dict(sorted(labelled.items())), *away, waiting, skipped, done, disputed, held, *flips)


def _queue_values(item: QueueItem) -> tuple[str | float, ...]:
    probabilities = json.dumps(dict(item.probabilities), ensure_ascii=False)
    return item.item, item.score, item.reason, item.predicted, probabilities
