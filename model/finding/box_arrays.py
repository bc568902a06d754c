"""How boxes lie to each other: arrays (N, 4) of left, top, width and height in pixels."""

from collections.abc import Iterable

import numpy as np

from base.arrays import Doubles, Mask


def box_array(boxes: Iterable[tuple[float, float, float, float]]) -> Doubles:
    """Return boxes as an array (N, 4), of which N may be 0."""
    return np.array([*boxes], np.float64).reshape(-1, 4)


def clipped_boxes(boxes: Doubles, width: int, height: int) -> Doubles:
    """Return the parts of boxes that lie on a picture; of what lies beside it, a box without area on its edge."""
    edges = np.array([width, height], np.float64)
    corner, end = boxes[:, :2].clip(0, edges), (boxes[:, :2] + boxes[:, 2:]).clip(0, edges)
    return np.hstack([corner, end - corner])


def shared_areas(boxes: Doubles, others: Doubles) -> Doubles:
    """Return the areas that each of N boxes shares with each of M others, (N, M), at most the smaller one's."""
    begin = np.maximum(boxes[:, None, :2], others[None, :, :2])
    end = np.minimum((boxes[:, :2] + boxes[:, 2:])[:, None], (others[:, :2] + others[:, 2:])[None])
    # of tiny boxes far out, an end less its begin is more than the side
    smaller = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared: Doubles = np.minimum(end - begin, smaller).clip(0).prod(2)
    return shared


def intersection_over_union(boxes: Doubles, others: Doubles) -> Doubles:
    """Return the IoU of each of N boxes with each of M others, (N, M); 0 where neither has an area."""
    shared = shared_areas(boxes, others)
    union = boxes[:, 2:].prod(1)[:, None] + others[:, 2:].prod(1)[None] - shared
    shares: Doubles = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return shares


def intersection_over_own(boxes: Doubles, others: Doubles) -> Doubles:
    """Return the share of each of N boxes that lies in each of M others, (N, M); 0 where it has no area."""
    shared = shared_areas(boxes, others)
    own = np.broadcast_to(boxes[:, 2:].prod(1)[:, None], shared.shape)
    shares: Doubles = np.divide(shared, own, out=np.zeros_like(shared), where=own > 0)
    return shares


def centres_inside(boxes: Doubles, others: Doubles) -> Mask:
    """Tell of each of N boxes whether its centre lies in each of M others, (N, M); on the edge is inside."""
    centres = (boxes[:, :2] + boxes[:, 2:] / 2)[:, None]
    after = centres >= others[None, :, :2]
    before = centres <= (others[:, :2] + others[:, 2:])[None]
    inside: Mask = np.all(after & before, axis=2)
    return inside


def centre_distances(boxes: Doubles, others: Doubles) -> Doubles:
    """Return how far apart the centres of N boxes and of M others are, (N, M)."""
    apart = (boxes[:, :2] + boxes[:, 2:] / 2)[:, None] - (others[:, :2] + others[:, 2:] / 2)[None]
    distances: Doubles = np.hypot(apart[..., 0], apart[..., 1])
    return distances
