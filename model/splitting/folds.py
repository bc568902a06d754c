"""Splits in a file: which fold each picture of a folder is in, so that a split can be used again."""

import csv
import io
import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from pydantic import Field, ValidationError

from base.counting import counted
from base.errors import InputError, MissingError, OutputExistsError
from base.files import write_text
from base.notes import take_note
from base.settings import Settings
from base.spelling import tidy_name
from base.tabular.class_map import ClassMap
from base.tabular.row_faults import describe_row_faults
from base.tabular.tables import fold_column, read_table
from model.labelled_folders.contradictions import describe_contradictions, find_contradictions
from model.labelled_folders.folder_inspection import name_unreadable, require_some
from model.labelled_folders.folder_report import describe_unreadable
from model.labelled_folders.folders import Example, FolderPart, read_examples
from model.labelled_folders.signatures import Signature, add_hashes, read_signatures
from model.splitting.grouping import natural_grouping, regroup

HEADER = ("file_name", "label", "group", "fold")
EXPECTED_CELLS = dict.fromkeys(HEADER, "a text") | {"fold": "the number of a fold, from 0"}
"""What each column holds, for messages."""


class SplitRow(Settings):
    """A picture, by its name below the folder that was split, and the fold in which it is held out."""

    file_name: str
    label: str
    group: str
    fold: int = Field(ge=0)


@dataclass(frozen=True)
class Split:
    """A folder's pictures in folds that no group straddles; `signatures` are theirs, if they were just dealt."""

    rows: tuple[SplitRow, ...]
    signatures: tuple[Signature, ...] = field(default=(), compare=False)

    @property
    def folds(self) -> int:
        """Return the number of folds."""
        return max(row.fold for row in self.rows) + 1

    def to_text(self) -> str:
        """Return the size of each fold by class, and of the largest groups, for a terminal."""
        labels = sorted({row.label for row in self.rows})
        groups = Counter(row.group for row in self.rows)
        largest = ", ".join(str(count) for _, count in groups.most_common(5))
        width = max(len("pictures"), *(len(label) for label in labels))
        lines = [
            f"{counted(len(self.rows), 'picture')} in {counted(len(groups), 'group')}, the largest of {largest}",
            "",
        ]
        lines.append(" ".join(["fold  groups", *(f"{name:>{width}}" for name in ("pictures", *labels))]))
        for fold in range(self.folds):
            rows = [row for row in self.rows if row.fold == fold]
            counts = Counter(row.label for row in rows)
            cells = [len(rows), *(counts[label] for label in labels)]
            words = [f"{fold:4}  {len({row.group for row in rows}):6}", *(f"{cell:{width}}" for cell in cells)]
            lines.append(" ".join(words))
        return "\n".join(lines)


@dataclass(frozen=True)
class Fold:
    """One fold of a split file: what is held out."""

    split: Path
    number: int

    def divide(self, examples: Sequence[Example], folder: Path) -> tuple[list[Example], list[Example]]:
        """Return (kept, held out), in order, each example in the group that the file names.

        Raises:
            MissingError: there is no split file.
            InputError: it is damaged, is of other pictures than `folder` holds, or has no such fold.
        """
        split = read_split(self.split)
        if not 0 <= self.number < split.folds:
            raise InputError(f"no fold {self.number} in {self.split}; it has folds 0 to {split.folds - 1}")
        dealt = _leave_out_undealt(split, examples, folder)
        rows = _matched(split, self.split, dealt, folder)
        regrouped = [(row.fold, replace(example, group=row.group)) for row, example in zip(rows, dealt, strict=True)]
        kept = [example for fold, example in regrouped if fold != self.number]
        return kept, [example for fold, example in regrouped if fold == self.number]


def read_held_out(
    folder: Path,
    fold: Fold | None,
    classes: Sequence[str] | None = None,
    *,
    part: FolderPart = "test",
    mapping: ClassMap | None = None,
) -> list[Example]:
    """Return that part of a labelled folder, see `read_examples`, or what the fold holds out of all but its test."""
    if fold is None:
        return read_examples(folder, classes, part=part, mapping=mapping)
    return fold.divide(read_examples(folder, classes, part="folds", mapping=mapping), folder)[1]


def choose_fold(split: Path | None, number: int | None) -> Fold | None:
    """Return the fold that is named by a file and a number; None where neither is given.

    Raises:
        InputError: only one of them is given.
    """
    if split is None and number is None:
        return None
    if split is None or number is None:
        raise InputError("a fold is named by --split FILE and --fold N; one of them is missing")
    return Fold(split, number)


def name_of(example: Example, folder: Path) -> str:
    """Return the example's name below the folder, as metadata and split files have it."""
    return example.name or example.path.relative_to(folder).as_posix()


def split_folder(
    folder: Path, *, folds: int = 5, by: str | None = None, seed: int = 0, mapping: ClassMap | None = None
) -> Split:
    """Deal the groups of a folder into folds that are about equally large in every class; a test split stays out.

    Pictures that cannot be read are not dealt; which, and which are there under two labels, is said.

    Args:
        folder: see `read_examples`.
        folds: at least 2.
        by: a name of `grouping.GROUPINGS`; the natural one when None.
        seed: decides between equally good folds.
        mapping: which folders make a class; each its own when None.

    Raises:
        MissingError, InputError: the folder is not what it should be, or has too few groups.
    """
    found = read_examples(folder, part="folds", mapping=mapping)
    signatures = read_signatures([example.path for example in found])
    sound, broken = add_hashes(found, signatures)
    _tell(folder, sound, broken)
    examples = regroup(sound, by or natural_grouping(sound))
    numbers = deal(examples, folds=folds, seed=seed)
    rows = (
        SplitRow(file_name=name_of(example, folder), label=example.label, group=example.group, fold=number)
        for example, number in zip(examples, numbers, strict=True)
    )
    return Split(tuple(rows), tuple(each for each in signatures if isinstance(each, Signature)))


