import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from model.adapting.heads import Head, refit_head, warm_head
from model.networks.backbones import build_backbone
from model.networks.trained_model import Calibration, Model
from model.reading.crop_fitting import Geometry
from model.running.torch_scorer import scorer

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(60, 5))
LABELS = RNG.integers(3, size=60)


def flat_head() -> Head:
    return Head(np.zeros((3, 5)), np.zeros(3), np.zeros(5), np.ones(5))


def other_head() -> Head:
    return Head(RNG.normal(size=(3, 5)), np.array([0.5, 0, -0.5]), np.full(5, 0.2), np.full(5, 1.5))


def test_the_warm_head_says_what_the_model_says() -> None:
    network = build_backbone("tiny", classes=3).eval()
    calibration = Calibration(temperature=2.5, n=60, nll_before=1, nll_after=1, data="")
    model = Model(network, ("a", "b", "c"), Geometry(), "tiny", "x", calibration)
    pictures = [RNG.integers(255, size=(48, 64, 3)).astype(np.uint8) for _ in range(6)]
    scores = scorer(network, model.geometry, temperature=2.5)(pictures)
    found = warm_head(model, scores.features).probabilities(scores.features)
    np.testing.assert_allclose(found, scores.probabilities, atol=1e-4)


def test_without_a_label_nothing_moves() -> None:
    head = other_head()
    assert refit_head(head, FEATURES[:0], LABELS[:0], pull=1) is head


def test_held_to_zero_it_is_the_logistic_regression_of_scikit_learn() -> None:
    ours = refit_head(flat_head(), FEATURES, LABELS, pull=1).probabilities(FEATURES)
    # scikit-learn does not hold the bias; a column of ones instead is held like any other.
    wide = np.column_stack([FEATURES, np.ones(60)])
    theirs = LogisticRegression(C=1, fit_intercept=False, tol=1e-8, max_iter=1000).fit(wide, LABELS).predict_proba(wide)
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_a_strong_pull_keeps_the_warm_head_and_a_weak_one_lets_go() -> None:
    head = other_head()
    strong, weak = (refit_head(head, FEATURES, LABELS, pull=pull).probabilities(FEATURES) for pull in (1e6, 1e-3))
    np.testing.assert_allclose(strong, head.probabilities(FEATURES), atol=1e-3)

    def loss(probabilities: np.ndarray) -> float:
        return float(-np.log(probabilities[np.arange(60), LABELS]).mean())

    assert loss(weak) < loss(strong)


def test_probabilities_come_for_any_leading_shape() -> None:
    views = RNG.normal(size=(4, 7, 5))
    found = other_head().probabilities(views)
    assert found.shape == (4, 7, 3)
    assert found.sum(axis=2) == pytest.approx(1)
