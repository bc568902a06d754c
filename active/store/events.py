"""The label store's values: what is queued, what people did, and what follows from it for one item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

Decision = Literal["label", "discard", "no_widget", "wrong_box"]
"""What takes an item off the queue; the last two are of crops that were cut out of a screenshot."""

Action = Literal[Decision, "skip", "flag", "unflag", "note"]

AUDIT = "random audit"
"""How the reason of what chance alone chose begins."""

SECOND_LOOK = "you labelled"
"""How the reason of what is labelled, but doubted, begins."""

DECISIONS: tuple[Decision, ...] = get_args(Decision)

PLACE_WORDS: Mapping[str, str] = {"no_widget": "no widget here", "wrong_box": "box is wrong"}
"""What is said of a place on a screenshot, in words."""


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
    """One row of the log: who did what to which item; `label` goes with the action label, `note` with note.

    `settles` marks a decision that was taken on a disputed item: what was said before it counts no more. What was
    `imported` may have no time: then `at` is empty.
    """

    seq: int
    at: str
    session: str
    annotator: str
    item: str
    action: Action
    label: str | None
    note: str | None = None
    hinted: bool = False
    settles: bool = False
    imported: bool = False


@dataclass(frozen=True)
class Labelled:
    """The current label of an item, with the path it was last seen at."""

    item: str
    path: Path
    label: str
    at: str
    annotator: str


@dataclass(frozen=True)
class Record:
    """What one annotator says of an item, with the item's flag and note; `action` is empty where only those are.

    `at` is empty where nobody knows when it was said.
    """

    item: str
    path: Path
    action: Literal[Decision, "skip", ""]
    label: str | None
    annotator: str
    at: str
    hinted: bool = False
    flagged: bool = False
    note: str = ""


@dataclass(frozen=True)
class Dispute:
    """An item on which people disagree: each annotator with the last decision in a word, None for a discard.

    Who said two things at one time, or not when, is there twice.
    """

    item: str
    path: Path
    labels: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Counts:
    """What the store holds; `done`, `compared` and `flipped` count since the newest batch, the rest over all.

    `held` are open items that other sessions have on their screens now; of the `compared` labels, which had a
    prediction, `flipped` differ from it; of the `audited` among them, which chance alone chose, `audit_flipped` do.
    """

    labelled: Mapping[str, int] = field(default_factory=dict)
    discarded: int = 0
    no_widget: int = 0
    wrong_box: int = 0
    open: int = 0
    skipped: int = 0
    done: int = 0
    disputed: int = 0
    held: int = 0
    compared: int = 0
    flipped: int = 0
    audited: int = 0
    audit_flipped: int = 0


@dataclass(frozen=True)
class Standing:
    """What an item's events come to; `deferred_seq` is the event that moved it to the end of the queue."""

    decision: Event | None = None
    opinions: tuple[Event, ...] = ()
    skipped_seq: int = 0
    flagged: bool = False
    note: str = ""

    @property
    def disputed(self) -> bool:
        """Tell whether people's last decisions differ."""
        return len({(each.action, each.label) for each in self.opinions}) > 1

    @property
    def deferred_seq(self) -> int:
        """Return the skip, or the last word of a dispute, after which the item waits behind the rest; 0 if none."""
        return max(self.opinions[-1].seq, self.skipped_seq) if self.disputed else self.skipped_seq


def settle(events: Sequence[Event]) -> Standing:
    """Return what the events of one item, in order and without those undone, come to.

    Each annotator's last decision counts. Where they differ the item is disputed and has no decision, until
    somebody takes one knowing of the dispute. Of two imported ones it is not the order that tells which is the last.
    """
    opinions: list[Event] = []
    skipped_seq, flagged, note = 0, False, ""
    for event in events:
        if event.action in DECISIONS:
            opinions = [] if event.settles else [own for own in opinions if not _replaces(event, own)]
            opinions.append(event)
        elif event.action == "skip":
            skipped_seq = event.seq
        elif event.action == "note":
            note = event.note or ""
        else:
            flagged = event.action == "flag"
    last = tuple(opinions)
    state = Standing(None, last, skipped_seq, flagged, note)
    return state if state.disputed or not last else Standing(last[-1], last, skipped_seq, flagged, note)


def _replaces(event: Event, own: Event) -> bool:
    """Tell whether a decision takes the place of an earlier event's."""
    if event.annotator != own.annotator:
        return False
    same = (event.action, event.label) == (own.action, own.label)
    return same or not event.imported or bool(own.at and event.at > own.at)
