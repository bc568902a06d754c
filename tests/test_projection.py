import numpy as np
import pytest

from active.loop.projection import Evidence, Projection, _share_gone, project
from model.adapting.heads import Head


def evidence(count: int = 60, audit: tuple[int, int] = (2, 12), noise: float = 1.0) -> Evidence:
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 3
    features = np.eye(3)[labels] * 4 + noise * rng.normal(size=(count, 3))
    return Evidence(Head(np.zeros((3, 3)), np.zeros(3), np.zeros(3), np.full(3, 0.05)), features, labels, audit)


def test_a_projection_is_said_with_its_interval() -> None:
    assert Projection(50, 0.84, 0.1, 1.6).to_text() == "the next 50 labels: about +0.8 points (0.1 to 1.6)"
    assert Projection(50, -0.04, -0.7, 0.6).to_text() == "the next 50 labels: about +0.0 points (-0.7 to 0.6)"


@pytest.mark.parametrize(("count", "audit"), [(29, (0, 12)), (60, (0, 7))])
def test_with_little_evidence_there_is_no_number(count: int, audit: tuple[int, int]) -> None:
    found = project(evidence(count, audit), labels=50)
    assert (found.gain, found.low, found.high) == (None, None, None)
    assert f"too early to say, with {count} labels, {audit[1]} of them drawn at random" in found.to_text()


def test_a_larger_audit_with_as_few_mistakes_narrows_the_interval() -> None:
    few, many = (project(evidence(audit=audit), labels=50) for audit in ((0, 10), (0, 100)))
    assert few.high is not None
    assert many.high is not None
    assert 0 < many.high < few.high


def test_the_same_evidence_and_seed_give_the_same_projection() -> None:
    assert project(evidence(), labels=50, seed=1) == project(evidence(), labels=50, seed=1)


def test_a_power_law_is_continued() -> None:
    sizes = np.array([0.0, 20.0, 40.0, 60.0, 80.0])
    curve = 0.02 + 0.3 * (1 + sizes / 20) ** -0.5
    then, now = (0.02 + 0.3 * (1 + at / 20) ** -0.5 for at in (150, 100))
    [share] = _share_gone(curve[None], sizes, now=100, then=150, smoothing=0.0)
    assert share == pytest.approx((now - then) / now, rel=1e-6)


def test_labels_that_hurt_are_projected_to_hurt() -> None:
    sizes = np.array([0.0, 20.0, 40.0, 60.0, 80.0])
    [share] = _share_gone(np.array([[0.1, 0.11, 0.12, 0.125, 0.13]]), sizes, now=100, then=150, smoothing=0.0)
    assert share < 0
