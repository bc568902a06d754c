"""Strategies: which pictures of a pool to label, as pure functions of what a model makes of them."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from active.choosing.acquisition import (
    Generator,
    entropy,
    least_confidence,
    margin,
    mutual_information,
    power_margin,
    random,
)
from base.arrays import Indices, Reals, Tallies
from base.errors import InputError

MOST_CLUSTERED = 4000
"""More pictures than this are not clustered: time grows with their number times that of the clusters."""

NEIGHBOURS = 20
"""Typical is what is near so many others, as in TypiClust's paper; likewise for the clusters' number."""
MOST_CLUSTERS = 500

ITERATIONS = 20
"""Of k-means: what comes after moves a few pictures from one cluster to the next."""

CANDIDATES_A_PICK = 10
"""Cluster-margin clusters so many times as many pictures as it picks; the published ratio is 10 to 100."""


@dataclass(frozen=True)
class Candidates:
    """What a strategy chooses from: N pictures as a model sees them.

    Attributes:
        probabilities: (N, classes), calibrated.
        features: (N, F), penultimate.
        labelled: (M, F), features of the pictures that have a label already; None and M = 0 are the same.
        variations: (V, N, classes), probabilities of V changed versions of each, for those of COMPARE_VARIATIONS.
    """

    probabilities: Reals
    features: Reals
    labelled: Reals | None = None
    variations: Reals | None = None

    def __len__(self) -> int:
        return len(self.probabilities)

    def take(self, rows: Indices) -> "Candidates":
        """Return these rows alone."""
        variations = None if self.variations is None else self.variations[:, rows]
        return replace(
            self, probabilities=self.probabilities[rows], features=self.features[rows], variations=variations
        )


@dataclass(frozen=True)
class Picks:
    """Rows in the order of choice, and the score of each; `sizes` are those of their clusters, where there are any."""

    rows: Indices
    scores: Reals
    sizes: Tallies | None = None


Strategy = Callable[[Candidates, int, Generator], Picks]
"""Takes candidates, how many to pick and a generator; picks that many, or all, no row twice."""


def by_score(score: Callable[[Reals, Generator], Reals]) -> Strategy:
    """Return the strategy that takes the highest scores; ties keep the order of the pool."""

    def strategy(candidates: Candidates, count: int, rng: Generator) -> Picks:
        return _highest(score(candidates.probabilities, rng), count)

    return strategy


def _highest(scores: Reals, count: int) -> Picks:
    rows = np.argsort(-scores, kind="stable")[:count]
    return Picks(rows, scores[rows])


by_random = by_score(random)
by_least_confidence = by_score(least_confidence)
by_margin = by_score(margin)
by_entropy = by_score(entropy)
by_power_margin = by_score(power_margin)


def disagreement(candidates: Candidates, count: int, _rng: Generator) -> Picks:
    """Take the pictures of which the model says most different things when they are changed a little.

    Raises:
        InputError: the candidates have no variations.
    """
    if candidates.variations is None:
        raise InputError("disagreement compares variations of each picture, and there are none")
    return _highest(mutual_information(candidates.variations), count)


def badge(candidates: Candidates, count: int, rng: Generator) -> Picks:
    """Draw far-apart pictures whose loss would have a large gradient: Ash et al. 2020, the seeding of k-means++.

    The gradient at the last layer is an outer product, (p - onehot) ⊗ features; distances between two of them come
    from the products of their parts, so that none is ever built. Scores are the lengths of the gradients.
    """
    count = min(count, len(candidates))
    errors = candidates.probabilities.astype(np.float32)
    errors[np.arange(len(errors)), errors.argmax(axis=1)] -= 1
    features = candidates.features.astype(np.float32)
    squares = (errors**2).sum(axis=1) * (features**2).sum(axis=1)
    nearest = np.full(len(errors), np.inf, np.float32)
    rows: list[int] = []
    for _ in range(count):
        row = _draw_far(squares if not rows else nearest, rows, rng, first=not rows)
        rows.append(row)
        products = (errors @ errors[row]) * (features @ features[row])
        np.minimum(nearest, np.maximum(0, squares + squares[row] - 2 * products), out=nearest)
    chosen = np.array(rows, dtype=np.intp)
    return Picks(chosen, np.sqrt(squares[chosen]))


def _draw_far(weights: Reals, taken: list[int], rng: Generator, *, first: bool) -> int:
    """Return the row of the largest weight at first, then draw in proportion to weights; never a taken one."""
    free = weights.astype(np.float64)
    free[taken] = 0
    # Differences of large numbers leave noise where two gradients are equal.
    free[free < 1e-6 * free.max(initial=0)] = 0
    if free.sum() > 0:
        return int(free.argmax()) if first else int(rng.choice(len(free), p=free / free.sum()))
    left = np.delete(np.arange(len(weights)), taken)
    return int(rng.choice(left))


def clue(candidates: Candidates, count: int, rng: Generator) -> Picks:
    """Take the picture nearest to the middle of each cluster, entropies being weights: CLUE, Prabhu et al. 2021.

    Scores are the entropy that a cluster holds in all. Of a large pool the MOST_CLUSTERED most uncertain are
    clustered: the weights of the others hardly move a middle.
    """
    from sklearn.metrics import pairwise_distances_argmin_min  # it takes long to load, and not everybody needs it

    weights = entropy(candidates.probabilities) + 1e-9
    rows = np.argsort(-weights, kind="stable")[:MOST_CLUSTERED]
    clusters = _k_means(candidates.features[rows], count, rng, weights=weights[rows])
    middles, _ = pairwise_distances_argmin_min(clusters.middles, candidates.features[rows])
    mass: Reals = np.bincount(clusters.labels, weights[rows], minlength=len(middles)).astype(float)
    order = np.argsort(-mass, kind="stable")[: np.count_nonzero(mass)]
    chosen, first = np.unique(middles[order], return_index=True)
    chosen, order = chosen[np.argsort(first)], order[np.sort(first)]
    sizes = np.bincount(clusters.labels, minlength=len(middles))[order]
    return _fill(Picks(rows[chosen], mass[order], sizes), weights, count)


def k_center(candidates: Candidates, count: int, rng: Generator) -> Picks:
    """Take, one after the other, the picture farthest from all that are labelled or taken: Sener & Savarese 2018.

    Scores are those distances. Where nothing is labelled, the first is drawn.
    """
    from sklearn.metrics import pairwise_distances_argmin_min  # it takes long to load, and not everybody needs it

    features = candidates.features
    squares = (features**2).sum(axis=1)
    distances = np.full(len(features), np.inf)
    if candidates.labelled is not None and len(candidates.labelled):
        distances = pairwise_distances_argmin_min(features, candidates.labelled)[1] ** 2
    rows, scores = list[int](), list[float]()
    for _ in range(min(count, len(features))):
        row = int(distances.argmax()) if np.isfinite(distances).all() else int(rng.integers(len(features)))
        scores.append(float(distances[row]))
        rows.append(row)
        distances = np.minimum(distances, np.maximum(0, squares + squares[row] - 2 * (features @ features[row])))
        distances[rows] = -1
    return Picks(np.array(rows, dtype=np.intp), np.sqrt(np.nan_to_num(np.array(scores), posinf=0)))


def typiclust(candidates: Candidates, count: int, rng: Generator) -> Picks:
    """Take the most typical picture of each large cluster without a label: TypiClust, Hacohen et al. 2022.

    Scores are the inverse mean distance to the nearest neighbours in the cluster, features brought to length 1. No
    uncertainty is looked at; MOST_CLUSTERED of a large pool are drawn at random.
    """
    rows = np.sort(rng.permutation(len(candidates))[:MOST_CLUSTERED])
    known = candidates.features[:0] if candidates.labelled is None else candidates.labelled
    everything = _to_length_1(np.concatenate([candidates.features[rows], known]))
    wanted = min(len(known) + count, MOST_CLUSTERS)
    labels = _k_means(everything, wanted, rng).labels
    pool, labelled = labels[: len(rows)], np.bincount(labels[len(rows) :], minlength=wanted)
    sizes = np.bincount(labels, minlength=wanted)
    order = np.lexsort((-sizes, labelled))
    picked = []
    for cluster in order[np.isin(order, pool)][:count]:
        members = np.flatnonzero(pool == cluster)
        typical = _typicality(everything[members])
        picked.append((rows[members[typical.argmax()]], typical.max(), sizes[cluster]))
    chosen, scores, counts = (np.array(column) for column in zip(*picked, strict=True)) if picked else _NOTHING
    picks = Picks(chosen.astype(np.intp), scores.astype(float), counts.astype(np.intp))
    return _fill(picks, rng.random(len(candidates)), count)


_NOTHING = (np.empty(0), np.empty(0), np.empty(0))


def _typicality(features: Reals) -> Reals:
    """Return the inverse mean distance of each row to its nearest others, (N,)."""
    from sklearn.metrics import pairwise_distances  # it takes long to load, and not everybody needs it

    nearest = np.sort(pairwise_distances(features), axis=1)[:, 1 : NEIGHBOURS + 1]
    means: Reals = nearest.mean(axis=1) if nearest.size else np.zeros(len(features))
    return 1 / (means + 1e-5)


def cluster_margin(candidates: Candidates, count: int, rng: Generator) -> Picks:
    """Draw in turn from clusters of the pictures with the smallest margins, small clusters first: Citovsky et al. 2021.

    Scores are those of `margin`. Average linkage over the candidates alone, not over the whole pool: a cluster
    without a candidate is never drawn from.
    """
    from scipy.cluster.hierarchy import fcluster, linkage  # it takes long to load, and not everybody needs it
    from scipy.spatial.distance import pdist

    closeness = margin(candidates.probabilities, rng)
    rows = np.argsort(-closeness, kind="stable")[: min(CANDIDATES_A_PICK * count, MOST_CLUSTERED)]
    if len(rows) < 2:
        return Picks(rows, closeness[rows])
    labels = fcluster(linkage(pdist(candidates.features[rows]), "average"), count, criterion="maxclust")
    members = [rng.permutation(rows[labels == label]) for label in np.unique(labels)]
    members.sort(key=len)
    turns = [(turn, place) for place, cluster in enumerate(members) for turn in range(len(cluster))]
    drawn = sorted(turns)[:count]
    chosen = np.array([members[place][turn] for turn, place in drawn], dtype=np.intp)
    sizes = np.array([len(members[place]) for _, place in drawn], dtype=np.intp)
    return Picks(chosen, closeness[chosen], sizes)


@dataclass(frozen=True)
class _Clusters:
    labels: Indices
    middles: Reals


def _k_means(features: Reals, count: int, rng: Generator, *, weights: Reals | None = None) -> _Clusters:
    """Cluster rows; where there are fewer different rows than clusters, some clusters are empty."""
    from sklearn.cluster import KMeans  # it takes long to load, and not everybody needs it
    from sklearn.exceptions import ConvergenceWarning  # it takes long to load, and not everybody needs it

    means = KMeans(min(count, len(features)), n_init=1, max_iter=ITERATIONS, random_state=int(rng.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it tells of just that
        means.fit(features, sample_weight=weights)
    return _Clusters(means.labels_.astype(np.intp), means.cluster_centers_)


def _to_length_1(features: Reals) -> Reals:
    lengths: Reals = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.maximum(lengths, 1e-12)


def _fill(picks: Picks, scores: Reals, count: int) -> Picks:
    """Add the highest-scoring of the other rows where clusters were too few; each is a cluster of its own."""
    missing = min(count, len(scores)) - len(picks.rows)
    order = np.argsort(-scores, kind="stable")
    others = order[~np.isin(order, picks.rows)][: max(0, missing)]
    sizes = np.append(np.zeros(0, np.intp) if picks.sizes is None else picks.sizes, np.ones(len(others), np.intp))
    return Picks(np.append(picks.rows, others), np.append(picks.scores, scores[others]), sizes)


COMPARE_VARIATIONS = frozenset({"disagreement"})
VARIATIONS = 8
"""The strategies that compare variations, and how many variations of each picture they get."""
