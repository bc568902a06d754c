import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from active.choosing.acquisition import entropy, least_confidence, margin, mutual_information, power_margin, random
from active.choosing.strategies import Candidates, Picks, badge
from active.choosing.strategy_catalogue import STRATEGIES
from base.arrays import Reals
from base.errors import InputError

SCORES = {"least_confidence": least_confidence, "margin": margin, "entropy": entropy}


def probabilities_of(shape: tuple[int, ...]) -> st.SearchStrategy[Reals]:
    weights = arrays(np.float64, shape, elements=st.floats(0, 1))
    # The first class always has a little, so that no row is of zeros.
    little = np.eye(shape[-1])[0] * 1e-3
    return weights.map(lambda w: w + little).map(lambda w: w / w.sum(axis=-1, keepdims=True))


@st.composite
def candidates(draw: st.DrawFn) -> Candidates:
    n, classes, labelled = draw(st.integers(1, 14)), draw(st.integers(2, 4)), draw(st.integers(0, 5))
    # Whole numbers, so that equal rows are common.
    coarse = st.integers(-2, 2).map(float)
    features = draw(arrays(np.float64, (n + labelled, 3), elements=coarse))
    variations = draw(probabilities_of((2, n, classes)))
    return Candidates(draw(probabilities_of((n, classes))), features[:n], features[n:], variations)


def pick(name: str, pool: Candidates, count: int, seed: int = 0) -> Picks:
    return STRATEGIES[name](pool, count, np.random.default_rng(seed))


@pytest.mark.parametrize("name", STRATEGIES)
@examples(max_examples=12)
@given(pool=candidates(), count=st.integers(1, 16), seed=st.integers(0, 99))
def test_every_strategy_picks_as_many_as_asked_each_once_and_the_same_again(
    name: str, pool: Candidates, count: int, seed: int
) -> None:
    picks = pick(name, pool, count, seed)
    rows = picks.rows.tolist()
    assert len(rows) == len(set(rows)) == min(count, len(pool))
    assert all(0 <= row < len(pool) for row in rows)
    assert np.isfinite(picks.scores).all()
    assert len(picks.scores) == len(rows)
    assert picks.sizes is None or (picks.sizes >= 1).all()
    again = pick(name, pool, count, seed)
    assert again.rows.tolist() == rows
    assert again.scores.tolist() == picks.scores.tolist()


@pytest.mark.parametrize("name", STRATEGIES)
def test_rows_stay_themselves_when_others_are_left_out(name: str) -> None:
    pool = clusters()
    kept = np.array([3, 8, 20, 31])
    part = pool.take(kept)
    picks = pick(name, part, 4)
    assert sorted(picks.rows.tolist()) == [0, 1, 2, 3]
    assert part.variations is not None
    assert part.variations.shape[1] == len(part) == 4


def clusters(seed: int = 0, labelled: int = 0) -> Candidates:
    """Return 40 rows in four tight clusters of ten, far from each other; the last cluster is the least certain."""
    rng = np.random.default_rng(seed)
    features = np.repeat(np.eye(4) * 20, 10, axis=0) + rng.normal(size=(40, 4)) * 0.1
    likeliest = np.repeat([0.9, 0.85, 0.8, 0.52], 10)
    probabilities = np.stack([likeliest, 1 - likeliest], axis=1)
    return Candidates(probabilities, features, features[:labelled], np.stack([probabilities, probabilities[::-1]]))


