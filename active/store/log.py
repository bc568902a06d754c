"""The event log in the store: reads it, appends to it, and writes what an item's events come to into its task."""

from dataclasses import replace
from datetime import UTC, datetime

from active.store.database import Database, DatabaseRow
from active.store.events import DECISIONS, Event, Standing, settle
from base.errors import LeaseLostError, StoreError

EVENT_COLUMNS = "seq, at, session, annotator, item, action, label, note, hinted, settles, imported"


def read_event(row: DatabaseRow) -> Event:
    """Return the event of a row of EVENT_COLUMNS."""
    values: DatabaseRow = (*row[:-3], *map(bool, row[-3:]))
    return Event(*values)


def events_of(database: Database, item: str) -> list[Event]:
    """Return the events of `item` that are not undone, in order."""
    rows = database.execute(f"SELECT {EVENT_COLUMNS} FROM live_events WHERE item = ? ORDER BY seq", (item,))
    return [read_event(row) for row in rows]


def standing_of(database: Database, item: str) -> Standing:
    """Return what the events of `item` come to."""
    return settle(events_of(database, item))


def settle_task(database: Database, item: str, *, release: bool = True) -> None:
    """Write what the events of `item` come to into its task; `release` returns its lease."""
    state = standing_of(database, item)
    seq = state.decision.seq if state.decision else None
    database.execute(
        "UPDATE tasks SET disputed = ?, deferred_seq = ?, decision_seq = ?,"
        " open = CASE WHEN ? > reopened_seq THEN 0 ELSE 1 END WHERE item = ?",
        (int(state.disputed), state.deferred_seq, seq, seq or 0, item),
    )
    if release:
        database.execute("UPDATE tasks SET holder = NULL, held_until = NULL WHERE item = ?", (item,))


def append_event(database: Database, event: Event, *, holder: str | None = None, imported: bool = False) -> Event:
    """Append an event, inside a transaction, and return it with its number; with `holder`, only if that one has it.

    Raises:
        LeaseLostError: `holder` is not who holds the item.
        StoreError: the item was never queued.
    """
    tasks = database.execute(f"SELECT holder, disputed FROM tasks WHERE item = ? {database.for_update}", (event.item,))
    if not tasks:
        raise StoreError(f"{database.name}: item {event.item} was never queued")
    ((holds, disputed),) = tasks
    if holder is not None and holds != holder:
        raise LeaseLostError("somebody else has taken this picture meanwhile")
    settles = bool(disputed) and event.action in DECISIONS and not imported
    event = replace(event, settles=settles, imported=imported)
    ((seq,),) = database.execute(
        "INSERT INTO events (at, session, annotator, item, action, label, note, hinted, settles, imported)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq",
        (event.at, event.session, event.annotator, event.item, event.action, event.label, event.note,
         int(event.hinted), int(event.settles), int(imported)),
    )  # fmt: skip
    settle_task(database, event.item, release=event.action in (*DECISIONS, "skip"))
    return replace(event, seq=seq)


def now() -> str:
    """Return the time as the log keeps it: ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
