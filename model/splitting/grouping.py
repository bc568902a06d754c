"""What belongs together: examples of one group never go to both sides of a split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from base.errors import unknown_choice
from model.labelled_folders.folders import Example, split_by_group
from model.splitting.grouping_names import CROP, FAMILY, GROUP, VISUAL
from model.splitting.palettes import MOST_BY_PALETTE, group_by_palette

Names = Sequence[str]
"""The name of a group for each example."""

GROUPINGS: Mapping[str, Callable[[Sequence[Example]], Names]] = {
    VISUAL: lambda examples: [f"look-{number}" for number in group_by_palette([example.path for example in examples])],
    FAMILY: lambda examples: [example.family or example.group for example in examples],
    GROUP: lambda examples: [example.group for example in examples],
    CROP: lambda examples: [f"{example.label}/{example.path.name} {n}" for n, example in enumerate(examples)],
}
"""What a group is, by name: crops that share colours, a family, a group of the metadata, or nothing at all."""


def natural_grouping(examples: Sequence[Example]) -> str:
    """Return the grouping that flatters least: families, else the user's groups, else looks.

    Crops of a folder with more than `palettes.MOST_BY_PALETTE`, of which nothing is known, are taken for unrelated.
    """
    if any(example.family for example in examples):
        return FAMILY
    if len({example.group for example in examples}) < len(examples):
        return GROUP
    return VISUAL if len(examples) <= MOST_BY_PALETTE else CROP


def regroup(examples: Sequence[Example], by: str) -> list[Example]:
    """Return the examples, in order, with `group` set anew; what shared a group of the metadata still does.

    Only `crop` tears those apart: it is there to show how much a split flatters.

    Raises:
        InputError: there is no such grouping, or there are too many pictures for it.
    """
    if by not in GROUPINGS:
        raise unknown_choice("grouping", by, GROUPINGS)
    names = GROUPINGS[by](examples)
    if by in (VISUAL, FAMILY):
        together = join([[("name", name), ("group", e.group)] for name, e in zip(names, examples, strict=True)])
        first: dict[int, str] = {}
        names = [first.setdefault(number, name) for number, name in zip(together, names, strict=True)]
    return [replace(example, group=name) for example, name in zip(examples, names, strict=True)]


def join(keys: Sequence[Sequence[tuple[str, str]]]) -> list[int]:
    """Return a number for each item; items that share a key, also by way of others, share the number."""
    from scipy.sparse import coo_array  # it takes long to load, and not everybody needs it
    from scipy.sparse.csgraph import connected_components  # it takes long to load, and not everybody needs it

    first: dict[tuple[str, str], int] = {}
    pairs = np.array([(index, first.setdefault(key, index)) for index, own in enumerate(keys) for key in own])
    if not len(pairs):
        return []
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(keys), len(keys)))
    numbers: list[int] = connected_components(graph, directed=False)[1].tolist()
    return numbers


def hold_out(examples: Sequence[Example], *, share: float, seed: int) -> tuple[list[Example], list[Example], str]:
    """Return (kept, held out, grouping): about `share` of every label is held out, by the natural grouping.

    Where its groups are so few or so large that a side would lack a label, only groups of the metadata are kept whole.
    """
    if share == 0:
        return list(examples), [], GROUP
    labels = {example.label for example in examples}
    by = natural_grouping(examples)
    for grouping in (by, GROUP):
        kept, held_out = split_by_group(regroup(examples, grouping), share=share, seed=seed)
        if all({example.label for example in side} == labels for side in (kept, held_out)):
            break
    return kept, held_out, grouping
