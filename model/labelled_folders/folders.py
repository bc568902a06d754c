"""Labelled folders: one folder a class, optional metadata beside them, and splits that keep groups whole.

There is one reader for all commands. What it passes over, or leaves unused, is said by `base.notes`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from base.counting import counted
from base.errors import InputError
from base.notes import take_note
from base.seeds import rng_for
from base.spelling import refuse_spellings, tidy_name
from base.split_words import TEST, TRAIN, VALIDATION
from base.tabular.class_map import ClassMap
from base.tabular.class_names import refuse_class_names
from base.tabular.missing_values import describe_missing
from base.tabular.several_values import refuse_value_lists
from model.labelled_folders.empty_folders import describe_detection_layout, explain_unlabelled
from model.labelled_folders.examples import Example
from model.labelled_folders.folder_layout import FolderLayout, PlacedPicture, find_layout
from model.labelled_folders.folder_listing import FolderListing, PassedOver, list_everything
from model.labelled_folders.folder_report import FolderReport, describe_unread, name_some, remark_on_groups
from model.labelled_folders.label_lists import is_label_list, read_label_list
from model.labelled_folders.label_table_doubts import check_label_table
from model.labelled_folders.layout_doubts import describe_doubts
from model.labelled_folders.metadata_rows import MatchedRows, match_rows
from model.labelled_folders.metadata_values import MetadataRow
from model.labelled_folders.packed_sets import find_shards, is_screens, read_packed
from model.labelled_folders.row_remarks import remark_on_rows
from model.labelled_folders.split_columns import find_column_splits, merge_splits

__all__ = [
    "Example",
    "FolderPart",
    "open_folder",
    "part_of",
    "read_examples",
    "read_folder",
    "select_part",
    "split_by_group",
]

FolderPart = Literal["all", "training", "validation", "test", "folds"]
"""What a command works on where a folder has splits: see `part_of`."""

_WANTED: Mapping[FolderPart, tuple[tuple[str, ...], ...]] = {
    "training": ((TRAIN,),),
    "validation": ((VALIDATION,), (TEST,), (TRAIN,)),
    "test": ((TEST,), (VALIDATION,), (TRAIN,)),
    "folds": ((TRAIN, VALIDATION),),
}
"""The splits that are used; where there is none of them, the next."""


def read_examples(
    folder: Path, classes: Sequence[str] | None = None, *, part: FolderPart = "all", mapping: ClassMap | None = None
) -> list[Example]:
    """Return the labelled pictures of a folder, sorted by path, and say in a line each what is not used.

    Args:
        folder: see `read_folder`.
        classes: the only class names allowed; any when None.
        part: of a folder with splits; see `part_of`.
        mapping: see `read_folder`.

    Raises:
        MissingError: there is no such folder.
        InputError: see `read_folder`; or a class is not in `classes`, or there is no such part.
    """
    return part_of(open_folder(folder, classes, mapping=mapping), part)


def open_folder(folder: Path, classes: Sequence[str] | None = None, *, mapping: ClassMap | None = None) -> FolderReport:
    """Read a folder like `read_folder` and say in a line each what is not used, which `read_folder` leaves to you."""
    report = read_folder(folder, classes, mapping=mapping)
    for note in report.notes():
        take_note(f"{folder}: {note}")
    return report


def part_of(report: FolderReport, part: FolderPart) -> list[Example]:
    """Return the examples of a folder that a command works on, and say which splits are left out.

    `training` is the split train, `folds` all but the test split; `test` and `validation` are the splits of that name
    or, where there is none, the other of them, or what there is. Without splits any part is all.

    Raises:
        InputError: the folder has splits, but none that will do.
    """
    examples = select_part(report, part)
    chosen = {example.split for example in examples}
    left = {split: count for split, count in report.splits.items() if split not in chosen}
    without = sum(not example.split for example in report.examples)
    left |= {"no split": without} if without and "" not in chosen else {}
    if left:
        used = ", ".join(split for split in report.splits if split in chosen)
        out = ", ".join(f"{split} {count}" for split, count in left.items())
        take_note(f"{report.folder}: used here: {used}; left out: {out}")
    return examples


def select_part(report: FolderReport, part: FolderPart) -> list[Example]:
    """Return what `part_of` does, and leave it to the caller to say what is left out."""
    if part == "all" or not report.splits:
        return list(report.examples)
    chosen = next((wanted for wanted in _WANTED[part] if set(wanted) & set(report.splits)), None)
    if chosen is None:
        raise InputError(
            f"{report.folder} has no split to train on, only {', '.join(report.splits)}; name a folder that has one"
        )
    return [example for example in report.examples if example.split in chosen]


def read_folder(folder: Path, classes: Sequence[str] | None = None, *, mapping: ClassMap | None = None) -> FolderReport:
    """Read a labelled folder: class folders, splits of them, pictures labelled by metadata, tar shards or Parquet.

    Args:
        folder: holds `<class>/**`, `<split>/<class>/**` or `<class>/<split>/**`, with metadata beside them or not; or
            pictures that the metadata labels; or what `boxwright generate --format` writes for WebDataset and Parquet.
            Or a CSV file that lists pictures, see `label_lists`.
        classes: the only class names allowed; any when None.
        mapping: which folders make a class; each its own when None.

    Raises:
        MissingError: there is no such folder.
        InputError: it has no labelled pictures, a class folder is empty, classes differ in their spelling alone, a
            class is not in `classes`, a folder is in no class of `mapping`, or the metadata is damaged or contradicts
            itself or the folders.
    """
    found = read_label_list(folder) if is_label_list(folder) else _read_labelled(folder)
    report = found if mapping is None else _map_classes(found, mapping)
    _refuse_unknown(folder, report.classes, classes)
    return report


def _read_labelled(folder: Path) -> FolderReport:
    listing = list_everything(folder)
    if is_screens(listing):
        raise InputError(
            f"{folder} holds whole screens with COCO's annotations.json, and single crops are needed: draw them with "
            "`boxwright generate --format folder`, or cut the boxes out into class folders"
        )
    shards = find_shards(listing)
    return read_packed(folder, listing, shards) if shards else _read_pictures(folder, listing)


def _map_classes(report: FolderReport, mapping: ClassMap) -> FolderReport:
    """Return the report with classes in place of folders, without the pictures that are in none."""
    mapping.require_known(report.classes, report.folder)
    named = [(example, mapping.class_of(example.label)) for example in report.examples]
    examples = tuple(replace(example, label=name) for example, name in named if name is not None)
    out = mapping.unknown(report.classes)
    words = ", ".join(f"{name} {report.classes[name]}" for name in out)
    remarks = (f"left out, being in no class of the class map: {words}",) if out else ()
    return replace(report, examples=examples, remarks=(*report.remarks, *remarks))


def _read_pictures(folder: Path, listing: FolderListing) -> FolderReport:
    matched = match_rows(folder, listing.files, listing.pictures)
    doubts = tuple(check_label_table(folder, listing.pictures))
    layout = find_layout(folder, listing.pictures, matched.rows)
    _refuse_empty(folder, listing, layout, matched)
    refuse_spellings((each.label for each in layout.placed), what="classes", where=str(folder))
    if layout.by_row:
        refuse_class_names((each.label for each in layout.placed), str(folder))
        unsure = (each.label for each in layout.placed if not matched.rows[each.name].is_meant)
        refuse_value_lists(unsure, f"{folder}: the metadata")
    rows = {name: row for name, row in matched.rows.items() if name not in layout.unplaced}
    columns = find_column_splits(folder, rows)
    splits = merge_splits(folder, {each.name: each.split for each in layout.placed}, columns)
    placed = [replace(each, split=splits[each.name]) for each in layout.placed]
    examples = tuple(_to_example(folder, each, matched.rows.get(each.name)) for each in placed)
    unplaced = [PassedOver(name, _reason(reason, matched.rows.get(name))) for name, reason in layout.unplaced.items()]
    return FolderReport(
        folder,
        layout.in_words,
        examples,
        passed_over=(*unplaced, *listing.passed_over),
        rows_without_picture=matched.without_picture,
        pictures_without_row=tuple(name for name in listing.pictures if matched.rows and name not in matched.rows),
        split_folders=layout.words or columns.words,
        remarks=(*doubts, *_remarks(layout, placed, matched), *columns.remarks),
    )


def _reason(reason: str, row: MetadataRow | None) -> str:
    return describe_missing(row.no_label) if row is not None and row.no_label else reason


def _to_example(folder: Path, placed: PlacedPicture, row: MetadataRow | None) -> Example:
    plain = Example(folder / placed.name, tidy_name(placed.label), placed.name, split=placed.split)
    if row is None:
        return plain
    group = placed.name if row.group is None else row.group
    return replace(plain, group=group, family=row.family, kind=row.kind, pair=row.pair, box=row.box)


def _refuse_empty(folder: Path, listing: FolderListing, layout: FolderLayout, matched: MatchedRows) -> None:
    """Refuse a folder without labelled pictures, and class folders that hold none: somebody misses them."""
    depth = layout.wrapper.count("/") + layout.depth
    filled = {"/".join(name.split("/")[: end + 1]) for name in listing.pictures for end in range(name.count("/"))}
    hollow = [name for name in listing.folders if name.count("/") < depth and name not in filled]
    if hollow and not (layout.by_row and layout.placed):
        hint = describe_detection_layout(hollow[0])
        raise InputError(f"no pictures in class folder {folder / hollow[0]}; {hint or 'add some or remove the folder'}")
    if not layout.placed:
        count = counted(len(listing.pictures), "picture has", "pictures have")
        found = f", and its {count} no label" if listing.pictures else ""
        why = "".join(
            f"; {text}" for text in (*explain_unlabelled(matched), describe_unread(listing.passed_over)) if text
        )
        raise InputError(f"no class folders in {folder}{found}; expected one folder of pictures for each class{why}")


def _refuse_unknown(folder: Path, found: Mapping[str, int], classes: Sequence[str] | None) -> None:
    unknown = [name for name in found if classes is not None and name not in classes]
    if unknown:
        refuse_spellings([*found, *(classes or ())], what="classes", where=f"{folder} and the model")
        raise InputError(
            f"{folder} has class folders that the model does not know: {', '.join(unknown)}; "
            f"the model's classes: {', '.join(classes or ())}"
        )


def _remarks(layout: FolderLayout, placed: Sequence[PlacedPicture], matched: MatchedRows) -> Iterator[str]:
    """Yield what may be meant otherwise than it is taken."""
    yield from remark_on_groups(
        (row.group, each.split) for each in placed if (row := matched.rows.get(each.name)) and row.group
    )
    labels_are = "column label" if layout.by_row else "the folders"
    yield from remark_on_rows(matched.rows, {each.name: each.label for each in placed}, labels_are=labels_are)
    if layout.wrapper:
        yield f"all lies in {layout.wrapper.rstrip('/')}, which is read for the folder around it"
    if layout.by_row and len(layout.folders) > 1:
        yield f"labels are those of the metadata, not the folders' names ({name_some(layout.folders)})"
    if not layout.by_row:
        parts = {each.name: layout.parts[each.name] for each in layout.placed}
        place, by_split = layout.depth - 1, bool(layout.words)
        yield from describe_doubts(parts, folders=layout.folders, place=place, below=layout.below, by_split=by_split)


def split_by_group(examples: Sequence[Example], *, share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Return (kept, held out), about `share` of every label held out, no group on both sides, order kept.

    Groups are visited in an order drawn from `seed`; one is held out when that brings the label counts nearer to
    their targets. A side can stay empty when there are very few groups.
    """
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        groups[example.group][example.label] += 1
    missing = {label: share * count for label, count in Counter(example.label for example in examples).items()}
    order = sorted(groups)
    rng_for(seed, "split").shuffle(order)
    held_out = set()
    for group in order:
        gain = sum(abs(missing[label]) - abs(missing[label] - count) for label, count in groups[group].items())
        if gain > 0:
            held_out.add(group)
            for label, count in groups[group].items():
                missing[label] -= count
    kept = [example for example in examples if example.group not in held_out]
    return kept, [example for example in examples if example.group in held_out]
