"""What reading a labelled folder came to: what is used, what is not, and why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base.counting import counted
from base.spelling import fold_spelling
from base.split_words import SPLIT_WORDS
from model.labelled_folders.examples import Example
from model.labelled_folders.folder_listing import PassedOver
from model.labelled_folders.naming_files import NAMING, SPREADSHEET


@dataclass(frozen=True)
class FolderReport:
    """A labelled folder as every command reads it.

    `layout` says in words how it lies, `split_folders` which folders make each split. Each file below the folder that
    is no metadata of its own is the picture of an example or is passed over. `rows_without_picture` and
    `pictures_without_row` are names, where there is metadata; `remarks` is what else looks like a mistake. Where the
    pictures were opened, those that are `unreadable` are no examples.
    """

    folder: Path
    layout: str
    examples: tuple[Example, ...]
    passed_over: tuple[PassedOver, ...] = ()
    rows_without_picture: tuple[str, ...] = ()
    pictures_without_row: tuple[str, ...] = ()
    split_folders: Mapping[str, Sequence[str]] | None = None
    remarks: tuple[str, ...] = ()
    unreadable: tuple[PassedOver, ...] = ()

    @property
    def classes(self) -> dict[str, int]:
        """Return the pictures of each class."""
        return dict(sorted(Counter(example.label for example in self.examples).items()))

    @property
    def splits(self) -> dict[str, int]:
        """Return the pictures of each split, in the order of training; empty where there are none."""
        counts = Counter(example.split for example in self.examples)
        return {split: counts[split] for split in dict.fromkeys(SPLIT_WORDS.values()) if split in counts}

    @property
    def groups(self) -> int:
        """Return how many groups there are; a picture that is in none counts as one."""
        return len({example.group for example in self.examples})

    def notes(self) -> tuple[str, ...]:
        """Return a line for each kind of thing that is not used as somebody may expect; none where all is plain."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        if self.split_folders:
            yield f"splits: {', '.join(self._split_words())}"
        if self.passed_over:
            yield f"{counted(len(self.passed_over), 'file')} passed over: {describe_reasons(self.passed_over)}"
        if unread := describe_unread(self.passed_over):
            yield unread
        if self.unreadable:
            yield describe_unreadable(self.unreadable)
        if self.rows_without_picture:
            yield (
                f"{counted(len(self.rows_without_picture), 'row')} of the metadata "
                f"without a picture: {name_some(self.rows_without_picture)}"
            )
        if self.pictures_without_row:
            yield (
                f"{counted(len(self.pictures_without_row), 'picture')} "
                f"without a row in the metadata: {name_some(self.pictures_without_row)}"
            )
        yield from self.remarks

    def _split_words(self) -> Iterator[str]:
        for split, count in self.splits.items():
            words = [word for word in (self.split_folders or {}).get(split, ()) if word != split]
            yield f"{split} {count}" + (f" (in {', '.join(words)})" if words else "")
        without = sum(not example.split for example in self.examples)
        if without:
            yield f"none {without}"

    def to_text(self) -> str:
        """Return the report for a terminal."""
        lines = [f"{self.folder}: {counted(len(self.examples), 'picture')}, {self.layout}"]
        lines += [f"classes: {', '.join(f'{name} {count}' for name, count in self.classes.items())}"]
        lines += [f"groups: {self.groups}"] if self.groups < len(self.examples) else ["groups: none"]
        return "\n".join([*lines, *self.notes()])

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "folder": str(self.folder),
            "layout": self.layout,
            "pictures": len(self.examples),
            "classes": self.classes,
            "splits": self.splits,
            "groups": self.groups,
            "passed_over": [{"name": each.name, "reason": each.reason} for each in self.passed_over],
            "unreadable": [{"name": each.name, "reason": each.reason} for each in self.unreadable],
            "rows_without_picture": list(self.rows_without_picture),
            "pictures_without_row": list(self.pictures_without_row),
            "remarks": list(self.remarks),
        }


def describe_reasons(found: Iterable[PassedOver]) -> str:
    """Return how many there are for each reason, with the first names."""
    by_reason: dict[str, list[str]] = {}
    for each in found:
        by_reason.setdefault(each.reason, []).append(each.name)
    return ", ".join(f"{len(names)} {reason} ({name_some(names)})" for reason, names in by_reason.items())


def describe_unread(passed_over: Iterable[PassedOver]) -> str:
    """Return what to do where files are passed over that name pictures; empty for none."""
    names = [each.name for each in passed_over if each.reason in (NAMING, SPREADSHEET)]
    say = "says" if len(names) == 1 else "say"
    return (
        f"what {name_some(names)} {say} of pictures is not read: only metadata.csv and metadata.jsonl are, with a "
        "column file_name and label, group or split; `boxwright labels import` takes labels from tables"
        if names
        else ""
    )


def describe_unreadable(found: Sequence[PassedOver]) -> str:
    """Return how many pictures cannot be read, and why, in a line."""
    return f"{counted(len(found), 'picture')} that cannot be read: {describe_reasons(found)}"


def remark_on_groups(groups: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield what looks like a mistake: a group on both sides of a split, or in two spellings.

    Args:
        groups: the group of each picture that the metadata puts in one, and the picture's split.
    """
    sides: dict[str, set[str]] = {}
    for group, split in groups:
        sides.setdefault(group, set()).add(split)
    torn = [group for group, splits in sides.items() if len(splits) > 1]
    if torn:
        yield f"{counted(len(torn), 'group')} in more than one split: {name_some(torn)}"
    spellings: dict[str, list[str]] = {}
    for group in sides:
        spellings.setdefault(fold_spelling(group), []).append(group)
    alike = [" and ".join(map(repr, names)) for names in spellings.values() if len(names) > 1]
    if alike:
        yield f"groups that differ in their spelling alone, and are taken for different ones: {name_some(alike)}"


def name_some(names: Sequence[str], *, most: int = 3) -> str:
    """Return the first names, by commas, and dots for the rest."""
    shown = ", ".join(
        name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") for name in names[:most]
    )
    return shown + (", …" if len(names) > most else "")
