"""Telling synthetic crops from real ones: how well it can be done, and by what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from base.arrays import Floats, Indices, Labels
from base.counting import counted
from base.errors import InputError
from model.gap.crop_statistics import Described
from model.gap.measures import FINISH, STATISTICS

FOLDS = 5
TREES = 100
SHUFFLES = 3
RESAMPLES = 300
FEWEST = 10
COMPONENTS = 16
TAILS = (10, 50, 90)
ALL, VISIBLE = "all", "all but finish"


@dataclass(frozen=True)
class Gap:
    """How one statistic differs; `auc` is the chance that a real crop has more of it than a synthetic one.

    `real` and `synthetic` are its 10th, 50th and 90th percentile.
    """

    name: str
    meaning: str
    auc: float
    real: tuple[float, ...]
    synthetic: tuple[float, ...]

    @property
    def power(self) -> float:
        """Return how far the statistic is from telling nothing, 0 to 0.5."""
        return abs(self.auc - 0.5)


@dataclass(frozen=True)
class Domain:
    """How well a classifier tells real from synthetic crops that it was not trained on: 0.5 not at all, 1 always.

    `interval` is the 95 % bootstrap interval over groups, `control` holds the AUC of each run with shuffled labels,
    `views` the AUC with a part of the evidence only, `gaps` the single statistics, most telling first. `real` and
    `synthetic` are the probabilities of being real, in the order of the crops, by what the eye can see: all evidence
    but the finish.
    """

    auc: float
    interval: tuple[float, float]
    control: tuple[float, ...]
    views: dict[str, float]
    gaps: tuple[Gap, ...]
    real: Floats
    synthetic: Floats


def tell_apart(
    real: Described, synthetic: Described, groups: Indices, *, seed: int = 0, threads: int | None = None
) -> Domain:
    """Train and test a classifier by cross-validation, groups never split over folds; also on shuffled labels.

    Args:
        real: of any number of crops from ten up.
        synthetic: best of the same mix of classes, or the classes' looks are what is told apart.
        groups: a group number for each real and then each synthetic crop.
        seed: for folds, trees and shuffles.
        threads: for the trees; one when None.

    Raises:
        InputError: there are too few crops or groups to cross-validate.
    """
    truth = np.repeat([1, 0], [len(real.examples), len(synthetic.examples)])
    judge = _Judge(truth, groups, seed, threads or 1)
    judge.require_enough()
    evidence = _evidence(real, synthetic)
    scores = {name: judge.scores(values, truth) for name, values in evidence.items()}
    return Domain(
        auc=_auc(truth, scores[ALL]),
        interval=judge.interval(scores[ALL]),
        control=tuple(judge.shuffled(evidence[ALL])),
        views={name: _auc(truth, values) for name, values in scores.items() if name != ALL},
        gaps=measure_gaps(real, synthetic),
        real=scores[VISIBLE][truth == 1],
        synthetic=scores[VISIBLE][truth == 0],
    )


def measure_gaps(real: Described, synthetic: Described) -> tuple[Gap, ...]:
    """Return how each statistic differs, most telling first."""
    truth = np.repeat([1, 0], [len(real.examples), len(synthetic.examples)])
    gaps = []
    for index, (name, statistic) in enumerate(STATISTICS.items()):
        ours, theirs = real.statistics[:, index], synthetic.statistics[:, index]
        gaps.append(
            Gap(name, statistic.meaning, _auc(truth, np.concatenate([ours, theirs])), _tails(ours), _tails(theirs))
        )
    return tuple(sorted(gaps, key=lambda gap: -gap.power))


def _tails(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in np.percentile(values, TAILS))


def _evidence(real: Described, synthetic: Described) -> dict[str, Floats]:
    """Return all evidence, all but the finish, the network's features alone, and each aspect's statistics alone."""
    network = _stack(real.features, synthetic.features)
    # Trees look at a few columns at a time: hundreds of features would drown the statistics beside them.
    condensed = PCA(min(COMPONENTS, *network.shape), random_state=0).fit_transform(network)
    statistics = _stack(real.statistics, synthetic.statistics)
    aspects = np.array([statistic.aspect for statistic in STATISTICS.values()])
    evidence = {
        ALL: np.hstack([condensed, statistics]),
        VISIBLE: np.hstack([condensed, statistics[:, aspects != FINISH]]),
        "network only": network,
    }
    return evidence | {f"{aspect} only": statistics[:, aspects == aspect] for aspect in dict.fromkeys(aspects.tolist())}


def _stack(real: Floats, synthetic: Floats) -> Floats:
    return np.concatenate([real, synthetic]).astype(np.float32)


@dataclass(frozen=True)
class _Judge:
    """The crops' true domains and groups, and how folds are drawn."""

    truth: Labels
    groups: Indices
    seed: int
    threads: int

    def require_enough(self) -> None:
        for name, value in (("real", 1), ("synthetic", 0)):
            count = len(np.unique(self.groups[self.truth == value]))
            if count < FEWEST:
                crops = counted(count, f"{name} crop that is", f"{name} crops that are")
                raise InputError(f"{crops} not near copies of each other; {FEWEST} are needed")

    def scores(self, values: Floats, labels: Labels) -> Floats:
        """Return each crop's probability of label 1 from a classifier that saw none of its group."""
        folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=self.seed)
        scores = np.empty(len(labels), np.float32)
        for train, test in folds.split(values, labels, self.groups):
            trees = ExtraTreesClassifier(
                TREES, min_samples_leaf=3, class_weight="balanced", random_state=self.seed, n_jobs=self.threads
            )
            trees.fit(values[train], labels[train])
            # Where near copies of one another fill most folds, one may be left with a single domain to learn from.
            column = list(trees.classes_).index(1) if 1 in trees.classes_ else None
            scores[test] = 0 if column is None else trees.predict_proba(values[test])[:, column]
        return scores

    def shuffled(self, values: Floats) -> Iterator[float]:
        """Yield the AUC where labels are dealt to groups at random: what is left must come from a leak."""
        _, members, index = np.unique(self.groups, return_index=True, return_inverse=True)
        for number in range(SHUFFLES):
            rng = np.random.default_rng([self.seed, number])
            labels = rng.permutation(self.truth)[members][index]
            yield _auc(labels, self.scores(values, labels))

    def interval(self, scores: Floats) -> tuple[float, float]:
        """Return the 95 % percentile interval of the AUC over groups drawn again with replacement."""
        rng = np.random.default_rng(self.seed)
        order = np.argsort(self.groups, kind="stable")
        members = np.split(order, np.flatnonzero(np.diff(self.groups[order])) + 1)
        aucs = [
            _auc(self.truth[drawn], scores[drawn])
            for drawn in (
                np.concatenate([members[group] for group in rng.integers(len(members), size=len(members))])
                for _ in range(RESAMPLES)
            )
            if 0 < self.truth[drawn].sum() < len(drawn)
        ]
        low, high = np.percentile(aucs, (2.5, 97.5))
        return float(low), float(high)


def _auc(labels: Labels, scores: Iterable[float]) -> float:
    return float(roc_auc_score(labels, scores))
