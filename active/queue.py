"""The queue: which pictures of a pool are worth a person's look, and why."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator

from active.events import QueueItem
from active.store import LabelStore
from active.strategies import STRATEGIES, Array
from generator.errors import ImageError, InputError, unknown_choice
from generator.seeds import rng_for
from generator.settings import Settings
from model.images import Unreadable, content_hash, find_images

if TYPE_CHECKING:
    from model.checkpoint import Model
    from model.predict import Prediction


class QueueSettings(Settings):
    """How to choose: `n` pictures, a share of them at random, the rest by strategy and without near-duplicates."""

    n: int = Field(default=50, ge=1)
    strategy: str = "margin"
    audit_share: float = Field(default=0.15, ge=0, le=1)
    duplicate_similarity: float = Field(default=0.99, gt=0, le=1)
    seed: int = 0

    @field_validator("strategy")
    @classmethod
    def _known_strategy(cls, name: str) -> str:
        if name not in STRATEGIES:
            raise unknown_choice("strategy", name, STRATEGIES)
        return name


@dataclass(frozen=True)
class Queue:
    """What to label, best first; what could not be read; and where pictures that are decided already lie now."""

    items: tuple[QueueItem, ...]
    errors: tuple[Unreadable, ...]
    decided: Mapping[str, Path]


@dataclass(frozen=True)
class Choice:
    """A row of the pool that was chosen, its score and the reason in words."""

    row: int
    score: float
    reason: str


def build_queue(
    pool: Sequence[Path],
    *,
    model: "Model",
    settings: QueueSettings,
    exclude: Collection[str],
    on_progress: Callable[[int, int], None] | None = None,
) -> Queue:
    """Score the pictures of `pool` and choose the ones to label; files of equal content count once.

    Args:
        pool: the files to choose from.
        model: scores them; its classes name the probabilities.
        settings: how many, and by which rule.
        exclude: content hashes that must not be queued, because they are labelled or discarded.
        on_progress: called with (scored, total).

    Raises:
        InputError: the pool is empty, or all of it is excluded.
    """
    files, errors = _by_content(pool)
    decided = {item: path for item, path in files.items() if item in exclude}
    fresh = {path: item for item, path in files.items() if item not in exclude}
    if not fresh and not errors:
        raise InputError(f"nothing to queue: of {len(pool)} pictures, {len(decided)} are decided already")
    from model.predict import predict  # here, because the choosing alone needs no torch

    predictions = list(predict(model, list(fresh), with_features=True, on_progress=on_progress))
    readable = [each for each in predictions if each.probabilities is not None]
    errors += [Unreadable(each.path, each.error or "") for each in predictions if each.probabilities is None]
    return Queue(_to_items(readable, fresh, model.classes, settings), tuple(errors), decided)


def fill_queue(
    sources: Sequence[str | Path],
    store: LabelStore,
    *,
    model: "Model",
    settings: QueueSettings,
    on_progress: Callable[[int, int], None] | None = None,
) -> Queue:
    """Choose from the images of `sources` and put them into the store, leaving out what is decided there.

    Raises:
        MissingError, InputError: a source is not there or holds no images, or all of them are decided.
        StoreError: the store cannot be written.
    """
    queue = build_queue(
        find_images(sources), model=model, settings=settings, exclude=store.decided(), on_progress=on_progress
    )
    store.relocate(queue.decided)
    if queue.items:
        store.add_batch(classes=model.classes, strategy=settings.strategy, model=model.fingerprint, items=queue.items)
    return queue


def _by_content(pool: Iterable[Path]) -> tuple[dict[str, Path], list[Unreadable]]:
    files: dict[str, Path] = {}
    errors = []
    for path in pool:
        try:
            files.setdefault(content_hash(path), path)
        except ImageError as error:
            errors.append(Unreadable(path, str(error).removeprefix(f"{path}: ")))
    return files, errors


def _to_items(
    predictions: Sequence["Prediction"],
    items: Mapping[Path, str],
    classes: Sequence[str],
    settings: QueueSettings,
) -> tuple[QueueItem, ...]:
    if not predictions:
        return ()
    probabilities = np.array([each.probabilities for each in predictions])
    features = np.array([each.features for each in predictions])
    return tuple(
        QueueItem(
            item=items[predictions[choice.row].path],
            path=predictions[choice.row].path,
            score=choice.score,
            reason=choice.reason,
            predicted=classes[int(probabilities[choice.row].argmax())],
            probabilities=dict(zip(classes, probabilities[choice.row].tolist(), strict=True)),
        )
        for choice in choose(probabilities, features, classes=classes, settings=settings)
    )


def choose(probabilities: Array, features: Array, *, classes: Sequence[str], settings: QueueSettings) -> list[Choice]:
    """Choose rows to label: a random audit, spread evenly, among the best by strategy that are not near-duplicates.

    The audit is drawn from all rows alike: it is the one unbiased look at the pool. Near-duplicates (by the cosine
    of their features, within one predicted class) of a chosen row are counted in its reason; they are chosen
    themselves only where nothing else is left.

    Args:
        probabilities: (N, classes).
        features: (N, F), the model's penultimate ones.
        classes: names of the columns of `probabilities`.
        settings: the number of rows and the rules.
    """
    draw = np.random.default_rng(rng_for(settings.seed, "strategy").getrandbits(64))
    scores = STRATEGIES[settings.strategy](probabilities, draw)
    wanted = min(settings.n, len(scores))
    audit = rng_for(settings.seed, "audit").sample(range(len(scores)), round(wanted * settings.audit_share))
    groups = _Duplicates(features, probabilities.argmax(axis=1), settings.duplicate_similarity)
    best = _pick(np.argsort(-scores, kind="stable").tolist(), audit, groups, wanted - len(audit))
    like = groups.counts(without=[*best, *audit])
    reasons = {row: _reason(settings.strategy, probabilities[row], scores[row], classes) for row in best}
    reasons |= dict.fromkeys(audit, "random audit")
    return [
        Choice(row, float(scores[row]), reasons[row] + (f", +{like[row]} like this" if like[row] else ""))
        for row in _spread(audit, among=best)
    ]


class _Duplicates:
    """Which rows are near-duplicates of a row that was claimed; the first to claim a row keeps it."""

    def __init__(self, features: Array, predicted: npt.NDArray[np.intp], similarity: float) -> None:
        self._directions = _directions(features, predicted)
        self._predicted = predicted
        self._similarity = similarity
        self._owner = np.full(len(features), -1)

    def is_claimed(self, row: int) -> bool:
        return bool(self._owner[row] >= 0)

    def claim(self, row: int) -> None:
        alike = self._directions @ self._directions[row] >= self._similarity
        alike &= (self._owner < 0) & (self._predicted == self._predicted[row])
        self._owner[alike] = row

    def counts(self, *, without: Sequence[int]) -> npt.NDArray[np.intp]:
        """Return for each row how many it claimed, (N,), the rows in `without` not counted."""
        others = np.delete(self._owner, without)
        return np.bincount(others[others >= 0], minlength=len(self._owner))


def _directions(features: Array, predicted: npt.NDArray[np.intp]) -> Array:
    """Return unit vectors (N, F + 1) whose products are similarities, comparable within one predicted class.

    A trained network moves all that it takes for one class close together: compared raw, a tick and a switch are
    alike to 0.99. Standardised within their class, what is left is how they differ from the class's usual look.
    """
    # The last column stays 1: where all rows are equal, it is what makes them alike.
    standard = np.ones((len(features), features.shape[1] + 1), np.float32)
    for label in np.unique(predicted):
        rows = predicted == label
        members = features[rows]
        noise = 1e-3 * np.sqrt(np.mean(members**2)) + np.finfo(np.float32).tiny
        standard[rows, :-1] = (members - members.mean(axis=0)) / (members.std(axis=0) + noise)
    lengths: Array = np.linalg.norm(standard, axis=1, keepdims=True)
    return standard / lengths


def _pick(best_first: Sequence[int], audit: Sequence[int], groups: _Duplicates, wanted: int) -> list[int]:
    """Return `wanted` rows that are not in the audit, best first; near-duplicates come last, and only if needed."""
    for row in audit:
        groups.claim(row)
    picked: list[int] = []
    for row in best_first:
        if len(picked) < wanted and row not in audit and not groups.is_claimed(row):
            groups.claim(row)
            picked.append(row)
    chosen = {*picked, *audit}
    spare = (row for row in best_first if row not in chosen)
    return picked + [row for row, _ in zip(spare, range(wanted - len(picked)), strict=False)]


def _spread(audit: Sequence[int], *, among: Sequence[int]) -> list[int]:
    """Mix the audit in evenly, so that whoever stops early has looked at the same share of it."""
    rows = list(among)
    for place, row in enumerate(audit):
        rows.insert(int((place + 0.5) * (len(among) + len(audit)) / len(audit)), row)
    return rows


def _reason(strategy: str, probabilities: Array, score: float, classes: Sequence[str]) -> str:
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    ahead, behind = probabilities[first], probabilities[second]
    between = f"{classes[first]} {ahead:.2f} and {classes[second]} {behind:.2f}"
    if strategy == "margin":
        return f"margin {ahead - behind:.2f} between {between}"
    return f"{strategy.replace('_', ' ')} {score:.2f}, between {between}"