def _tell(folder: Path, sound: Sequence[Example], broken: Sequence[tuple[Example, str]]) -> None:
    """Say which pictures of a folder cannot be read, and which have two labels."""
    unreadable = name_unreadable(broken, folder)
    require_some(sound, unreadable, folder)
    doubts = [
        describe_unreadable(unreadable) if unreadable else "",
        describe_contradictions(find_contradictions(sound)),
    ]
    for text in filter(None, doubts):
        take_note(f"{folder}: {text}")


def _leave_out_undealt(split: Split, examples: Sequence[Example], folder: Path) -> list[Example]:
    """Return the examples without those that a split does not name because they cannot be read; which, is said."""
    named = {row.file_name for row in split.rows}
    strangers = [example for example in examples if name_of(example, folder) not in named]
    _, broken = add_hashes(strangers, read_signatures([example.path for example in strangers]))
    if broken:
        take_note(f"{folder}: {describe_unreadable(name_unreadable(broken, folder))}")
    left_out = {example.path for example, _ in broken}
    return [example for example in examples if example.path not in left_out]


def deal(examples: Sequence[Example], *, folds: int, seed: int) -> list[int]:
    """Return the fold of each example; groups are never split.

    Raises:
        InputError: there are fewer than 2 folds, fewer groups or pictures of a class than folds, or a fold stays empty.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # it takes long to load, and not everybody needs it

    if folds < 2:
        raise InputError(f"{counted(folds, 'fold')}: at least 2 are needed")
    groups = [example.group for example in examples]
    labels = [example.label for example in examples]
    _require_enough(folds, labels, groups)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    numbers = np.empty(len(examples), int)
    for number, (_, held_out) in enumerate(splitter.split(labels, labels, groups)):
        if not len(held_out):
            raise InputError(
                f"the groups are too few and too large for {folds} folds: one would be empty; ask for fewer"
            )
        numbers[held_out] = number
    dealt: list[int] = numbers.tolist()
    return dealt


def _require_enough(folds: int, labels: Sequence[str], groups: Sequence[str]) -> None:
    if len(set(groups)) < folds:
        raise InputError(f"{folds} folds need at least as many groups; there are {len(set(groups))}")
    for label, count in sorted(Counter(labels).items()):
        if count < folds:
            raise InputError(f"{folds} folds need at least as many pictures of each class; {label} has {count}")


def write_split(split: Split, path: Path, *, overwrite: bool = False) -> None:
    """Write a split as CSV.

    Raises:
        OutputExistsError: there is a file and `overwrite` is not set; what was measured with it would be lost.
    """
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} exists; use it as it is, name another file, or give --overwrite")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([row.file_name, row.label, row.group, row.fold] for row in split.rows)
    write_text(path, text.getvalue())


def read_split(path: Path) -> Split:
    """Return the split in a file that `write_split` wrote, or that has the same columns.

    Raises:
        MissingError: there is no such file.
        InputError: it is not a split, a group is in two folds, or a picture is named twice.
    """
    if not path.exists():
        raise MissingError(f"no split {path}; `boxwright split` writes one")
    rows, folds = list[SplitRow](), dict[str, int]()
    for number, values in read_table(path, column=HEADER[0]).rows:
        known = {fold_column(name): value for name, value in values.items() if fold_column(name) in HEADER}
        try:
            row = _tidy(SplitRow.model_validate(known))
        except ValidationError as error:
            raise InputError(describe_row_faults(error, f"{path}:{number}", EXPECTED_CELLS)) from error
        if folds.setdefault(row.group, row.fold) != row.fold:
            raise InputError(f"{path}:{number}: group {row.group} is in fold {folds[row.group]} as well as {row.fold}")
        rows.append(row)
    twice = [name for name, count in Counter(row.file_name for row in rows).items() if count > 1]
    if twice or not rows:
        raise InputError(f"{path}: {twice[0]} is named twice" if twice else f"{path} names no picture")
    return Split(tuple(rows))


def _tidy(row: SplitRow) -> SplitRow:
    """Return the row with names as they are written here: programs add `./`, backslashes and blanks."""
    name = posixpath.normpath(row.file_name.strip().replace("\\", "/")) if row.file_name.strip() else ""
    return row.model_copy(update={"file_name": name, "label": tidy_name(row.label), "group": tidy_name(row.group)})


def _matched(split: Split, path: Path, examples: Sequence[Example], folder: Path) -> list[SplitRow]:
    """Return the row of each example; the file must name exactly the folder's pictures."""
    rows = {row.file_name: row for row in split.rows}
    names = [name_of(example, folder) for example in examples]
    strangers = [name for name in names if name not in rows]
    gone = sorted(rows.keys() - set(names))
    if strangers or gone:
        found = (
            f"{counted(len(strangers), 'picture')} that it does not name"
            if strangers
            else f"not {len(gone)} that it names"
        )
        example = (strangers or gone)[0]
        raise InputError(
            f"{path} is not of {folder}, which has {found}, as {example}; split the folder again, or name the right one"
        )
    other = [own for name, own in zip(names, examples, strict=True) if rows[name].label != own.label]
    if other:
        name, label = name_of(other[0], folder), other[0].label
        raise InputError(
            f"{path} labels {counted(len(other), 'picture')} otherwise than {folder} does, as {name}: "
            f"{rows[name].label} there, {label} in the folder; split the folder again, or mend one of them"
        )
    return [rows[name] for name in names]
