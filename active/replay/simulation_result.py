"""What replays add up to: curves with intervals, areas, labels to a target, and tests paired by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from active.replay.replay import BASELINE, Replay
from base.arrays import Doubles, Indices
from base.counting import counted
from base.intervals import Interval, holm

RESAMPLES = 2000
"""Resamples of the seeds: every interval here is a 95 % percentile bootstrap over them.

Where accuracies are meant, of the gain over the warm start, which is then added: how hard a seed's test part happens to
be is the same for all arms, and says nothing of them.
"""


@dataclass(frozen=True)
class Curve:
    """Mean accuracy by number of labels, with intervals, and mean recalls by class, None where no test part has it."""

    labels: tuple[int, ...]
    accuracy: tuple[float, ...]
    intervals: tuple[Interval, ...]
    recalls: Mapping[str, tuple[float | None, ...]]


@dataclass(frozen=True)
class Versus:
    """An arm's area less the baseline's on the same seeds: mean, interval, Wilcoxon's signed-rank test (two-sided).

    `adjusted_p` is Holm's, for all arms that were compared.
    """

    difference: float
    interval: Interval
    wins: int
    losses: int
    p: float
    adjusted_p: float


@dataclass(frozen=True)
class ArmResult:
    """One arm over all seeds.

    `area` under the curve is normalized: the mean accuracy over the budget. `to_target` is the fewest labels with which
    the mean curve reaches what the baseline has with all of them, None where it does not; likewise the bounds of its
    interval. `versus` is None for the baseline.
    """

    arm: str
    seeds: int
    curve: Curve
    area: float
    area_interval: Interval
    to_target: int | None
    to_target_interval: tuple[int | None, int | None]
    versus: Versus | None


@dataclass(frozen=True)
class Simulation:
    """All arms, best area first, and the accuracy that is the target."""

    arms: tuple[ArmResult, ...]
    target: float
    test_sizes: tuple[int, ...]
    pool_sizes: tuple[int, ...]
    settings: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return asdict(self)

    def to_text(self) -> str:
        """Return a table for a terminal."""
        seeds = self.arms[0].seeds
        labels = self.arms[0].curve.labels[-1]
        lines = [
            f"{counted(seeds, 'seed')}, up to {counted(labels, 'label')}, pools of {_range(self.pool_sizes)}, "
            f"test parts of {_range(self.test_sizes)}; target {self.target:.1%}: {BASELINE} "
            f"with {counted(labels, 'label')}",
            "",
            f"{'':22}{'warm':>6}{'end':>7}{'area':>8}  {'labels to target':>18}  {'area against random':>28}  p (Holm)",
        ]
        return "\n".join([*lines, *(_line(each) for each in self.arms)])


def _range(sizes: Sequence[int]) -> str:
    low, high = min(sizes), max(sizes)
    return str(low) if low == high else f"{low} to {high}"


def _line(result: ArmResult) -> str:
    curve = result.curve
    start = f"{result.arm:22}{curve.accuracy[0]:6.1%}{curve.accuracy[-1]:7.1%}{result.area:8.2%}"
    low, high = (show_labels(bound) for bound in result.to_target_interval)
    line = f"{start}  {f'{show_labels(result.to_target)} ({low} to {high})':>18}"
    if result.versus is None:
        return line
    low_area, high_area = result.versus.interval
    versus = f"{100 * result.versus.difference:+.2f} ({100 * low_area:+.2f} to {100 * high_area:+.2f})"
    return f"{line}  {versus:>28}  {result.versus.adjusted_p:.4f}"


def show_labels(count: int | None) -> str:
    """Return a number of labels in words."""
    return "never" if count is None else str(count)


def summarize_simulation(
    replays: Sequence[Replay],
    *,
    classes: Sequence[str],
    sizes: Sequence[tuple[int, int]],
    settings: Mapping[str, Any],
) -> Simulation:
    """Add up replays: every arm, the baseline among them, once for each of the same seeds.

    Args:
        replays: in any order.
        classes: in the order of the recalls.
        sizes: of the pool and the test part, a pair a seed.
        settings: to be kept with the result.
    """
    arms: dict[str, list[Replay]] = {}
    for one in sorted(replays, key=lambda each: each.seed):
        arms.setdefault(one.arm, []).append(one)
    accuracy = {arm: np.array([one.accuracy for one in own]) for arm, own in arms.items()}
    resamples = _resamples(len(accuracy[BASELINE]))
    target = float(accuracy[BASELINE].mean(axis=0)[-1])
    versus = _compare_all(accuracy, resamples)
    results = [_result(own, accuracy, versus.get(arm), resamples, classes) for arm, own in arms.items()]
    results.sort(key=lambda result: -result.area)
    pools, tests = zip(*sizes, strict=True)
    return Simulation(tuple(results), target, tuple(tests), tuple(pools), settings)


def _resamples(seeds: int) -> Indices:
    """Return which seeds are drawn in each resample, the same for all arms."""
    return np.random.default_rng(0).integers(seeds, size=(RESAMPLES, seeds))


def areas(accuracy: Doubles) -> Doubles:
    """Return the normalized area under each curve, (seeds,), of accuracies (seeds, rounds + 1): trapezes."""
    found: Doubles = ((accuracy[:, 1:] + accuracy[:, :-1]) / 2).mean(axis=1)
    return found


def _result(
    own: Sequence[Replay],
    accuracy: Mapping[str, Doubles],
    versus: Versus | None,
    resamples: Indices,
    classes: Sequence[str],
) -> ArmResult:
    labels = tuple(int(count) for count in np.median([one.labels for one in own], axis=0))
    curves = accuracy[own[0].arm]
    reached = [
        first_reach(m, b[-1])
        for m, b in zip(_means(curves, resamples), _means(accuracy[BASELINE], resamples), strict=True)
    ]
    low, high = np.percentile([len(labels) if at is None else at for at in reached], (2.5, 97.5), method="nearest")
    at = first_reach(curves.mean(axis=0), float(accuracy[BASELINE].mean(axis=0)[-1]))
    return ArmResult(
        arm=own[0].arm,
        seeds=len(own),
        curve=_curve(own, curves, labels, resamples, classes),
        area=float(areas(curves).mean()),
        area_interval=_percentiles(areas(_level(curves))[resamples].mean(axis=1)),
        to_target=None if at is None else labels[at],
        to_target_interval=(_label_at(labels, int(low)), _label_at(labels, int(high))),
        versus=versus,
    )


def _level(curves: Doubles) -> Doubles:
    """Move each seed's curve so that all begin at their mean."""
    level: Doubles = curves - curves[:, :1] + curves[:, 0].mean()
    return level


