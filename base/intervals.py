"""What chance allows: the confidence interval of a share, and p-values of several tests."""

from collections.abc import Mapping
from math import sqrt

Interval = tuple[float, float]
"""Lower and upper bound of a 95 % confidence interval."""

Z = 1.959963984540054
"""The quantile of the normal distribution that 97.5 % lie below; written out, because SciPy takes long to load."""


def wilson(right: int, n: int) -> Interval:
    """Return Wilson's (1927) score interval of the share `right` of `n`; all of 0 to 1 where `n` is 0."""
    if n == 0:
        return 0.0, 1.0
    share = right / n
    whole = 2 * (n + Z**2)
    middle = (2 * n * share + Z**2) / whole
    half = Z / whole * sqrt(4 * n * share * (1 - share) + Z**2)
    return 0.0 if right == 0 else middle - half, 1.0 if right == n else middle + half


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for being several, by name: those below a level keep it together (Holm 1979)."""
    order = sorted(p_values, key=p_values.__getitem__)
    corrected: dict[str, float] = {}
    least = 0.0
    for place, name in enumerate(order):
        least = max(least, min(1.0, (len(order) - place) * p_values[name]))
        corrected[name] = least
    return {name: corrected[name] for name in p_values}
