"""The labelled folders of a training: what of them is trained on, what validated on, and what left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.notes import take_note
from base.spelling import refuse_spellings
from base.split_words import TRAIN, VALIDATION
from base.tabular.class_map import ClassMap
from model.labelled_folders.examples import Example
from model.labelled_folders.folder_report import FolderReport
from model.labelled_folders.folders import open_folder, part_of, select_part

BY_SPLIT = "split"
"""What validation pictures are held out by where they are a split of a folder."""


@dataclass(frozen=True)
class LabelledSource:
    """A folder to train on; `validation` is its split of that name, empty where folds decide what is held out."""

    training: list[Example]
    validation: list[Example]
    report: FolderReport | None = None

    @property
    def everything(self) -> list[Example]:
        """Return all labelled pictures of the folder."""
        return [] if self.report is None else list(self.report.examples)

    def tell_uses(self, *, validates: bool) -> None:
        """Say what becomes of each split, if there are any and no folds decide."""
        if self.report is None or not self.training or {each.split for each in self.training} != {TRAIN}:
            return
        uses = {TRAIN: "trained on"} | ({VALIDATION: "validated on"} if validates else {})
        words = [f"{split} {count} {uses.get(split, 'left out')}" for split, count in self.report.splits.items()]
        take_note(f"{self.report.folder}: {', '.join(words)}")


def open_sources(
    synthetic: Path | None,
    real: Path | None,
    classes: Sequence[str] | None,
    *,
    folded: bool,
    mapping: ClassMap | None = None,
) -> tuple[LabelledSource, LabelledSource]:
    """Read the folders of a training, and say what of them is not used.

    Args:
        synthetic: generated crops, if any.
        real: real crops, if any.
        classes: the only names allowed; any when None.
        folded: the real ones are in folds, which decide what is held out of all but a test split.
        mapping: which folders of both make a class; each its own when None.

    Raises:
        MissingError, InputError: as `read_folder`; or classes of the two folders differ in their spelling alone.
    """
    drawn = _open(synthetic, classes, mapping)
    given = _open(real, classes, mapping, folded=folded)
    names = {each.label for source in (drawn, given) for each in source.everything}
    refuse_spellings(names, what="classes", where=" and ".join(str(each) for each in (synthetic, real) if each))
    return drawn, given


def _open(
    folder: Path | None, classes: Sequence[str] | None, mapping: ClassMap | None, *, folded: bool = False
) -> LabelledSource:
    if folder is None:
        return LabelledSource([], [])
    report = open_folder(folder, classes, mapping=mapping)
    if folded:
        return LabelledSource(part_of(report, "folds"), [], report)
    validation = [example for example in report.examples if example.split == VALIDATION]
    return LabelledSource(select_part(report, "training"), validation, report)
