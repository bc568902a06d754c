import numpy as np
import pytest
from scipy.stats import wilcoxon

from active.replay.replay import BASELINE, Replay
from active.replay.simulation_result import Simulation, areas, first_reach, summarize_simulation

CURVES = {BASELINE: [0.5, 0.6, 0.7], "margin": [0.5, 0.7, 0.8], "entropy": [0.5, 0.5, 0.6]}


def replays(noise: float = 0.01, seeds: int = 12) -> list[Replay]:
    rng = np.random.default_rng(0)
    return [
        Replay(
            arm=arm,
            seed=seed,
            labels=(0, 10, 20),
            accuracy=tuple(value + noise * rng.normal() for value in curve),
            recalls=((0.5, None), (0.5, 1.0), (0.5, 0.5 if seed else None)),
            rows=(),
        )
        for seed in range(seeds)
        for arm, curve in CURVES.items()
    ]


def summary(noise: float = 0.01) -> Simulation:
    return summarize_simulation(replays(noise), classes=("a", "b"), sizes=[(30, 20)] * 12, settings={})


def test_arms_come_by_their_area() -> None:
    assert [arm.arm for arm in summary().arms] == ["margin", BASELINE, "entropy"]


def test_figures_without_noise_are_those_of_the_curves() -> None:
    best, baseline, worst = summary(noise=0).arms
    assert best.area == pytest.approx((0.6 + 0.75) / 2)
    assert best.curve.accuracy == pytest.approx((0.5, 0.7, 0.8))
    assert best.curve.labels == (0, 10, 20)
    assert (best.to_target, baseline.to_target, worst.to_target) == (10, 20, None)
    assert best.to_target_interval == (10, 10)
    assert worst.to_target_interval == (None, None)
    assert baseline.versus is None


def test_differences_are_paired_and_tested() -> None:
    best, _, worst = summary().arms
    assert best.versus is not None
    assert worst.versus is not None
    assert best.versus.difference == pytest.approx(0.075, abs=0.01)
    assert best.versus.interval[0] < best.versus.difference < best.versus.interval[1]
    assert (best.versus.wins, worst.versus.losses) == (12, 12)
    assert best.versus.p == pytest.approx(wilcoxon(np.arange(1, 13)).pvalue)
    assert best.versus.adjusted_p == pytest.approx(2 * best.versus.p)


def test_recalls_are_means_of_the_seeds_that_have_the_class() -> None:
    assert summary().arms[0].curve.recalls == {"a": (0.5, 0.5, 0.5), "b": (None, 1.0, 0.5)}


def test_areas_are_trapezes_over_the_budget() -> None:
    assert areas(np.array([[0.0, 1.0, 1.0]])) == pytest.approx([0.75])


def test_a_target_is_reached_at_its_first_crossing() -> None:
    assert first_reach(np.array([0.5, 0.7, 0.6]), 0.6) == 1
    assert first_reach(np.array([0.5, 0.5]), 0.6) is None


def test_the_table_has_a_line_an_arm() -> None:
    lines = summary().to_text().splitlines()
    assert (
        lines[0] == f"12 seeds, up to 20 labels, pools of 30, test parts of 20; target 70.4%: {BASELINE} with 20 labels"
    )
    assert [line.split()[0] for line in lines[3:]] == ["margin", BASELINE, "entropy"]
