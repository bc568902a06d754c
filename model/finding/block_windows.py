"""Windows: the parts of a picture that are worth a look at full size."""

from collections.abc import Iterator

import numpy as np

from base.arrays import Mask

BlockWindow = tuple[int, int, int, int]
"""Top, left, bottom, right, in blocks."""


def grown(blocks: Mask, by: int) -> Mask:
    """Return the blocks, and those that are at most so many rows and columns from one of them."""
    for axis in (0, 1):
        wider = blocks.copy()
        for step in range(1, by + 1):
            low, high = [slice(None)] * 2, [slice(None)] * 2
            low[axis], high[axis] = slice(None, -step), slice(step, None)
            wider[tuple(low)] |= blocks[tuple(high)]
            wider[tuple(high)] |= blocks[tuple(low)]
        blocks = wider
    return blocks


def windows_of(blocks: Mask) -> Iterator[BlockWindow]:
    """Yield rectangles that hold all blocks: the picture is cut along its empty rows and columns, as often as it goes.

    Source: the recursive XY cut of Nagy, Seth and Viswanathan, 1992.
    """
    yield from _cut(blocks, 0, 0)


def _cut(blocks: Mask, top: int, left: int) -> Iterator[BlockWindow]:
    rows = _runs(np.asarray(blocks.any(1)))
    columns = _runs(np.asarray(blocks.any(0)))
    if len(rows) == 1 and len(columns) == 1:
        (first, last), (start, end) = rows[0], columns[0]
        yield top + first, left + start, top + last, left + end
        return
    for first, last in rows:
        for start, end in columns:
            part = blocks[first:last, start:end]
            if part.any():
                yield from _cut(part, top + first, left + start)


def _runs(present: Mask) -> list[tuple[int, int]]:
    """Return the first index and the one after the last of each unbroken row of what is present."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], present.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