def of_clusters(picks: Picks) -> list[int]:
    return sorted((picks.rows // 10).tolist())


@pytest.mark.parametrize("name", ["clue", "k_center", "typiclust", "badge"])
def test_diverse_strategies_take_one_of_each_cluster(name: str) -> None:
    assert of_clusters(pick(name, clusters(), 4)) == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["k_center", "typiclust"])
def test_a_cluster_with_a_label_is_passed_over(name: str) -> None:
    assert of_clusters(pick(name, clusters(labelled=1), 3)) == [1, 2, 3]


@pytest.mark.parametrize("name", ["margin", "entropy", "least_confidence"])
def test_uncertain_strategies_take_the_uncertain_cluster_alone(name: str) -> None:
    assert of_clusters(pick(name, clusters(), 4)) == [3, 3, 3, 3]


def test_cluster_margin_takes_of_each_cluster_of_the_uncertain_rows_in_turn() -> None:
    pool = clusters()
    assert of_clusters(pick("cluster_margin", pool, 4)) == [0, 1, 2, 3]
    assert of_clusters(pick("cluster_margin", pool, 1)) == [3]


def test_clue_goes_where_the_uncertainty_is() -> None:
    picks = pick("clue", clusters(), 4)
    assert picks.rows[0] // 10 == 3
    assert picks.sizes is not None
    assert picks.sizes.tolist() == [10, 10, 10, 10]


def test_the_distances_of_badge_are_those_of_gradient_embeddings() -> None:
    rng = np.random.default_rng(0)
    pool = Candidates(rng.dirichlet([1, 1, 1], 30), rng.normal(size=(30, 5)))
    errors = pool.probabilities - np.eye(3)[pool.probabilities.argmax(axis=1)]
    gradients = (errors[:, :, None] * pool.features[:, None, :]).reshape(30, -1)
    first = int(np.linalg.norm(gradients, axis=1).argmax())
    shares = ((gradients - gradients[first]) ** 2).sum(axis=1)
    drawn = [badge(pool, 2, np.random.default_rng(seed)).rows for seed in range(3000)]
    assert {rows[0] for rows in drawn} == {first}
    found = np.bincount([rows[1] for rows in drawn], minlength=30) / 3000
    np.testing.assert_allclose(found, shares / shares.sum(), atol=0.03)


def test_disagreement_needs_views() -> None:
    pool = clusters()
    with pytest.raises(InputError, match="compares variations of each picture, and there are none"):
        pick("disagreement", Candidates(pool.probabilities, pool.features), 2)


def test_views_that_agree_carry_no_information_and_opposite_ones_all() -> None:
    sure, unsure = [1.0, 0.0], [0.5, 0.5]
    variations = np.array([[sure, unsure, sure], [sure, unsure, sure[::-1]]])
    assert mutual_information(variations) == pytest.approx([0, 0, np.log(2)])


def test_power_margin_draws_in_proportion_to_the_margin_score() -> None:
    probabilities = np.array([[0.5, 0.5], [0.75, 0.25], [0.75, 0.25]])
    firsts = [power_margin(probabilities, np.random.default_rng(seed)).argmax() for seed in range(3000)]
    np.testing.assert_allclose(np.bincount(firsts) / 3000, [0.5, 0.25, 0.25], atol=0.03)


@pytest.mark.parametrize("name", SCORES)
@given(values=probabilities_of((6, 3)), data=st.data())
def test_the_order_of_rows_and_classes_does_not_matter(name: str, values: Reals, data: st.DataObject) -> None:
    rows = np.array(data.draw(st.permutations(range(6))))
    columns = np.array(data.draw(st.permutations(range(3))))
    rng = np.random.default_rng(0)
    np.testing.assert_allclose(SCORES[name](values[rows][:, columns], rng), SCORES[name](values, rng)[rows], atol=1e-12)


@pytest.mark.parametrize("name", SCORES)
@given(values=probabilities_of((5, 4)))
def test_a_certain_row_scores_lowest_and_an_even_one_highest(name: str, values: Reals) -> None:
    framed = np.vstack([np.eye(4)[:1], values, np.full((1, 4), 1 / 4)])
    scores = SCORES[name](framed, np.random.default_rng(0))
    assert scores[0] == pytest.approx(0)
    assert scores.min() >= -1e-12
    assert scores.max() <= scores[-1] + 1e-9


def test_scores_follow_their_textbook_definitions() -> None:
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
    first, second = (random(values, np.random.default_rng(seed)) for seed in (0, 1))
    assert not np.array_equal(first, second)


# scikit-activeml is the oracle where it has the same rule; it warns of its own use of NumPy.


@pytest.mark.parametrize(
    ("name", "method"),
    [("least_confidence", "least_confident"), ("margin", "margin_sampling"), ("entropy", "entropy")],
)
def test_uncertainties_are_those_of_scikit_activeml(name: str, method: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skactiveml.pool import uncertainty_scores
    values = np.random.default_rng(0).dirichlet([0.5, 0.5, 0.5], 50)
    theirs = uncertainty_scores(values, method=method)
    np.testing.assert_allclose(SCORES[name](values, np.random.default_rng(0)), theirs, atol=1e-12)


def test_k_center_is_that_of_scikit_activeml() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skactiveml.pool import CoreSet

        rng = np.random.default_rng(0)
        features = rng.normal(size=(60, 8))
        labels = np.full(60, np.nan)
        labels[:5] = rng.integers(2, size=5)
        theirs = CoreSet(random_state=0).query(features, labels, batch_size=12)
    pool = Candidates(np.full((55, 2), 0.5), features[5:], features[:5])
    assert (pick("k_center", pool, 12).rows + 5).tolist() == theirs.tolist()
