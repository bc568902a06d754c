"""How labelled pictures lie in a folder: which part of a name is the class and which, if any, the split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from base.spelling import tidy_name
from base.split_words import split_of
from model.labelled_folders.layout_doubts import (
    PictureParts,
    refuse_classes_in_classes,
    refuse_doubtful_classes,
    refuse_parts,
)
from model.labelled_folders.metadata_values import MetadataRow

LOOSE, NO_LABEL_FOLDER = "beside the class folders", "without a label"


@dataclass(frozen=True)
class PlacedPicture:
    """A picture by its name, with its label as it is written and the split that it is in, empty for none."""

    name: str
    label: str
    split: str = ""


@dataclass(frozen=True)
class FolderLayout:
    """The labelled pictures, in order, and why the rest are none, by name; `in_words` says how it all lies.

    `parts` are the names of all pictures from below `wrapper` on, the folder that all lie in, if there is one; there
    class folders are `depth` deep. `folders` are those that pictures lie in, which are classes unless labels come
    `by_row`, from the metadata. `words` are the folders that each split is in.
    """

    in_words: str
    placed: tuple[PlacedPicture, ...]
    unplaced: Mapping[str, str]
    folders: tuple[str, ...]
    by_row: bool
    words: Mapping[str, tuple[str, ...]]
    parts: PictureParts
    depth: int
    wrapper: str

    @property
    def below(self) -> int:
        """Return the place, in the parts, of the first folder within a class."""
        return 2 if self.words else 1


def find_layout(folder: Path, pictures: Sequence[str], rows: Mapping[str, MetadataRow]) -> FolderLayout:
    """Return where labels and splits stand.

    Folders named as splits are splits where they hold class folders, or pictures whose labels are in the metadata;
    where they hold pictures alone they are classes. Within class folders they are splits where all pictures lie in one.
    A single folder that all lie in, in folders of their own, stands for the folder around it.

    Raises:
        InputError: splits lie beside class folders, a row's label is not the class folder that its picture is in, or
            which folders are the classes is not sure.
    """
    wrapper = _find_wrapper(pictures)
    parts = {name: tuple(name.removeprefix(wrapper).split("/")) for name in pictures}
    outer = _has_outer_splits(folder, parts, rows)
    inner = not outer and _has_inner_splits(parts)
    depth = 2 if outer else 1  # of the class folders
    by_row = _labels_are_in_rows({name: own[depth - 1 :] for name, own in parts.items()}, rows)
    placed, unplaced = list[PlacedPicture](), dict[str, str]()
    for name, own in parts.items():
        in_class = len(own) > depth and not by_row
        label = own[depth - 1] if in_class else rows[name].label if name in rows else None
        split = split_of(own[0 if outer else 1]) if (outer or inner) and len(own) > 1 else ""
        if label is None or split is None or (outer and not split):
            unplaced[name] = NO_LABEL_FOLDER if by_row or outer else LOOSE
        else:
            placed.append(PlacedPicture(name, label, split))
    if not by_row:
        _refuse_conflicts(folder, placed, rows)
        unsure = {name: own for name, own in parts.items() if name not in rows or rows[name].label is None}
        if not outer:
            refuse_parts(folder, unsure)
        refuse_doubtful_classes(folder, unsure, place=depth - 1, below=2 if inner or outer else 1)
        refuse_classes_in_classes(folder, unsure, place=depth - 1)
    where = "labels in the metadata" if by_row else "class folders"
    return FolderLayout(
        in_words=f"splits of {where}" if outer else "class folders of splits" if inner else where,
        placed=tuple(placed),
        unplaced=unplaced,
        folders=tuple(dict.fromkeys(wrapper + "/".join(own[:depth]) for own in parts.values() if len(own) > depth)),
        by_row=by_row,
        words=_words(parts, 0 if outer else 1) if outer or inner else {},
        parts=parts,
        depth=depth,
        wrapper=wrapper,
    )


def _find_wrapper(pictures: Sequence[str]) -> str:
    """Return the folder that all pictures in folders lie in, where each is in a further one; with a slash behind it.

    A split is none, nor is a class of splits.
    """
    inside = [parents for name in pictures if (parents := name.split("/")[:-1])]
    common = [names[0] for names in takewhile(lambda names: len(set(names)) == 1, zip(*inside, strict=False))]
    if not common or any(len(parents) == len(common) for parents in inside):
        return ""
    below = len(common)
    if all(split_of(parents[below]) and len(parents) == below + 1 for parents in inside):
        common = common[:-1]
    end = next((place for place, name in enumerate(common) if split_of(name)), len(common))
    return "".join(f"{name}/" for name in common[:end])


def _has_outer_splits(folder: Path, parts: PictureParts, rows: Mapping[str, MetadataRow]) -> bool:
    """Tell whether the folders are splits; refuse a folder of which some are."""
    inside: dict[str, list[str]] = {}
    for name, own in parts.items():
        if len(own) > 1:
            inside.setdefault(own[0], []).append(name)
    splits = {top for top, names in inside.items() if split_of(top) and _is_split(top, names, parts, rows)}
    others = sorted(set(inside) - splits)
    if splits and others:
        raise InputError(
            f"{folder} holds splits ({', '.join(sorted(splits))}) beside folders that are none ({', '.join(others)}); "
            "move the class folders into a split, or the splits elsewhere"
        )
    return bool(splits)


def _is_split(top: str, names: Sequence[str], parts: PictureParts, rows: Mapping[str, MetadataRow]) -> bool:
    """Tell whether every picture of a folder has its class in a folder below, or in a row that names another one."""
    told = [name for name in names if len(parts[name]) > 2 or not _says_no_label(name, rows)]
    return bool(told) and all(
        len(parts[name]) > 2 or (name in rows and rows[name].label not in (None, top)) for name in told
    )


def _says_no_label(name: str, rows: Mapping[str, MetadataRow]) -> bool:
    return name in rows and rows[name].no_label is not None


def _has_inner_splits(parts: PictureParts) -> bool:
    inside = [own for own in parts.values() if len(own) > 1]
    return bool(inside) and all(len(own) > 2 and split_of(own[1]) for own in inside)


def _labels_are_in_rows(below: PictureParts, rows: Mapping[str, MetadataRow]) -> bool:
    """Tell whether the metadata labels pictures and no folder is called as any of its pictures is labelled."""
    labelled = {name: rows[name].label for name in below if name in rows and rows[name].label is not None}
    untold = {name for name in below if name not in labelled and not _says_no_label(name, rows)}
    unlabelled_in_folders = any(len(own) > 1 for name, own in below.items() if name in untold)
    folders = {own[0] for own in below.values() if len(own) > 1}
    return bool(labelled) and not unlabelled_in_folders and not folders & set(labelled.values())


def _refuse_conflicts(folder: Path, placed: Sequence[PlacedPicture], rows: Mapping[str, MetadataRow]) -> None:
    said = {each.name: rows[each.name].label for each in placed if each.name in rows}
    wrong = [each for each in placed if said.get(each.name) not in (None, tidy_name(each.label))]
    if wrong:
        raise InputError(
            f"{folder}: {counted(len(wrong), 'picture lies', 'pictures lie')} in another class folder than the "
            f"label in the metadata says, as {wrong[0].name}, labelled {said[wrong[0].name]!r}; "
            f"move them, or mend or remove the column label"
        )


def _words(parts: PictureParts, place: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for own in parts.values():
        if len(own) > place + 1 and (split := split_of(own[place])):
            found.setdefault(split, set()).add(own[place])
    return {split: tuple(sorted(names)) for split, names in found.items()}
