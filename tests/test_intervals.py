import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from base.intervals import wilson


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_s_interval_has_its_closed_form(counts: tuple[int, int]) -> None:
    right, n = counts
    share, z = right / n, 1.959963984540054
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    assert wilson(right, n) == pytest.approx((max(0, centre - half), min(1, centre + half)), abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 7, 50, 165, 411])
def test_it_is_scipy_s_to_the_last_bit(n: int) -> None:
    for right in range(n + 1):
        expected = binomtest(right, n).proportion_ci(method="wilson")
        assert wilson(right, n) == (expected.low, expected.high)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
