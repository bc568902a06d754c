import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from active.strategies import STRATEGIES, entropy, least_confidence, margin

Array = npt.NDArray[np.floating]

INFORMED = sorted(set(STRATEGIES) - {"random"})


@st.composite
def probabilities(draw: st.DrawFn) -> Array:
    shape = (draw(st.integers(0, 12)), draw(st.integers(2, 6)))
    weights = draw(arrays(np.float64, shape, elements=st.floats(0, 1)))
    weights[:, 0] += 1e-3  # no row of zeros
    total: Array = weights.sum(axis=1, keepdims=True)
    return weights / total


def score(name: str, values: Array, seed: int = 0) -> Array:
    return STRATEGIES[name](values, np.random.default_rng(seed))


@pytest.mark.parametrize("name", STRATEGIES)
@given(values=probabilities())
def test_every_strategy_gives_one_finite_score_a_row(name: str, values: Array) -> None:
    scores = score(name, values)
    assert scores.shape == (len(values),)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", STRATEGIES)
@given(values=probabilities(), seed=st.integers(0, 1000))
def test_scores_depend_on_the_seed_and_the_probabilities_alone(name: str, values: Array, seed: int) -> None:
    np.testing.assert_array_equal(score(name, values, seed), score(name, values.copy(), seed))


@pytest.mark.parametrize("name", INFORMED)
@given(values=probabilities(), data=st.data())
def test_the_order_of_rows_and_classes_does_not_matter(name: str, values: Array, data: st.DataObject) -> None:
    rows = data.draw(st.permutations(range(values.shape[0])))
    columns = data.draw(st.permutations(range(values.shape[1])))
    shuffled = values[np.array(rows, dtype=int)][:, columns]
    np.testing.assert_allclose(score(name, shuffled), score(name, values)[np.array(rows, dtype=int)], atol=1e-12)


@pytest.mark.parametrize("name", INFORMED)
@given(values=probabilities())
def test_a_certain_row_scores_lowest_and_an_even_one_highest(name: str, values: Array) -> None:
    classes = values.shape[1]
    framed = np.vstack([np.eye(classes)[:1], values, np.full((1, classes), 1 / classes)])
    scores = score(name, framed)
    assert scores[0] == pytest.approx(0)
    assert scores.min() >= -1e-12
    assert scores.max() <= scores[-1] + 1e-9


def test_strategies_follow_their_textbook_definitions() -> None:
    values = np.array([[0.5, 0.3, 0.2]])
    rng = np.random.default_rng(0)
    assert margin(values, rng) == pytest.approx([0.8])
    assert least_confidence(values, rng) == pytest.approx([0.5])
    assert entropy(values, rng) == pytest.approx([1.0296530])


def test_margin_and_entropy_disagree_where_they_should() -> None:
    two_way_tie = [0.5, 0.5, 0.0]
    spread = [0.45, 0.3, 0.25]
    rng = np.random.default_rng(0)
    values = np.array([two_way_tie, spread])
    assert margin(values, rng).argmax() == 0
    assert entropy(values, rng).argmax() == 1


def test_random_differs_from_seed_to_seed() -> None:
    values = np.full((20, 2), 0.5)
    assert not np.array_equal(score("random", values, 0), score("random", values, 1))
