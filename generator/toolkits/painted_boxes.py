"""Where an item is painted: by the pixels in which pictures of one window with and without it differ."""

import numpy as np

from base.arrays import Pixels
from generator.rendering.difference import changed_share

FAINT_LEVELS = 8
"""How many of 255 levels a pixel's channel must differ by to belong to an item; less is the end of a shadow."""

Edges = tuple[int, int, int, int]
"""Left, top, right and bottom in a picture's pixels, the last two beyond it."""


def painted_edges(seen: Pixels, without: Pixels, within: Edges) -> Edges | None:
    """Return the edges of what one picture shows there and the other, of the same size, does not; None for nothing."""
    left, top = within[:2]
    levels = np.abs(cut_edges(seen, within).astype(np.int16) - cut_edges(without, within)).max(axis=2)
    painted = levels > FAINT_LEVELS
    columns, rows = np.flatnonzero(painted.any(axis=0)), np.flatnonzero(painted.any(axis=1))
    if not columns.size:
        return None
    return left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1


def change_within(one: Pixels, other: Pixels, within: Edges) -> float:
    """Return the share of the pixels there that visibly differ."""
    first, second = cut_edges(one, within), cut_edges(other, within)
    return changed_share(first, second, area=first.shape[0] * first.shape[1])


def cut_edges(pixels: Pixels, within: Edges) -> Pixels:
    """Return the part of a picture."""
    left, top, right, bottom = within
    return pixels[top:bottom, left:right]


def touches(inner: Edges, outer: Edges) -> bool:
    """Tell whether edges reach those around them, so that what is painted may go on beyond."""
    return any(one == other for one, other in zip(inner, outer, strict=True))


def widen(edges: Edges, margins: Edges, within: Edges) -> Edges:
    """Return edges moved out by a margin each, and not beyond `within`."""
    left, top, right, bottom = edges
    return (
        max(within[0], left - margins[0]),
        max(within[1], top - margins[1]),
        min(within[2], right + margins[2]),
        min(within[3], bottom + margins[3]),
    )
