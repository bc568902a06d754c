"""Pictures that are there twice: under two labels, of which nobody can tell the right one, or in two splits."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from base.counting import counted
from base.errors import ImageError, InputError
from model.labelled_folders.examples import Example

ExamplePairs = list[tuple[Example, Example]]


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


def find_contradictions(examples: Sequence[Example]) -> ExamplePairs:
    """Return pairs of examples that are one picture and have two labels; unreadable ones are left out.

    One picture is the same file, or the same pixels where those are known of both.
    """
    return _find_pairs(examples, lambda example: example.label)


def find_leaks(examples: Sequence[Example]) -> ExamplePairs:
    """Return pairs of examples, each of a split, that are one picture and are in two splits."""
    return _find_pairs([example for example in examples if example.split], lambda example: example.split)


def _find_pairs(examples: Sequence[Example], side_of: Callable[[Example], str]) -> ExamplePairs:
    first: dict[str, Example] = {}
    found = []
    for example in hash_examples(examples):
        others = [first.setdefault(key, example) for key in (example.content, example.pixels) if key]
        other = next((each for each in others if side_of(each) != side_of(example)), None)
        if other is not None:
            found.append((other, example))
    return found


def describe_contradictions(pairs: ExamplePairs) -> str:
    """Return what was found in one line; empty for nothing."""
    return _describe(pairs, "there under two labels", lambda example: example.label)


def describe_leaks(pairs: ExamplePairs) -> str:
    """Return what was found in one line; empty for nothing."""
    return _describe(pairs, "in two splits", lambda example: example.split)


def _describe(pairs: ExamplePairs, what: str, side_of: Callable[[Example], str]) -> str:
    if not pairs:
        return ""
    first = " and ".join(f"{example.shown} ({side_of(example)})" for example in pairs[0])
    return f"{counted(len(pairs), 'picture is', 'pictures are')} {what}, as {first}"


def refuse_contradictions(examples: Sequence[Example]) -> None:
    """Refuse examples of which two have the same content and different labels.

    Raises:
        InputError: naming the first two.
    """
    found = describe_contradictions(find_contradictions(examples))
    if found:
        raise InputError(f"{found}; remove the wrong ones")
