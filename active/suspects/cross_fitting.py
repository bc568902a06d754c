"""Cross-fitting: what heads that never saw a picture's label make of it, several times over."""

from collections.abc import Iterator

import numpy as np

from base.arrays import Doubles, Indices, Labels, Reals
from model.adapting.heads import Head, refit_head

HEAD_FOLDS = 5
HEAD_PULL = 300.0
"""How strongly the last layer is held to its old weights; as in the fast mode of `simulate`."""


def deal_evenly(labels: Labels, *, folds: int, rng: np.random.Generator) -> Indices:
    """Return a fold for each label, (N,), such that folds differ by at most one picture, and by few of any class.

    There may be fewer pictures of a class than folds, which scikit-learn's stratified folds refuse.
    """
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    dealt = np.empty(len(labels), np.intp)
    dealt[order] = np.arange(len(labels)) % folds
    return dealt


def cross_fit_heads(
    head: Head, features: Reals, labels: Labels, *, repeats: int = HEAD_FOLDS, seed: int = 0, pull: float = HEAD_PULL
) -> Doubles:
    """Return probabilities, (R, N, C), each by a head that was fitted without the picture's own fold.

    Every repeat deals `HEAD_FOLDS` folds anew, so that a picture has as many judges as there are repeats.

    Args:
        head: what each fit starts from and stays near; of a model that was not trained on these labels.
        features: (N, F).
        labels: (N,), indices of classes.
        repeats: how many judges.
        seed: of the dealing.
        pull: how strongly a fit is held to `head`.
    """
    return np.stack([_once(head, features, labels, rng, pull) for rng in _generators(repeats, seed)])


def _generators(repeats: int, seed: int) -> Iterator[np.random.Generator]:
    return (np.random.default_rng((seed, repeat)) for repeat in range(repeats))


def _once(head: Head, features: Reals, labels: Labels, rng: np.random.Generator, pull: float) -> Doubles:
    found = np.empty((len(labels), len(head.bias)))
    dealt = deal_evenly(labels, folds=HEAD_FOLDS, rng=rng)
    for fold in range(HEAD_FOLDS):
        held_out, kept = dealt == fold, dealt != fold
        fitted = refit_head(head, features[kept], labels[kept], pull=pull)
        found[held_out] = fitted.probabilities(features[held_out])
    return found
