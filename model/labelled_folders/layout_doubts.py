"""Folders that may be no classes: refused where nobody can tell what they are, said where they are taken for some."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from base.spelling import fold_spelling
from base.split_words import looks_like_part, split_of

PictureParts = Mapping[str, tuple[str, ...]]
"""The folders that a picture lies in and its own name, by its whole name."""

MOST_NAMED = 4


def refuse_parts(folder: Path, parts: PictureParts) -> None:
    """Refuse folders that are called like parts of a set and hold folders: of splits by other names, or of folds.

    Raises:
        InputError: with what to do about it.
    """
    inside: dict[str, set[str]] = {}
    direct: dict[str, str] = {}
    for name, own in parts.items():
        if len(own) > 2:
            inside.setdefault(own[0], set()).add(own[1])
        elif len(own) == 2:
            direct.setdefault(own[0], name)
    called = [top for top in sorted(inside) if _is_part(top)]
    if not called:
        return
    found = _some(sorted(set().union(*(inside[top] for top in called))))
    if stray := next((direct[top] for top in called if split_of(top) and top in direct), None):
        raise InputError(
            f"{folder}: {_some(called)} {_are(called)} called like splits and hold pictures, as {stray}, beside the "
            f"folders {found}; move the pictures into a class folder, or elsewhere"
        )
    raise InputError(
        f"{folder}: {_some(called)} {_are(called)} called like parts of a data set, and hold the folders {found}; call "
        "splits train, validation and test, or name one part alone; folds are dealt by `boxwright split`"
    )


def refuse_doubtful_classes(folder: Path, parts: PictureParts, *, place: int, below: int) -> None:
    """Refuse folders which may be classes, or parts of a set that hold the classes: they hold the same folders.

    Args:
        folder: for the message.
        parts: the pictures whose labels no row says.
        place: of the class in a picture's folders.
        below: of the first folder within a class.

    Raises:
        InputError: with what to do about it.
    """
    holders, direct = _within(parts, place=place, below=below)
    where: dict[str, set[str]] = {}
    for name, inner in holders.items():
        for each in inner:
            where.setdefault(each, set()).add(name)
    shared = sorted(each for each, tops in where.items() if len(tops) > 1)
    tops = sorted(set().union(*(where[each] for each in shared)))
    if len(where) > 1 and shared and not set(tops) <= direct and not all(_is_part(each) for each in shared):
        raise InputError(
            f"{folder}: {_some(tops)} hold folders of the same names, {_some(shared)}, so that either may be the "
            "classes; put a class's pictures into one folder, or their labels into metadata.csv; name one part alone, "
            "or call the parts train, validation and test"
        )
    classes = {own[place] for own in parts.values() if len(own) > place + 1}
    if place and len(classes) == 1 and not direct and len(where) > 1:
        only = next(iter(classes))
        raise InputError(
            f"{folder}: {only} is the only folder in its splits and holds {_some(sorted(where))}; move those up, into "
            "the split"
        )


def refuse_classes_in_classes(folder: Path, parts: PictureParts, *, place: int) -> None:
    """Refuse a class's folder, however deep, that is called as another class is: either may be meant.

    Args:
        folder: for the message.
        parts: the pictures whose labels no row says.
        place: of the class in a picture's folders.

    Raises:
        InputError: with the first picture in such a folder.
    """
    classes = {fold_spelling(own[place]): own[place] for own in parts.values() if len(own) > place + 1}
    for name, own in parts.items():
        inner = next(
            (each for each in own[place + 1 : -1] if classes.get(fold_spelling(each), own[place]) != own[place]), ""
        )
        if inner:
            raise InputError(
                f"{folder}: {name} lies in {own[place]} and, within it, in a folder that is called as the class "
                f"{classes[fold_spelling(inner)]} is; move it to the class that it is of, or rename the inner folder"
            )


def describe_doubts(
    parts: PictureParts, *, folders: Sequence[str], place: int, below: int, by_split: bool
) -> Iterator[str]:
    """Yield what is taken for a class, or for a part of one, and may be meant otherwise.

    Args:
        parts: of all labelled pictures.
        folders: the class folders.
        place: of the class in a picture's folders.
        below: of the first folder within a class.
        by_split: folders are splits, in the classes or around them.
    """
    if not by_split and (called := [name for name in folders if _is_part(name.rpartition("/")[2])]):
        yield f"folders called like splits hold pictures and are taken for classes: {_some(called)}"
    inner = Counter(
        "/".join(own[: below + 1]) for own in parts.values() if len(own) > below + 1 and _is_part(own[below])
    )
    if inner:
        many = "pictures in folders called like splits are"
        are = counted(inner.total(), "picture in a folder called like a split is", many)
        yield f"{are} used with the rest: {_some(sorted(inner))}"
    holders, direct = _within(parts, place=place, below=below)
    is_only = len(holders.keys() | direct) == 1
    for name, names in sorted(holders.items()):
        plain = sorted(each for each in names if not _is_part(each))
        if plain and (is_only or (name not in direct and len(names) > 1)):
            yield f"all pictures in the folders of {name} are taken for {name}: {_some(plain)}"


def _within(parts: PictureParts, *, place: int, below: int) -> tuple[dict[str, set[str]], set[str]]:
    """Return the folders in each class, of those that hold some, and the classes that hold pictures themselves."""
    holders: dict[str, set[str]] = {}
    direct = set()
    for own in parts.values():
        if len(own) > below + 1:
            holders.setdefault(own[place], set()).add(own[below])
        elif len(own) == below + 1:
            direct.add(own[place])
    return holders, direct


def _is_part(name: str) -> bool:
    return split_of(name) is not None or looks_like_part(name)


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
