"""What people said, as it goes out of the store to other tools and comes in from them."""

import json
from collections.abc import Sequence
from typing import Literal

from active.store.database import Database
from active.store.events import DECISIONS, Action, Event, QueueItem, Record, settle
from active.store.log import EVENT_COLUMNS, append_event, events_of, read_event, standing_of
from active.store.tasks import to_path, write_batch


def read_records(database: Database) -> list[Record]:
    """Return each annotator's decision on each item, with flags and notes, in the order of the decisions."""
    paths = {item: to_path(path) for item, path in database.execute("SELECT id, path FROM items")}
    rows = database.execute(f"SELECT {EVENT_COLUMNS} FROM live_events ORDER BY seq")
    events: dict[str, list[Event]] = {}
    for event in map(read_event, rows):
        events.setdefault(event.item, []).append(event)
    found: list[tuple[int, Record]] = []
    for item, said in events.items():
        state = settle(said)
        remarks = (state.flagged, state.note)
        for own in state.opinions:
            action: Literal["label", "discard"] = "label" if own.label else "discard"
            values = (item, paths[item], action, own.label, own.annotator, own.at, own.hinted, *remarks)
            found.append((own.seq, Record(*values)))
        if not state.opinions and any(remarks):
            last = said[-1]
            found.append((last.seq, Record(item, paths[item], "", None, last.annotator, last.at, False, *remarks)))
    return [record for _, record in sorted(found, key=lambda each: each[0])]


def write_records(database: Database, records: Sequence[Record], *, session: str) -> int:
    """Append what records say that is not known, inside a transaction; return how many of them said something new."""
    known = {item for (item,) in database.execute("SELECT item FROM tasks")}
    fresh = {each.item: each for each in records if each.item not in known}
    rows = database.execute("SELECT classes FROM batches ORDER BY id DESC LIMIT 1")
    classes: list[str] = json.loads(rows[0][0]) if rows else []
    named = sorted({each.label for each in records if each.label} - set(classes))
    if fresh or named:
        # Progress counts from where it counted before.
        ((after,),) = database.execute("SELECT coalesce(max(after_seq), 0) FROM batches")
        items = [QueueItem(each.item, each.path, 0.0, "imported", "", {}) for each in fresh.values()]
        write_batch(database, classes=[*classes, *named], strategy="import", model="", items=items, after_seq=after)
    return sum([_write_record(database, each, session) for each in sorted(records, key=lambda each: each.at)])


def _write_record(database: Database, record: Record, session: str) -> bool:
    own = [
        event
        for event in events_of(database, record.item)
        if event.annotator == record.annotator and event.action in DECISIONS
    ]
    state = standing_of(database, record.item)
    newer = any(event.at >= record.at for event in own)
    same = bool(own) and (own[-1].action, own[-1].label) == (record.action, record.label)
    added: list[tuple[Action, str | None, str | None]] = []
    if record.action and not newer and not same:
        added.append((record.action, record.label, None))
    if record.flagged and not state.flagged:
        added.append(("flag", None, None))
    if record.note and record.note != state.note:
        added.append(("note", None, record.note))
    for action, label, note in added:
        values = (0, record.at, session, record.annotator, record.item, action, label, note, record.hinted)
        append_event(database, Event(*values), imported=True)
    return bool(added)
