"""The queue: which pictures of a pool are worth a person's look, and why."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
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
from base.errors import NothingToQueueError
from base.timing import package_log, timed
from model.finding.scanner import NO_WIDGET
from model.reading.images import Unreadable, find_images

LOG = package_log(__name__)

if TYPE_CHECKING:
    from model.adapting.score_cache import Scored, ScoredPool
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
    pool: Sequence[Path],
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
        pool: the files to choose from.
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
        own = set(pool)
        files = {item: path for item, path in scored.files.items() if path in own}
        errors = [each for each in scored.unreadable if each.path in own]
        found.note(files=len(pool), different=len(files), unreadable=len(errors))
    decided = {item: path for item, path in files.items() if item in exclude}
    fresh = {item: path for item, path in files.items() if item not in exclude}
    if not fresh and not errors:
        raise NothingToQueueError(
            f"nothing to queue: of {counted(len(pool), 'picture')}, {counted(len(decided), 'is', 'are')} "
            f"decided already"
        )
    again = tuple(second_look(round(settings.n * settings.second_look_share)) if second_look else ())
    rest = settings.model_copy(update={"n": max(1, settings.n - len(again))})
    variations = _score_variations(fresh, model, strategy=rest.strategy, cluster=cluster, on_progress=on_progress)
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
    sources: Sequence[str | Path],
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

    Raises:
        MissingError, InputError: a source is not there or holds no images.
        NothingToQueueError: all of them are decided.
        StoreError: the store or the cache of scores cannot be used.
    """
    queue = build_queue(
        find_images(sources),
        model=model,
        settings=settings,
        exclude=store.decided(),
        labelled=store.labels(),
        confidences=confidences,
        second_look=second_look,
        cluster=cluster,
        on_progress=on_progress,
    )
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


def _read_pool(
    pool: Sequence[Path],
    model: "Model",
    *,
    exclude: Collection[str],
    labelled: Sequence[Labelled],
    cluster: Cluster | None,
    on_progress: Callable[[int, int], None] | None,
) -> "ScoredPool":
    """Read the pool, and what is labelled wherever it lies, each file once; what is decided otherwise is not scored."""
    from model.adapting.score_cache import score_pool  # here, because the choosing alone needs no torch

    known = [each for each in labelled if each.label in model.classes]
    paths: dict[str, Path] = {}
    for path in (*pool, *(each.path for each in known)):
        paths.setdefault(os.path.abspath(path), path)  # noqa: PTH100  resolve() would follow links
    without = set(exclude) - {each.item for each in known}
    return score_pool(model, list(paths.values()), without=without, cluster=cluster, on_progress=on_progress)


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
    *,
    strategy: str,
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
        return score_files(model, files, variations=VARIATIONS, cluster=cluster, on_progress=on_progress)


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
