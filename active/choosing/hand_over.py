"""Putting rows of a classification into the label queue."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from active.store.events import QueueItem
from active.store.store import LabelStore
from base.errors import InputError

if TYPE_CHECKING:
    from model.classifying.columns import ClassifiedRow
    from model.running.any_model import AnyModel

STRATEGY = "classify"
"""What the store has as the strategy of such a batch."""


def queue_rows(rows: "Iterable[ClassifiedRow]", place: str, *, model: "AnyModel") -> int:
    """Queue the pictures of rows in the store at `place`, in their order, and return how many.

    Equal contents count once, and what is decided there already is left out.

    Raises:
        InputError: a picture is no file of this machine.
        StoreError: the store cannot be used.
    """
    with LabelStore.open(place) as store:
        decided = store.decided()
        items = dict[str, QueueItem]()
        for row in rows:
            if row.content and row.content not in decided and row.content not in items:
                items[row.content] = _to_item(row, model)
        if items:
            store.add_batch(
                classes=model.classes, strategy=STRATEGY, model=model.fingerprint, items=list(items.values())
            )
        return len(items)


def _to_item(row: "ClassifiedRow", model: "AnyModel") -> QueueItem:
    if row.file is None:
        raise InputError(f"{row.path} is no file of this machine; --copy-to DIR makes one that can be queued")
    confidence = row.confidence or 0.0
    return QueueItem(
        item=row.content,
        path=row.file,
        score=1 - confidence,
        reason=f"classified as {row.prediction} with {confidence:.2f}",
        predicted=row.prediction or "",
        probabilities=row.result.probabilities,
    )
