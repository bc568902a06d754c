"""Pictures that are there twice under two labels: which label is right nobody can tell."""

from collections.abc import Sequence

from base.errors import ImageError
from model.reading.examples import Example
from model.reading.images import content_hash


def find_contradictions(examples: Sequence[Example]) -> list[tuple[Example, Example]]:
    """Return pairs of examples whose files are the same and whose labels are not; unreadable ones are left out."""
    first: dict[str, Example] = {}
    found = []
    for example in examples:
        try:
            item = content_hash(example.path)
        except ImageError:
            continue
        other = first.setdefault(item, example)
        if other.label != example.label:
            found.append((other, example))
    return found


def describe_contradictions(pairs: Sequence[tuple[Example, Example]]) -> str:
    """Return what was found in one line; empty for nothing."""
    if not pairs:
        return ""
    first = " and ".join(f"{example.path} ({example.label})" for example in pairs[0])
    return f"{len(pairs)} pictures are there under two labels, as {first}"
