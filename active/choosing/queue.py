"""The queue: which pictures of a pool are worth a person's look, and why."""

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from active.choosing.choose import LabelledFeatures, QueueSettings, choose, spread
from active.choosing.labelled import ScoredLabels
from active.choosing.strategies import COMPARE_VARIATIONS, VARIATIONS, Candidates
from active.store.events import Labelled, QueueItem
from active.store.store import LabelStore
from base.cluster import Cluster
from base.counting import counted
from base.errors import InputError, NothingToQueueError
from base.timing import package_log, timed
from model.finding.scanner import NO_WIDGET
from model.reading.images import Unreadable, find_images, read_same

LOG = package_log(__name__)

if TYPE_CHECKING:
    from active.choosing.row_pool import RowPool
    from model.adapting.score_cache import Scored, ScoredPool
    from model.adapting.variations import ReadSame
    from model.databases.sql_query import SqlQuery
    from model.networks.trained_model import Model

__all__ = ["Queue", "QueueSettings", "SecondLook", "build_queue", "fill_queue"]

SecondLook = Callable[[int], Sequence[QueueItem]]
"""Takes how many at most; gives labelled items whose label may be wrong, worst first, with the reason in words."""


@dataclass(frozen=True)
class Queue:
    """What to label, best first; what could not be read; and where pictures that are decided already lie now.

    `second_look` are the items that are decided but doubted, and to be decided again. `unsure` counts the pictures of
    the pool without a decision that the model is unsure of.
    """

    items: tuple[QueueItem, ...]
    errors: tuple[Unreadable, ...]
    decided: Mapping[str, Path]
    second_look: frozenset[str] = frozenset()
    unsure: int = 0


