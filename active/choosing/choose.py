"""Choosing what to label: a random audit among the best by strategy, no two of which are near-duplicates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from pydantic import Field, field_validator

from active.choosing.near_duplicates import SIMILAR_FROM, Duplicates, directions
from active.choosing.strategies import Candidates, Picks
from active.choosing.strategy_catalogue import STRATEGIES
from active.store.events import AUDIT
from base.arrays import Indices, Labels, Reals, Tallies
from base.seeds import rng_for
from base.settings import Settings

_Item = TypeVar("_Item")


class QueueSettings(Settings):
    """How to choose: `n` pictures, a share of them at random, the rest by strategy and without near-duplicates."""

    n: int = Field(default=50, ge=1)
    strategy: str = Field(default="margin", description=", ".join(STRATEGIES))
    audit_share: float = Field(default=0.15, ge=0, le=1)
    second_look_share: float = Field(default=0.1, ge=0, le=1, description="of n, for labels that may be wrong")
    duplicate_similarity: float = Field(
        default=SIMILAR_FROM, gt=0, description="cosine from which on pictures are near-duplicates; above 1: none are"
    )
    seed: int = 0

    @field_validator("strategy")
    @classmethod
    def _known_strategy(cls, name: str) -> str:
        STRATEGIES.choose(name)
        return name


@dataclass(frozen=True)
class LabelledFeatures:
    """Pictures that have a label: features (M, F), the index of each label in the model's classes, and their names."""

    features: Reals
    labels: Labels
    names: Sequence[str]


@dataclass(frozen=True)
class Pick:
    """A row of the pool that was chosen, its score, the reason in words, and whether chance alone chose it."""

    row: int
    score: float
    reason: str
    audit: bool = False


def choose(
    candidates: Candidates, *, classes: Sequence[str], settings: QueueSettings, known: LabelledFeatures | None = None
) -> list[Pick]:
    """Choose rows to label: a random audit, spread evenly, among the best by strategy that are not near-duplicates.

    The audit is drawn from all rows alike: it is the one unbiased look at the pool, and may therefore hold
    near-duplicates. No other choice is like an earlier one (by the cosine of their features, within one predicted
    class); how many such there are is in the reason. What is like a labelled picture comes only when nothing else is
    left. There can be fewer choices than were asked for.

    Args:
        candidates: the pool; its `labelled` is set from `known`.
        classes: names of the columns of the probabilities.
        settings: the number of rows and the rules.
        known: what is labelled already.
    """
    pool = _Pool.of(candidates, known or LabelledFeatures(candidates.features[:0], np.empty(0, np.intp), ()), settings)
    wanted = min(settings.n, len(candidates))
    audit = rng_for(settings.seed, "audit").sample(range(len(candidates)), round(wanted * settings.audit_share))
    picked = pool.pick(settings, wanted - len(audit), audit)
    like = pool.count_alike([*audit, *(pick.row for pick in picked)])
    checks = [Pick(row, 0.0, f"{AUDIT}{pool.nearest(row)}{_more(like[row])}", audit=True) for row in audit]
    ranked = []
    for rank, pick in enumerate(picked, start=1):
        why = _reason(settings.strategy, pick, candidates.probabilities[pick.row], classes)
        place = f", rank {rank} of {len(candidates)}{pool.nearest(pick.row)}{_more(like[pick.row])}"
        ranked.append(Pick(pick.row, pick.score, why + place))
    return spread(checks, among=ranked)


def spread(few: Sequence[_Item], *, among: Sequence[_Item]) -> list[_Item]:
    """Mix a few in evenly, so that whoever stops early has looked at the same share of them."""
    mixed = list(among)
    for place, one in enumerate(few):
        mixed.insert(int((place + 0.5) * (len(among) + len(few)) / len(few)), one)
    return mixed


@dataclass(frozen=True)
class _Pick:
    row: int
    score: float
    cluster_size: int | None


@dataclass(frozen=True)
class _Pool:
    """A pool, what is known beside it, and their near-duplicates: rows of the pool come first, then the known ones."""

    candidates: Candidates
    known: LabelledFeatures
    groups: Duplicates
    directions: Reals

    @classmethod
    def of(cls, candidates: Candidates, known: LabelledFeatures, settings: QueueSettings) -> "_Pool":
        features = np.concatenate([candidates.features, known.features])
        labels = np.concatenate([candidates.probabilities.argmax(axis=1), known.labels])
        groups = Duplicates(features, labels, similarity=settings.duplicate_similarity)
        near = directions(features, np.zeros(len(features), np.intp)) if len(known.labels) else features[:0]
        return cls(replace(candidates, labelled=known.features), known, groups, near)

    def pick(self, settings: QueueSettings, wanted: int, audit: Sequence[int]) -> list[_Pick]:
        """Ask the strategy again and again, each time without what is like its picks so far."""
        rng = np.random.default_rng(rng_for(settings.seed, "strategy").getrandbits(64))
        size = len(self.candidates)
        familiar = self.groups.like_any(range(size, size + len(self.known.labels)))
        for row in audit:
            self.groups.claim(row)
        picked: list[_Pick] = []
        for allowed in (~familiar, np.ones_like(familiar)):
            while len(picked) < wanted:
                rows = np.flatnonzero((self.groups.free & allowed)[:size])
                if not len(rows):
                    break
                picks = STRATEGIES[settings.strategy](self.candidates.take(rows), wanted - len(picked), rng)
                picked += self._claim_in_turn(picks, rows)
        return picked

    def _claim_in_turn(self, picks: Picks, rows: Indices) -> Iterator[_Pick]:
        sizes = [None] * len(picks.rows) if picks.sizes is None else picks.sizes.tolist()
        for row, score, size in zip(rows[picks.rows].tolist(), picks.scores.tolist(), sizes, strict=True):
            if not self.groups.is_claimed(row):
                self.groups.claim(row)
                yield _Pick(row, score, size)

    def count_alike(self, chosen: Sequence[int]) -> Tallies:
        """Return how many rows of the pool that are not chosen are like each row."""
        known = range(len(self.candidates), len(self.candidates) + len(self.known.labels))
        return self.groups.counts(without=[*chosen, *known])

    def nearest(self, row: int) -> str:
        """Return the labelled picture that is most like the row, in words; nothing where there is none."""
        if not len(self.known.labels):
            return ""
        likeness = self.directions[len(self.candidates) :] @ self.directions[row]
        best = int(likeness.argmax())
        return f", nearest labelled {self.known.names[best]} ({likeness[best]:.2f})"


def _more(count: int) -> str:
    return f", +{count} like this" if count else ""


def _reason(strategy: str, pick: _Pick, probabilities: Reals, classes: Sequence[str]) -> str:
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    ahead, behind = probabilities[first], probabilities[second]
    between = f"between {classes[first]} {ahead:.2f} and {classes[second]} {behind:.2f}"
    cluster = "" if pick.cluster_size is None else f", cluster of {pick.cluster_size}"
    if strategy == "margin":
        return f"margin {ahead - behind:.2f} {between}"
    return f"{strategy.replace('_', ' ')} {pick.score:.2f}{cluster}, {between}"
