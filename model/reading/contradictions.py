"""Pictures that are there twice under two labels: which label is right nobody can tell."""

from collections.abc import Sequence

from base.errors import ImageError, InputError
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
    count = "1 picture is" if len(pairs) == 1 else f"{len(pairs)} pictures are"
    return f"{count} there under two labels, as {first}"


def refuse_contradictions(examples: Sequence[Example]) -> None:
    """Refuse examples of which two have the same content and different labels.

    Raises:
        InputError: naming the first two.
    """
    found = describe_contradictions(find_contradictions(examples))
    if found:
        raise InputError(f"{found}; remove the wrong ones")
