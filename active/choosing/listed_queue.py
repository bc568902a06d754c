"""Queueing what a list names, in its order and for its reasons, whether it is labelled already or not."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from active.choosing.picture_lists import ListedPicture
from active.choosing.queue import Queue
from active.store.events import SECOND_LOOK, QueueItem
from active.store.store import LabelStore
from base.progress import OnProgress
from model.reading.images import Unreadable

if TYPE_CHECKING:
    from model.adapting.score_cache import Scored
    from model.networks.trained_model import Model

LISTED = "list"
"""What the store has as the strategy of such a batch."""


def queue_listed(
    pictures: Sequence[ListedPicture],
    store: LabelStore,
    *,
    model: "Model",
    on_progress: OnProgress | None = None,
) -> Queue:
    """Queue the pictures of a list, the first of equal contents; what is decided in the store is asked about again.

    Args:
        pictures: see `active.choosing.picture_lists`.
        store: what is queued in.
        model: its predictions are kept beside the answers.
        on_progress: called with (scored, total).

    Raises:
        StoreError: the store or the cache of scores cannot be used.
    """
    from model.adapting.score_cache import score_pool  # here, because the choosing alone needs no torch

    listed = {os.path.abspath(each.path): each for each in pictures}  # noqa: PTH100  resolve() would follow links
    pool = score_pool(model, [Path(path) for path in listed], on_progress=on_progress)
    labels = {each.item: each.label for each in store.labels()}
    decided = store.decided()
    sound = {item: path for item, path in pool.files.items() if pool.scored[item].error is None}
    items = [
        _to_queue_item(model, pool.scored[item], listed[str(path)], path, labels.get(item))
        for item, path in sound.items()
    ]
    again = frozenset(item.item for item in items if item.item in decided)
    if items:
        store.add_batch(classes=model.classes, strategy=LISTED, model=model.fingerprint, items=items, second_look=again)
    broken = tuple(_broken(pool.files[item], each) for item, each in pool.scored.items() if each.error is not None)
    return Queue(tuple(items), (*pool.unreadable, *broken), {}, again)


def _broken(path: Path, scored: "Scored") -> Unreadable:
    return Unreadable(path, scored.error or "")


def _to_queue_item(model: "Model", scored: "Scored", listed: ListedPicture, path: Path, label: str | None) -> QueueItem:
    """Return a picture as it is queued; the reason of what is labelled in the store says so first."""
    probabilities = [float(value) for value in scored.probabilities]
    reason = listed.reason or "named in a list"
    return QueueItem(
        item=scored.item,
        path=path,
        score=1 - max(probabilities),
        reason=f"{SECOND_LOOK} this `{label}`; {reason}" if label else reason,
        predicted=model.classes[probabilities.index(max(probabilities))],
        probabilities=dict(zip(model.classes, probabilities, strict=True)),
    )
