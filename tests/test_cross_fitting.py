import numpy as np

from active.suspects.cross_fitting import cross_fit_heads, deal_evenly
from model.adapting.heads import Head

LABELS = np.array([0] * 11 + [1] * 7 + [2])


def head() -> Head:
    return Head(np.eye(3, 2), np.zeros(3), np.zeros(2), np.ones(2))


def test_folds_are_even_in_all_and_in_each_class() -> None:
    dealt = deal_evenly(LABELS, folds=5, rng=np.random.default_rng(0))
    assert np.bincount(dealt).tolist() == [4, 4, 4, 4, 3]
    for label in (0, 1):
        counts = np.bincount(dealt[label == LABELS], minlength=5)
        assert counts.max() - counts.min() <= 1


def test_the_same_seed_deals_and_fits_alike_and_another_does_not() -> None:
    features = np.random.default_rng(1).normal(size=(len(LABELS), 2))
    first, again, other = (cross_fit_heads(head(), features, LABELS, seed=seed) for seed in (3, 3, 4))
    assert first.shape == (5, len(LABELS), 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_label_never_judges_itself() -> None:
    features = np.random.default_rng(1).normal(size=(len(LABELS), 2))
    changed = LABELS.copy()
    changed[0] = 1
    # The dealing goes by labels: of one that both dealings leave in a fold of its own, the judges are the same.
    alone, far = cross_fit_heads(head(), features, LABELS)[:, 0], cross_fit_heads(head(), features, changed)[:, 0]
    assert np.abs(alone - far).max() < 0.05
