"""The pictures of late that are most unlike the reference: a cluster that holds far more of them than of the other."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.cluster.vq import kmeans2

from active.watching.observation import ObservedPictures, standardised
from base.arrays import Doubles, Floats, Indices

FEWEST_IN_CLUSTER = 5

MOST_CLUSTERS = 16

MOST_BESIDE = 12
"""Pictures of the reference that are most like the cluster's middle."""


@dataclass(frozen=True)
class ForeignCluster:
    """A cluster of both samples.

    Attributes:
        members: rows of what is of late, those nearest to its middle first.
        in_reference: how many of the reference's pictures it holds.
        excess: how far the shares differ, in standard errors of chance.
        beside: rows of the reference that are nearest to its middle.
    """

    members: tuple[int, ...]
    in_reference: int
    excess: float
    beside: tuple[int, ...]


def find_foreign_cluster(
    lately: ObservedPictures, reference: ObservedPictures, *, rng: np.random.Generator
) -> ForeignCluster | None:
    """Return the cluster of k-means with the largest excess of late pictures; None where each holds a few only.

    Features and plain statistics weigh alike.
    """
    ours, theirs = _look_rows(lately, reference)
    rows = np.concatenate([ours, theirs])
    count = int(np.clip(np.sqrt(len(ours) / 2), 2, MOST_CLUSTERS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a cluster may run empty where many rows are equal, and is passed over
        middles, labels = kmeans2(rows, count, minit="++", rng=rng)
    late, known = (np.bincount(part, minlength=count) for part in (labels[: len(ours)], labels[len(ours) :]))
    excess = _excess(late, known, len(ours), len(theirs))
    excess[late < FEWEST_IN_CLUSTER] = -np.inf
    best = int(excess.argmax())
    if not np.isfinite(excess[best]):
        return None
    members = np.flatnonzero(labels[: len(ours)] == best)
    near = np.argsort(_distances(ours[members], middles[best]), kind="stable")
    beside = np.argsort(_distances(theirs, middles[best]), kind="stable")[:MOST_BESIDE]
    return ForeignCluster(tuple(members[near].tolist()), int(known[best]), float(excess[best]), tuple(beside.tolist()))


def _look_rows(lately: ObservedPictures, reference: ObservedPictures) -> tuple[Floats, Floats]:
    features = standardised(lately.features, reference.features)
    statistics = standardised(lately.statistics, reference.statistics)
    ours, theirs = (
        np.hstack([one / np.sqrt(one.shape[1]), other / np.sqrt(other.shape[1])])
        for one, other in zip(features, statistics, strict=True)
    )
    return ours, theirs


def _excess(late: Indices, known: Indices, ours: int, theirs: int) -> Doubles:
    pooled = (late + known) / (ours + theirs)
    error = np.sqrt(pooled * (1 - pooled) * (1 / ours + 1 / theirs))
    found: Doubles = (late / ours - known / theirs) / (error + 1e-12)
    return found


def _distances(rows: Floats, middle: Floats) -> Doubles:
    found: Doubles = np.linalg.norm(rows - middle, axis=1)
    return found
