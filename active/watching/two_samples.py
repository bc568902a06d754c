"""Whether two samples are of one distribution: tests whose p-values come from dealing the rows anew at random."""

from dataclasses import dataclass

import numpy as np

from base.arrays import Doubles, Floats, Labels

SAME = 1e-5
"""Statistics that differ by less, relatively or by a tenth of it, are equal: sums depend a little on their order."""


@dataclass(frozen=True)
class Dealing:
    """Rows of two samples on end, dealt to them as they are and then `count` times at random.

    `contrasts` are (N, 1 + count): what each row weighs in the mean of the first sample less that of the second. The
    p-value of any statistic of them is exact where the rows are exchangeable (Phipson & Smyth 2010).
    """

    contrasts: Floats

    @classmethod
    def of(cls, first: int, second: int, *, count: int, rng: np.random.Generator) -> "Dealing":
        """Deal so many rows of each."""
        actual = np.repeat(np.array([1 / first, -1 / second], np.float32), (first, second))
        return cls(np.stack([actual, *(rng.permutation(actual) for _ in range(count))], axis=1))

    def p_value(self, statistics: Doubles) -> float:
        """Return the share of dealings, (1 + count,), whose statistic is not below the actual one."""
        return float((statistics >= statistics[0] - SAME * max(abs(statistics[0]), 0.1)).mean())


def energy_distances(rows: Floats, dealing: Dealing) -> Doubles:
    """Return the energy distance between the samples in each dealing, (1 + count,).

    Twice the mean distance between the samples less the mean distances within: nought only for equal distributions
    (Székely & Rizzo 2013); it is the maximum mean discrepancy of the distance's own kernel (Sejdinovic et al. 2013).

    Args:
        rows: (N, D).
        dealing: of the N rows.
    """
    found: Doubles = -(dealing.contrasts * (_distances(rows) @ dealing.contrasts)).sum(0, dtype=np.float64)
    return found


def _distances(rows: Floats) -> Floats:
    """Return the Euclidean distance of each row from each, (N, N), by one product of matrices."""
    centred = rows - rows.mean(0)
    squares = (centred**2).sum(1)
    apart: Floats = np.maximum(squares[:, None] + squares - 2 * (centred @ centred.T), 0)
    np.fill_diagonal(apart, 0)
    return np.sqrt(apart, out=apart)


def largest_steps(values: Floats, dealing: Dealing) -> Doubles:
    """Return Kolmogorov's and Smirnov's distance of each column in each dealing, (D, 1 + count).

    Args:
        values: (N, D).
        dealing: of the N rows.
    """
    found = np.empty((values.shape[1], dealing.contrasts.shape[1]))
    for column, each in enumerate(values.T):
        order = np.argsort(each, kind="stable")
        sums = dealing.contrasts[order]
        np.cumsum(sums, axis=0, out=sums)
        ends = np.append(np.diff(each[order]) != 0, True)  # between equal values there is no step
        sums = sums if ends.all() else sums[ends]
        found[column] = np.maximum(sums.max(0), -sums.min(0))
    return found


def share_distances(classes: Labels, dealing: Dealing) -> Doubles:
    """Return how much the shares of classes differ in each dealing, (1 + count,): squares over the shares of all.

    Args:
        classes: (N,).
        dealing: of the N rows.
    """
    held = np.eye(int(classes.max()) + 1, dtype=np.float64)[classes]
    held = held[:, held.any(0)]
    is_first = dealing.contrasts > 0
    count = int(is_first[:, 0].sum())
    inside = held.T @ is_first
    totals = held.sum(0)[:, None]
    apart = inside / count - (totals - inside) / (len(classes) - count)
    found: Doubles = (apart**2 / (totals / len(classes))).sum(0)
    return found
