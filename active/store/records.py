"""What people said, as it goes out of the store to other tools and comes in from them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from active.store.database import Database
from active.store.events import DECISIONS, Action, Decision, Event, QueueItem, Record, settle
from active.store.log import EVENT_COLUMNS, append_event, events_of, read_event
from active.store.tasks import to_path, write_batch

OLDER = "older than what the same person said since"
OTHER_NOTE = "with another note than the picture has, which stays"
UNFLAGGED = "flagged, where the flag was taken away since"


@dataclass(frozen=True)
class RecordOutcome:
    """Whether a record said something new, and why what it said was not taken; neither where all was known."""

    new: bool
    left: tuple[str, ...] = ()


def read_records(database: Database) -> list[Record]:
    """Return each annotator's decision on each item, or skip since, with flags and notes, in the order of time."""
    paths = {item: to_path(path) for item, path in database.execute("SELECT id, path FROM items")}
    rows = database.execute(f"SELECT {EVENT_COLUMNS} FROM live_events ORDER BY seq")
    events: dict[str, list[Event]] = {}
    for event in map(read_event, rows):
        events.setdefault(event.item, []).append(event)
    found: list[tuple[int, Record]] = []
    for item, said in events.items():
        state = settle(said)
        remarks = (state.flagged, state.note)
        kept = [*state.opinions, *_waiting_skips(said)] or (said[-1:] if any(remarks) else [])
        for own in kept:
            action = _action(own)
            values = (
                item,
                paths[item],
                action,
                own.label,
                own.annotator,
                own.at,
                own.hinted and action != "",
                *remarks,
            )
            found.append((own.seq, Record(*values)))
    # By time and names before the order in this store, so that what was exported and imported is exported alike.
    found.sort(key=lambda each: (each[1].at, each[1].item, each[1].annotator, each[1].action == "skip", each[0]))
    return [record for _, record in found]


def _action(event: Event) -> Literal[Decision, "skip", ""]:
    match event.action:
        case "label" | "discard" | "no_widget" | "wrong_box" | "skip":
            return event.action
        case _:
            return ""


def _waiting_skips(said: Sequence[Event]) -> list[Event]:
    """Return the last skip of each annotator who has not decided since."""
    last: dict[str, Event] = {}
    for event in said:
        if event.action == "skip":
            last[event.annotator] = event
            continue
        skip = last.get(event.annotator)
        # Of what was imported the order says nothing, and without a time nobody knows.
        if event.action in DECISIONS and skip and (not event.imported or "" < event.at >= skip.at):
            del last[event.annotator]
    return list(last.values())


def write_records(database: Database, records: Sequence[Record], *, session: str) -> list[RecordOutcome]:
    """Append what records say that is not known, inside a transaction; return what became of each.

    The result does not depend on the order of records: those of a time come first, oldest before newest.
    """
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
    outcomes: dict[int, RecordOutcome] = {}
    # Decisions before skips: of the same moment the skip came after, or it would not have been exported.
    order = sorted(range(len(records)), key=lambda k: (not records[k].at, records[k].at, records[k].action == "skip"))
    for number in order:
        outcomes[number] = _write_record(database, records[number], session)
    return [outcomes[number] for number in range(len(records))]


def _write_record(database: Database, record: Record, session: str) -> RecordOutcome:
    said = events_of(database, record.item)
    own = [event for event in said if event.annotator == record.annotator]
    found = [_weigh_skip(record, own) if record.action == "skip" else _weigh_decision(record, own, said)]
    found += [_weigh_flag(record, said), _weigh_note(record, said)]
    added = [each for each in found if isinstance(each, tuple)]
    for action, label, note in added:
        hinted = record.hinted and action == record.action
        event = Event(0, record.at, session, record.annotator, record.item, action, label, note, hinted)
        append_event(database, event, imported=True)
    return RecordOutcome(bool(added), tuple(each for each in found if isinstance(each, str)))


_Addition = tuple[Action, str | None, str | None]
_Weighed = _Addition | str | None
"""An event to append, why there is none, or None where it is known."""


def _weigh_decision(record: Record, own: Sequence[Event], said: Sequence[Event]) -> _Weighed:
    if record.action == "" or record.action == "skip":  # apart, so that a decision is what is left
        return None
    counts = [event for event in settle(said).opinions if event.annotator == record.annotator]
    decisions = [event for event in own if event.action in DECISIONS]
    word = (record.action, record.label)
    same = [event for event in decisions if (event.action, event.label) == word]
    settled = len(counts) == 1 and (counts[0].action, counts[0].label) == word
    if settled or any(not record.at or event.at == record.at for event in same):
        return None
    if record.at and any(event.at > record.at for event in decisions):
        return OLDER
    return record.action, record.label, None


def _weigh_skip(record: Record, own: Sequence[Event]) -> _Weighed:
    if any(event.action == "skip" and event.at >= record.at for event in own):
        return None
    later = any(event.action in DECISIONS and event.at > record.at for event in own)
    return OLDER if later else ("skip", None, None)


def _weigh_flag(record: Record, said: Sequence[Event]) -> _Weighed:
    flags = [event for event in said if event.action in ("flag", "unflag")]
    if not record.flagged or (flags and flags[-1].action == "flag"):
        return None
    return UNFLAGGED if flags and not record.at > flags[-1].at else ("flag", None, None)


def _weigh_note(record: Record, said: Sequence[Event]) -> _Weighed:
    notes = [event for event in said if event.action == "note"]
    if not record.note or any(event.note == record.note and event.at == record.at for event in notes):
        return None
    if notes and notes[-1].note == record.note:
        return None
    return OTHER_NOTE if notes and not record.at > notes[-1].at else ("note", None, record.note)
