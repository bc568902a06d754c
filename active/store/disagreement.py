"""What a person's labels say of the model that queued the pictures: answers, and how many of them differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from active.store.database import Database
from active.store.events import AUDIT, SECOND_LOOK
from base.intervals import wilson

Slice = Literal["audit", "picked", "second look"]


@dataclass(frozen=True)
class Answer:
    """Somebody's first label of a picture, and what the model predicted when the picture was queued for it."""

    item: str
    label: str
    predicted: str
    reason: str
    batch: int

    @property
    def slice(self) -> Slice:
        """Return why the picture was asked for: by chance, by the strategy, or because a label was doubted."""
        if self.reason.startswith(AUDIT):
            return "audit"
        return "second look" if self.reason.startswith(SECOND_LOOK) else "picked"

    @property
    def flipped(self) -> bool:
        """Tell whether the person said otherwise than the model."""
        return self.label != self.predicted


@dataclass(frozen=True)
class Flips:
    """Of `n` answers, how many differ from the prediction."""

    flipped: int
    n: int

    @classmethod
    def of(cls, answers: Iterable[Answer], which: Slice) -> "Flips":
        """Count one slice."""
        own = [answer.flipped for answer in answers if answer.slice == which]
        return cls(sum(own), len(own))

    @property
    def rate(self) -> float:
        """Return the share; 0 where there are no answers."""
        return self.flipped / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval of the share."""
        return wilson(self.flipped, self.n)

    def to_text(self) -> str:
        """Return the share and its interval in words."""
        if not self.n:
            return "none asked"
        low, high = self.interval
        return f"{self.flipped} of {self.n}, {self.rate:.0%} ({low:.0%} to {high:.0%})"


def read_answers(database: Database) -> list[Answer]:
    """Return the first answer to each item that was asked for, in order; what was imported answered nothing.

    The prediction is that of the newest batch that the item was in when it was answered.
    """
    rows = database.execute(
        "SELECT event.item, event.label, predicted, reason, queued.batch FROM live_events AS event"
        " JOIN queue_items AS queued ON queued.item = event.item"
        " WHERE event.action = 'label' AND imported = 0 AND predicted <> ''"
        " AND queued.batch = (SELECT max(own.batch) FROM queue_items AS own JOIN batches ON batches.id = own.batch"
        " WHERE own.item = event.item AND after_seq < event.seq)"
        " ORDER BY event.seq"
    )
    first: dict[str, Answer] = {}
    for row in rows:
        first.setdefault(row[0], Answer(*row))
    return list(first.values())


def items_of(answers: Sequence[Answer], which: Slice) -> frozenset[str]:
    """Return the items of one slice."""
    return frozenset(answer.item for answer in answers if answer.slice == which)
