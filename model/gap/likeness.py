"""How alike crops look: one vector a crop, and which crops are nearly the same picture."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from base.arrays import Floats, Indices
from model.gap.crop_statistics import Described
from model.gap.measures import FINISH, STATISTICS

NEARLY_THE_SAME = 0.4
"""Distance up to which two real crops count as one; found by looking at pairs of crops of web pages."""

CLIP = 4.0
"""Standard deviations beyond which one odd number says no more."""

_LOOKS = [
    index
    for index, (name, statistic) in enumerate(STATISTICS.items())
    if statistic.aspect != FINISH and not name.startswith("margin_")
]
_LONG_TAILED = [name.endswith("_px") or name == "aspect" for name in STATISTICS]


def look_vectors(described: Described, reference: Described) -> Floats:
    """Return vectors (N, F + L) whose distance says how differently two crops look.

    Half is the network's features, which know a tick from a cross but forget what does not matter to the class; half
    is size, colour and framing. Noise, blur and margins, which say how a crop was taken and not what it shows, are left
    out. Both are standardised by `reference`, and weigh the same.
    """
    features = _standardise(described.features, reference.features)
    statistics = _standardise(_unskewed(described.statistics), _unskewed(reference.statistics))
    return np.hstack([features / np.sqrt(features.shape[1]), statistics / np.sqrt(statistics.shape[1])])


def _unskewed(statistics: Floats) -> Floats:
    return np.where(_LONG_TAILED, np.log1p(statistics), statistics)[:, _LOOKS].astype(np.float32)


def _standardise(values: Floats, reference: Floats) -> Floats:
    scaled = (values - reference.mean(0)) / (reference.std(0) + 1e-6)
    clipped: Floats = scaled.clip(-CLIP, CLIP).astype(np.float32)
    return clipped


def distances(ones: Floats, others: Floats) -> Floats:
    """Return the Euclidean distance of each vector in `ones` (N, D) from each in `others` (M, D) as (N, M).

    Not the cosine: measured from the mean look, that calls an ordinary crop far from everything, for its direction is
    all chance, and an extreme one near to any that is a little so.
    """
    found: Floats = cdist(ones, others).astype(np.float32)
    return found


def group_alike(vectors: Floats) -> Indices:
    """Return a group number for each vector; those that are nearly the same, also by way of others, share one."""
    return _components(np.argwhere(distances(vectors, vectors) <= NEARLY_THE_SAME), len(vectors))


def group_together(real: Described, synthetic: Described, alike: Indices) -> Indices:
    """Return group numbers for real and then synthetic crops that keep together whatever is one picture.

    That is: real crops of one group in `alike`, crops of one group of their manifest, and files of equal content.
    """
    first: dict[str, int] = {}
    keys = [
        [f"content {content}", f"real {group}", f"real group {example.group}"]
        for content, group, example in zip(real.contents, alike, real.examples, strict=True)
    ]
    keys += [
        [f"content {content}", f"synthetic group {example.group}"]
        for content, example in zip(synthetic.contents, synthetic.examples, strict=True)
    ]
    pairs = [(index, first.setdefault(key, index)) for index, names in enumerate(keys) for key in names]
    return _components(np.array(pairs), len(keys))


def _components(pairs: Indices, count: int) -> Indices:
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    groups: Indices = connected_components(graph, directed=False)[1]
    return groups
