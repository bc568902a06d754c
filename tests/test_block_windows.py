"""The parts of a picture that are worth a closer look."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from base.arrays import Mask
from model.finding.block_windows import grown, windows_of

blocks = arrays.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.booleans())


@given(blocks)
def test_windows_hold_every_block_once(wanted: Mask) -> None:
    covered = np.zeros(wanted.shape, int)
    for top, left, bottom, right in windows_of(wanted):
        assert bottom > top
        assert right > left
        covered[top:bottom, left:right] += 1
    assert (covered[wanted] == 1).all()
    assert covered.max(initial=0) <= 1


@given(blocks, st.integers(0, 3))
def test_grown_is_every_block_so_near(wanted: Mask, by: int) -> None:
    rows, columns = np.nonzero(wanted)
    expected = np.zeros(wanted.shape, bool)
    for row, column in zip(rows, columns, strict=True):
        expected[max(0, row - by) : row + by + 1, max(0, column - by) : column + by + 1] = True
    assert (grown(wanted, by) == expected).all()


def test_two_groups_far_apart_are_two_windows() -> None:
    wanted = np.zeros((10, 10), bool)
    wanted[1:3, 1:3] = wanted[7, 6:9] = True
    assert sorted(windows_of(wanted)) == [(1, 1, 3, 3), (7, 6, 8, 9)]


def test_nothing_worth_a_look_is_no_window() -> None:
    assert list(windows_of(np.zeros((4, 4), bool))) == []