def _label_at(labels: Sequence[int], index: int) -> int | None:
    return labels[index] if index < len(labels) else None


def _means(curves: Doubles, resamples: Indices) -> Doubles:
    means: Doubles = curves[resamples].mean(axis=1)
    return means


def first_reach(curve: Doubles, target: float) -> int | None:
    """Return the first round in which a mean curve is at its target; None where it never is."""
    reached = np.flatnonzero(curve >= target - 1e-12)
    return int(reached[0]) if len(reached) else None


def _curve(
    own: Sequence[Replay],
    curves: Doubles,
    labels: tuple[int, ...],
    resamples: Indices,
    classes: Sequence[str],
) -> Curve:
    low, high = np.percentile(_means(_level(curves), resamples), (2.5, 97.5), axis=0)
    return Curve(
        labels=labels,
        accuracy=tuple(curves.mean(axis=0).tolist()),
        intervals=tuple(zip(low.tolist(), high.tolist(), strict=True)),
        recalls={name: _mean_recalls(own, place) for place, name in enumerate(classes)},
    )


def _mean_recalls(own: Sequence[Replay], place: int) -> tuple[float | None, ...]:
    rounds = zip(*(one.recalls for one in own), strict=True)
    known = ([recalls[place] for recalls in each if recalls[place] is not None] for each in rounds)
    return tuple(float(np.mean(values)) if values else None for values in known)


def _compare_all(accuracy: Mapping[str, Doubles], resamples: Indices) -> dict[str, Versus]:
    base = areas(accuracy[BASELINE])
    found = {arm: areas(curves) - base for arm, curves in accuracy.items() if arm != BASELINE}
    ps = {arm: _signed_rank(differences) for arm, differences in found.items()}
    adjusted = holm(ps)
    return {
        arm: Versus(
            difference=float(differences.mean()),
            interval=_percentiles(differences[resamples].mean(axis=1)),
            wins=int((differences > 0).sum()),
            losses=int((differences < 0).sum()),
            p=ps[arm],
            adjusted_p=adjusted[arm],
        )
        for arm, differences in found.items()
    }


def _signed_rank(differences: Doubles) -> float:
    from scipy.stats import wilcoxon  # it takes long to load, and not everybody needs it

    return float(wilcoxon(differences).pvalue) if differences.any() else 1.0


def _percentiles(values: Doubles) -> Interval:
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)
