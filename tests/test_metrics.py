import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, confusion_matrix, f1_score, log_loss, top_k_accuracy_score

from model.evaluation.metrics import (
    brier_score,
    calibration_bins,
    calibration_error,
    chance_calibration_error,
    confusion_counts,
    macro_f1,
    negative_log_likelihood,
    top_k_accuracy,
)


def drawn(seed: int, n: int = 40, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(classes), n), rng.integers(0, classes, n)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_brier_and_nll_are_scikit_learn_s(classes: int) -> None:
    probabilities, labels = drawn(1, classes=classes)
    names = list(range(classes))
    expected = brier_score_loss(labels, probabilities, labels=names, scale_by_half=False)
    assert brier_score(probabilities, labels) == pytest.approx(expected)
    assert negative_log_likelihood(probabilities, labels) == pytest.approx(
        log_loss(labels, probabilities, labels=names)
    )


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_confusion_is_scikit_learn_s(classes: int) -> None:
    probabilities, labels = drawn(3, classes=classes)
    predicted = probabilities.argmax(1)
    expected = confusion_matrix(labels, predicted, labels=range(classes + 1))  # a class that nothing met has zeros
    assert confusion_counts(predicted, labels, classes + 1).tolist() == expected.tolist()


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_macro_f1_is_scikit_learn_s(classes: int) -> None:
    probabilities, labels = drawn(2, classes=classes)
    predicted = probabilities.argmax(1)
    assert macro_f1(predicted, labels) == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert macro_f1(np.array([0, 1]), np.array([0, 1])) == 1  # classes that nothing met do not count


@pytest.mark.parametrize("k", [1, 2, 4])
def test_top_k_accuracy_is_scikit_learn_s(k: int) -> None:
    probabilities, labels = drawn(3, classes=5)
    expected = top_k_accuracy_score(labels, probabilities, k=k, labels=list(range(5)))
    assert top_k_accuracy(probabilities, labels, k) == pytest.approx(expected)


def test_a_probability_of_0_for_the_truth_costs_much_but_not_everything() -> None:
    assert 80 < negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([1])) < 100


def test_the_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    probabilities = np.array([[0.6, 0.4], [0.3, 0.7], [0.9, 0.1], [0.2, 0.8]])
    labels = np.array([0, 0, 0, 1])
    bins = calibration_bins(probabilities, labels, bins=2)
    assert [(each.confidence, each.accuracy, each.n) for each in bins] == [
        (pytest.approx(0.65), 0.5, 2),
        (pytest.approx(0.85), 1.0, 2),
    ]
    assert calibration_error(bins) == pytest.approx((0.15 + 0.15) / 2)


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 20))
def test_bins_hold_every_picture_and_are_of_equal_size(seed: int, n: int, bins: int) -> None:
    found = calibration_bins(*drawn(seed, n), bins=bins)
    sizes = [each.n for each in found]
    assert sum(sizes) == n
    assert max(sizes) - min(sizes) <= 1
    assert 0 <= calibration_error(found) <= 1
    assert [each.confidence for each in found] == sorted(each.confidence for each in found)


@given(st.integers(0, 10_000))
def test_the_order_of_the_pictures_decides_nothing_even_among_equal_confidences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sure = rng.choice([0.6, 0.8, 1.0], 30)
    probabilities, labels = np.stack([sure, 1 - sure], 1), rng.integers(0, 2, 30)
    order = rng.permutation(30)
    one, other = (calibration_bins(probabilities[o], labels[o], bins=4) for o in (np.arange(30), order))
    assert calibration_error(one) == pytest.approx(calibration_error(other))


def test_chance_alone_gives_a_calibrated_model_the_error_that_is_foretold() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 400)
    probabilities = np.stack([sure, 1 - sure], 1)
    draws = [(rng.random(400) >= sure).astype(np.int64) for _ in range(40)]
    errors = [calibration_error(calibration_bins(probabilities, labels)) for labels in draws]
    assert chance_calibration_error(probabilities) == pytest.approx(np.mean(errors), rel=0.1)
    assert chance_calibration_error(probabilities) == chance_calibration_error(probabilities)
