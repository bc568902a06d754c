from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.evaluation.compare import PairedCounts, compare, mcnemar, paired_interval
from model.evaluation.judged import Judged
from model.labelled_folders.folders import Example

COUNTS = st.builds(PairedCounts, *[st.integers(0, 60)] * 4).filter(lambda counts: counts.n > 0)


def judged(classes: str, labels: str, answers: str) -> Judged:
    """Judge pictures by letters: one a class, the label and the answer of each; every answer is 70 % sure."""
    examples = tuple(Example(Path(f"{number}.png"), label, str(number)) for number, label in enumerate(labels))
    others = 0.3 / (len(classes) - 1)
    rows = [[0.7 if name == answer else others for name in classes] for answer in answers]
    return Judged(tuple(classes), examples, np.array(rows))


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_s_test_is_that_of_a_fair_coin(only_this: int, only_other: int) -> None:
    tosses = only_this + only_other
    tail = sum(comb(tosses, k) for k in range(min(only_this, only_other) + 1)) / 2**tosses
    assert mcnemar(only_this, only_other) == pytest.approx(min(1.0, 2 * tail))


def test_the_paired_interval_is_that_of_the_literature() -> None:
    # Airway hyper-responsiveness of 21 children before and after transplantation, as Fagerland et al. (2014) have it.
    assert paired_interval(PairedCounts(1, 1, 7, 12)) == pytest.approx((-0.507, -0.026), abs=5e-4)


@given(COUNTS)
def test_the_interval_holds_the_difference_and_turns_with_the_models(counts: PairedCounts) -> None:
    low, high = paired_interval(counts)
    assert -1 <= low <= counts.difference <= high <= 1
    turned = PairedCounts(counts.both, counts.only_other, counts.only_this, counts.neither)
    assert paired_interval(turned) == pytest.approx((-high, -low))


def test_two_models_are_compared_picture_by_picture() -> None:
    this = judged("abc", labels="aaaabbbb", answers="aaabbbca")
    other = judged("cba", labels="aaaabbbb", answers="aabcbbba")
    result = compare(this, other, name="rival")
    assert result.counts == PairedCounts(both=4, only_this=1, only_other=1, neither=2)
    assert (result.accuracy, result.other_accuracy, result.difference, result.p_value) == (0.625, 0.625, 0.0, 1.0)
    assert [(row.name, row.recall, row.other_recall, row.n) for row in result.per_class] == [
        ("a", 0.75, 0.5, 4),
        ("b", 0.5, 0.75, 4),
    ]
    found = [(item.path.stem, item.prediction, item.other_prediction) for item in result.differing]
    assert found == [("6", "c", "b"), ("2", "a", "b"), ("3", "b", "c")]
    assert "rival 62.5%, on the same 8 pictures" in next(result.lines())


def test_a_model_beside_itself_differs_nowhere() -> None:
    this = judged("ab", labels="aabb", answers="aaba")
    result = compare(this, this, name="itself")
    assert (result.difference, result.p_value, result.differing) == (0.0, 1.0, ())
