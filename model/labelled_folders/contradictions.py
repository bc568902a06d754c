"""Pictures that are there twice under two labels: which label is right nobody can tell."""

from collections.abc import Sequence
from dataclasses import replace

from base.counting import counted
from base.errors import ImageError, InputError
from model.labelled_folders.examples import Example


def hash_examples(examples: Sequence[Example]) -> list[Example]:
    """Return the examples with the hashes of their files, so that nobody need open one again to know it.

    What cannot be read is left as it is.
    """
    return [replace(example, content=_hash(example)) for example in examples]


def _hash(example: Example) -> str:
    try:
        return example.hash()
    except ImageError:
        return ""


def find_contradictions(examples: Sequence[Example]) -> list[tuple[Example, Example]]:
    """Return pairs of examples whose files are the same and whose labels are not; unreadable ones are left out."""
    first: dict[str, Example] = {}
    found = []
    for example in hash_examples(examples):
        if not example.content:
            continue
        other = first.setdefault(example.content, example)
        if other.label != example.label:
            found.append((other, example))
    return found


def describe_contradictions(pairs: Sequence[tuple[Example, Example]]) -> str:
    """Return what was found in one line; empty for nothing."""
    if not pairs:
        return ""
    first = " and ".join(f"{example.path} ({example.label})" for example in pairs[0])
    return f"{counted(len(pairs), 'picture is', 'pictures are')} there under two labels, as {first}"


def refuse_contradictions(examples: Sequence[Example]) -> None:
    """Refuse examples of which two have the same content and different labels.

    Raises:
        InputError: naming the first two.
    """
    found = describe_contradictions(find_contradictions(examples))
    if found:
        raise InputError(f"{found}; remove the wrong ones")