def build_queue(
    pool: "Sequence[Path] | RowPool",
    *,
    model: "Model",
    settings: QueueSettings,
    exclude: Collection[str],
    labelled: Sequence[Labelled] = (),
    confidences: Mapping[Path, float] | None = None,
    second_look: SecondLook | None = None,
    cluster: Cluster | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Queue:
    """Score the pictures of `pool` and choose the ones to label; files of equal content count once.

    Args:
        pool: the files to choose from, or the rows of a database.
        model: scores them; its classes name the probabilities.
        settings: how many, and by which rule.
        exclude: content hashes that must not be queued, because they are labelled or discarded.
        labelled: what has a label; strategies and reasons look at those whose files can be read.
        confidences: of crops of screenshots, how probably each shows a widget at all; a model with the class
            `NO_WIDGET` is held to it.
        second_look: gives labels that may be wrong; they take `second_look_share` of the places at most.
        cluster: what scores, instead of this process.
        on_progress: called with (scored, total).

    Raises:
        NothingToQueueError: all of the pool is excluded.
        StoreError: the cache of scores cannot be used.
    """
    with timed(LOG, "reading and scoring the pool") as found:
        scored = _read_pool(pool, model, exclude=exclude, labelled=labelled, cluster=cluster, on_progress=on_progress)
        files, errors = scored.files, list(scored.unreadable)
        found.note(files=scored.count, different=len(files), unreadable=len(errors))
    decided = {item: path for item, path in files.items() if item in exclude}
    fresh = {item: path for item, path in files.items() if item not in exclude}
    if not fresh and not errors:
        raise NothingToQueueError(
            f"nothing to queue: of {counted(scored.count, 'picture')}, {counted(len(decided), 'is', 'are')} "
            f"decided already"
        )
    again = tuple(second_look(round(settings.n * settings.second_look_share)) if second_look else ())
    rest = settings.model_copy(update={"n": max(1, settings.n - len(again))})
    read = read_same if isinstance(pool, Sequence) else pool.read_same
    variations = _score_variations(fresh, model, rest.strategy, read=read, cluster=cluster, on_progress=on_progress)
    sure = confidences or {}
    plain = [_hold_to(scored.scored[item], sure.get(path), model.classes) for item, path in fresh.items()]
    scores = _Scores(plain, variations)
    errors += [Unreadable(fresh[each.item], each.error) for each in scores.plain if each.error is not None]
    with timed(LOG, f"choosing by {rest.strategy}") as found:
        known = ScoredLabels.of(labelled, scored.scored, model.classes)
        chosen = _to_items(scores, fresh, model, rest, known.to_known())
        found.note(chosen=len(chosen), labelled=len(labelled))
    doubted = frozenset(item.item for item in again)
    unsure = sum(each.probabilities.max() < model.unsure_below for each in plain if each.error is None)
    return Queue(tuple(spread(again, among=chosen)), tuple(errors), decided, doubted, unsure)


def fill_queue(
    sources: "Sequence[str | Path] | SqlQuery",
    store: LabelStore,
    *,
    model: "Model",
    settings: QueueSettings,
    confidences: Mapping[Path, float] | None = None,
    second_look: SecondLook | None = None,
    cluster: Cluster | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Queue:
    """Choose from the images of `sources` and put them into the store, leaving out what is decided there.

    Of a query of a database, those that are queued and are no files get a copy beside the store.

    Raises:
        MissingError, InputError: a source is not there or holds no images.
        NothingToQueueError: all of them are decided.
        StoreError: the store or the cache of scores cannot be used.
        DatabaseError: a database cannot be reached, or refuses the query.
    """
    exclude = store.decided()
    with _open_pool(sources, store, exclude, cluster) as pool:
        queue = build_queue(
            pool,
            model=model,
            settings=settings,
            exclude=exclude,
            labelled=store.labels(),
            confidences=confidences,
            second_look=second_look,
            cluster=cluster,
            on_progress=on_progress,
        )
        if not isinstance(pool, Sequence):
            pool.copy(queue.items)
            queue = replace(queue, errors=pool.told(queue.errors), decided=pool.there(queue.decided))
    store.relocate(queue.decided)
    if queue.items:
        store.add_batch(
            classes=model.classes,
            strategy=settings.strategy,
            model=model.fingerprint,
            items=queue.items,
            second_look=queue.second_look,
        )
    return queue


@contextlib.contextmanager
def _open_pool(
    sources: "Sequence[str | Path] | SqlQuery", store: LabelStore, exclude: Collection[str], cluster: Cluster | None
) -> "Iterator[Sequence[Path] | RowPool]":
    """Give the files of the sources, or the rows of a query."""
    if isinstance(sources, Sequence):
        yield find_images(sources)
        return
    if cluster is not None:
        raise InputError("rows of a database are read by the machine that queues them; leave out the cluster")
    from active.choosing.row_pool import open_row_pool  # few have a database

    with open_row_pool(sources, store.name, without=exclude) as pool:
        yield pool


def _read_pool(
    pool: "Sequence[Path] | RowPool",
    model: "Model",
    *,
    exclude: Collection[str],
    labelled: Sequence[Labelled],
    cluster: Cluster | None,
    on_progress: Callable[[int, int], None] | None,
) -> "ScoredPool":
    """Read the pool, and what is labelled wherever it lies, each file once; what is decided otherwise is not scored."""
    from model.adapting.score_cache import score_pictures, score_pool  # here, because the choosing needs no torch

    known = [each for each in labelled if each.label in model.classes]
    without = set(exclude) - {each.item for each in known}
    paths = {} if not isinstance(pool, Sequence) else _by_place(pool)
    beside = [path for place, path in _by_place([each.path for each in known]).items() if place not in paths]
    if isinstance(pool, Sequence):
        files = list(paths.values())
        return score_pool(model, files, beside=beside, without=without, cluster=cluster, on_progress=on_progress)
    pictures = pool.pictures()
    return score_pictures(model, pictures, place=pool.place, beside=beside, without=without, on_progress=on_progress)


def _by_place(paths: Sequence[Path]) -> dict[str, Path]:
    """Return the first path to each file."""
    places: dict[str, Path] = {}
    for path in paths:
        places.setdefault(os.path.abspath(path), path)  # noqa: PTH100  resolve() would follow links
    return places


def _hold_to(scored: "Scored", confidence: float | None, classes: Sequence[str]) -> "Scored":
    """Return what the model makes of a picture, with the finder's word on whether it is a widget."""
    if confidence is None or NO_WIDGET not in classes or scored.error is not None:
        return scored
    none = list(classes).index(NO_WIDGET)
    states = np.delete(scored.probabilities, none)
    told = confidence * states / max(float(states.sum()), 1e-9)
    return replace(scored, probabilities=np.insert(told, none, 1 - confidence))


@dataclass(frozen=True)
class _Scores:
    """What the model makes of each file and, where the strategy compares them, of its variations."""

    plain: Sequence["Scored"]
    variations: Sequence["Scored"] | None

    def candidates(self) -> tuple[list[str], Candidates]:
        """Return the content hashes of what could be read, and what a strategy gets of it."""
        rows = [row for row, each in enumerate(self.plain) if each.error is None]
        variations = (
            None if self.variations is None else np.stack([self.variations[row].probabilities for row in rows], axis=1)
        )
        read = [self.plain[row] for row in rows]
        probabilities = np.array([each.probabilities for each in read])
        features = np.array([each.features for each in read])
        return [each.item for each in read], Candidates(probabilities, features, variations=variations)


def _score_variations(
    files: Mapping[str, Path],
    model: "Model",
    strategy: str,
    *,
    read: "ReadSame",
    cluster: Cluster | None,
    on_progress: Callable[[int, int], None] | None,
) -> Sequence["Scored"] | None:
    """Score changed versions of the pictures, if the strategy compares them.

    They are read once more, and checked: a pool does not fit into memory until it is known what of it is new.
    """
    if strategy not in COMPARE_VARIATIONS:
        return None
    from model.adapting.score_cache import score_files

    with timed(LOG, "scoring variations") as found:
        found.note(pictures=len(files))
        return score_files(model, files, variations=VARIATIONS, read=read, cluster=cluster, on_progress=on_progress)


def _to_items(
    scores: _Scores, files: Mapping[str, Path], model: "Model", settings: QueueSettings, known: LabelledFeatures | None
) -> list[QueueItem]:
    if all(each.error is not None for each in scores.plain):
        return []
    items, candidates = scores.candidates()
    return [
        QueueItem(
            item=items[choice.row],
            path=files[items[choice.row]],
            score=choice.score,
            reason=choice.reason,
            predicted=model.classes[int(candidates.probabilities[choice.row].argmax())],
            probabilities=dict(zip(model.classes, candidates.probabilities[choice.row].tolist(), strict=True)),
        )
        for choice in choose(candidates, classes=model.classes, settings=settings, known=known)
    ]
