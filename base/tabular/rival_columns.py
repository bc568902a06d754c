"""Columns that people may mean to be read, beside the one that is: of two pictures, labels or splits of a row."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from base.counting import counted
from base.spelling import fold_spelling
from base.tabular.missing_values import is_missing

LABEL_LIKE = frozenset(
    {"annotation", "category", "class", "class_name", "classname", "labels", "state", "status", "tag", "target"}
)
PICTURE_LIKE = frozenset(
    {"file_path", "filepath", "image", "image_file", "image_name", "image_path", "image_url", "img", "img_path"}
    | {"photo", "picture", "picture_path", "url"}
)
SPLIT_LIKE = frozenset(
    {"data_split", "dataset_split", "fold", "part", "partition", "phase", "set", "split", "subset", "usage"}
)
"""What people call columns of labels, of pictures and of splits, in the form of `fold_column`."""


def last_name(path: str) -> str:
    """Return the last part of a path or address, however its folders are parted, in the form that compares."""
    return fold_spelling(re.split(r"[/\\]", path.strip())[-1])


def describe_rivals(
    rows: Iterable[tuple[str, str, Mapping[str, Any]]], *, what: str, used: str, likely: frozenset[str]
) -> list[str]:
    """Return a line for each column that could be meant too and says otherwise.

    Args:
        rows: where each row stands, as "line 2", what is used of it, and its values by column, as `fold_column` has it.
        what: is read, as "label" or "picture".
        used: where it is read from, as "column label".
        likely: LABEL_LIKE or PICTURE_LIKE.
    """
    found: dict[str, list[tuple[str, str, str]]] = {}
    form = last_name if what == "picture" else fold_spelling
    for place, own, values in rows:
        for name in values.keys() & likely:
            if not is_missing(values[name]) and form(str(values[name])) != form(own):
                found.setdefault(name, []).append((place, str(values[name]), own))
    return [
        f"column {name!r} is not read, though it says another {what} than {used} in {counted(len(rivals), 'row')}, "
        f"as {rivals[0][1]!r} and not {rivals[0][2]!r} ({rivals[0][0]})"
        for name, rivals in sorted(found.items())
    ]
