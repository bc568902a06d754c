import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.finding.box_arrays import box_array
from model.screen_evaluation.widget_matching import (
    UNMATCHED,
    match_best_first,
    match_by_centre,
    match_by_overlap,
    surest_first,
)

NONE = box_array([])


def sure(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def test_the_surest_box_stands_for_the_widget_and_a_second_one_is_false() -> None:
    twice = box_array([(1, 0, 10, 10), (0, 0, 10, 10)])
    matches = match_by_overlap(twice, box_array([(0, 0, 10, 10)]), NONE, sure(0.9, 0.8))
    assert matches.widget_of.tolist() == [0, UNMATCHED]
    assert matches.ignored.tolist() == [False, False]


def test_a_box_takes_the_widget_that_it_overlaps_most() -> None:
    true = box_array([(0, 0, 10, 10), (2, 0, 10, 10)])
    assert match_by_overlap(box_array([(2, 0, 10, 10)]), true, NONE, sure(1)).widget_of.tolist() == [1]


def test_half_of_the_union_is_enough_and_less_is_not() -> None:
    true = box_array([(0, 0, 10, 10)])
    boxes = box_array([(0, 0, 10, 20)]), box_array([(0, 0, 10, 21)])
    assert [match_by_overlap(box, true, NONE, sure(1)).widget_of.tolist() for box in boxes] == [[0], [UNMATCHED]]


def test_a_centre_inside_is_enough_however_large_the_box() -> None:
    true = box_array([(45, 45, 10, 10)])
    assert match_by_centre(box_array([(0, 0, 100, 100)]), true, NONE, sure(1)).widget_of.tolist() == [0]
    assert match_by_centre(box_array([(0, 0, 20, 20)]), true, NONE, sure(1)).widget_of.tolist() == [UNMATCHED]


def test_a_box_half_of_which_is_to_be_ignored_counts_neither_way() -> None:
    ignore = box_array([(0, 0, 10, 10)])
    boxes = box_array([(0, 0, 10, 20), (0, 0, 10, 30), (0, 0, 100, 100)])
    assert match_by_overlap(boxes, NONE, ignore, sure(1, 1, 1)).ignored.tolist() == [True, False, False]
    assert match_by_centre(boxes, NONE, ignore, sure(1, 1, 1)).ignored.tolist() == [True, False, False]


def test_a_widget_that_is_asked_for_comes_before_what_is_ignored() -> None:
    place = box_array([(0, 0, 10, 10)])
    for match in (match_by_overlap, match_by_centre):
        matches = match(place, place, place, sure(1))
        assert (matches.widget_of.tolist(), matches.ignored.tolist()) == ([0], [False])


def test_nothing_found_and_nothing_there_is_no_error() -> None:
    for match in (match_by_overlap, match_by_centre):
        assert match(NONE, NONE, NONE, sure()).widget_of.tolist() == []
        assert match(NONE, box_array([(0, 0, 1, 1)]), NONE, sure()).widget_of.tolist() == []
        assert match(box_array([(0, 0, 1, 1)]), NONE, NONE, sure(1)).widget_of.tolist() == [UNMATCHED]


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 1000))
def test_matches_are_one_to_one_fit_and_leave_no_pair_that_would_do(rows: int, columns: int, seed: int) -> None:
    fitness = np.random.default_rng(seed).random((rows, columns))
    fitness[fitness < 0.5] = 0
    chosen = match_best_first(fitness, surest_first(np.arange(rows)[::-1].astype(float)))
    taken = [index for index in chosen.tolist() if index != UNMATCHED]
    assert len(taken) == len(set(taken))
    assert all(fitness[row, index] > 0 for row, index in enumerate(chosen.tolist()) if index != UNMATCHED)
    left_rows = [row for row, index in enumerate(chosen.tolist()) if index == UNMATCHED]
    left_columns = [column for column in range(columns) if column not in taken]
    assert not fitness[np.ix_(left_rows, left_columns)].any()
