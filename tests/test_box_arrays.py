import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.finding.box_arrays import (
    box_array,
    centres_inside,
    clipped_boxes,
    intersection_over_own,
    intersection_over_union,
)

SIDES = st.floats(0, 50)
BOXES = st.lists(st.tuples(st.floats(-20, 120), st.floats(-20, 120), SIDES, SIDES), max_size=5).map(box_array)


def test_boxes_that_share_a_third_of_both() -> None:
    one, other = box_array([(0, 0, 10, 10)]), box_array([(5, 0, 10, 10)])
    assert intersection_over_union(one, other) == pytest.approx(np.array([[1 / 3]]))
    assert intersection_over_own(one, other) == pytest.approx(np.array([[0.5]]))


def test_a_centre_on_the_edge_is_inside() -> None:
    assert centres_inside(box_array([(0, 0, 10, 10), (0, 0, 9, 10)]), box_array([(5, 5, 10, 10)])).tolist() == [
        [True],
        [False],
    ]


def test_what_lies_beside_the_picture_has_no_area() -> None:
    clipped = clipped_boxes(box_array([(-5, -5, 10, 10), (200, 0, 10, 10)]), 100, 80)
    assert clipped.tolist() == [[0, 0, 5, 5], [100, 0, 0, 10]]


@given(BOXES, BOXES)
def test_overlaps_are_shares_and_the_same_from_both_sides(boxes: np.ndarray, others: np.ndarray) -> None:
    iou = intersection_over_union(boxes, others)
    assert iou.shape == (len(boxes), len(others))
    assert ((iou >= 0) & (iou <= 1 + 1e-9)).all()
    assert iou == pytest.approx(intersection_over_union(others, boxes).T)
    assert (intersection_over_own(boxes, others) >= iou - 1e-9).all()
