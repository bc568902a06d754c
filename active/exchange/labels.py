"""Takes labels out of the store and into it, in the formats of other tools."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from active.exchange.copy_names import name_copies, write_export_card
from active.exchange.import_checks import (
    refuse_odd_labels,
    refuse_other_spellings,
    refuse_several_values,
    refuse_two_notes,
    refuse_two_pictures,
    tell_contradictions,
    tell_unnamed,
    tell_uploads,
)
from active.exchange.label_formats.label_catalogue import LABEL_FORMATS
from active.exchange.label_formats.label_rows import LabelFormat, LabelRow, UnusedRow
from active.exchange.label_names import label_name_fault
from active.exchange.picture_places import PicturePlace, find_row_pictures
from active.exchange.picture_soundness import open_row_pictures
from active.store.events import DECISIONS, Labelled, Record
from active.store.store import LabelStore
from base.counting import counted
from base.errors import ImageError, InputError, MissingError, OutputExistsError
from base.files import atomic_open, claim_folder
from base.spelling import refuse_spellings
from base.tabular.class_names import shorten_name
from model.labelled_folders.folder_report import name_some
from model.reading.images import content_hash, decode_bytes

WITHOUT_PICTURE = "without a picture"

COPIERS = 16
"""Copies written at a time: each waits for the disk, which does many in the time of one."""


@dataclass(frozen=True)
class ExportedLabels:
    """What was said of a picture, and its copy relative to the export; `error` says why there should be one."""

    record: Record
    file: Path | None
    error: str | None


@dataclass(frozen=True)
class LabelExport:
    """What was written to `out`, and the labels whose pictures could not be."""

    out: Path
    exported: tuple[ExportedLabels, ...]
    failed: tuple[ExportedLabels, ...]


@dataclass(frozen=True)
class LabelImport:
    """How many rows said something new, how many the store knew already, and what was not taken.

    `failed` are the rows without a picture that can be read; they are among those passed over. `classes` are the
    pictures that the rows give each label, new or known.
    """

    new: int
    known: int
    failed: tuple[LabelRow, ...]
    passed_over: tuple[UnusedRow, ...] = ()
    classes: Mapping[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> Counter[str]:
        """Return how many were passed over for each reason."""
        return Counter(row.reason for row in self.passed_over)

    def classes_text(self) -> str:
        """Return one line with the classes and their counts, so that a word that is no class is seen."""
        return f"classes: {', '.join(f'{name} {count}' for name, count in self.classes.items()) or 'none'}"

    def passed_over_text(self) -> str:
        """Return one line with a count, and the first name, for each reason; empty where all was taken or known."""
        first = {row.reason: row.name for row in reversed(self.passed_over)}
        parts = [f"{count} {reason} (first: {name_some([first[reason]])})" for reason, count in self.reasons.items()]
        return f"{counted(len(self.passed_over), 'row')} passed over: {', '.join(parts)}" if parts else ""


def export_labels(
    store: LabelStore, out: Path, *, format_name: str = "folders", overwrite: bool = False
) -> LabelExport:
    """Write everything that people said, in one of FORMATS: labels, discards, disputes, flags and notes.

    The formats `folders` and `imagefolder` write a folder, and copy each picture that people agree on to
    `out/<label>/`; the others write one file.

    Raises:
        InputError: an unknown format, nothing is labelled, a label cannot be a folder's name, or `out` holds
            labelled originals.
        OutputExistsError: `out` is there already and `overwrite` is False.
    """
    chosen = LABEL_FORMATS.choose(format_name)
    records = store.records()
    if not any(record.action in DECISIONS for record in records):
        raise InputError(f"nothing is labelled in {store.name} yet; `boxwright label` takes labels")
    if chosen.copies:
        rows = _copy_pictures(records, store, out, chosen, overwrite=overwrite)
        copies = list(dict.fromkeys(row.file for row in rows if row.file is not None))
        write_export_card(out, copies, format_name=format_name, metadata=chosen.label_file)
    else:
        _claim_file(out, overwrite=overwrite)
        rows = [ExportedLabels(record, None, None) for record in records]
    chosen.write(out, [_to_row(row) for row in rows])
    written = (row for row in rows if row.error is None and (row.file or not chosen.copies))
    return LabelExport(
        out,
        exported=tuple(row for row in written if row.record.action == "label"),
        failed=tuple(row for row in rows if row.error is not None),
    )


def read_export(folder: Path) -> list[Labelled]:
    """Return what an export of class folders holds: each copy, the label it lies under, and the hash it was made by.

    Raises:
        MissingError, InputError, ImageError: the folder is not there, its rows are damaged, or it names no hash and a
            copy cannot be read.
    """
    found: dict[str, Labelled] = {}
    for row in LABEL_FORMATS.choose("folders").read(_existing(folder)):
        if not isinstance(row, LabelRow) or row.file is None or row.label is None or row.error is not None:
            continue
        path = folder / row.file
        item = row.sha256 or content_hash(path)
        found.setdefault(item, Labelled(item, path, row.label, row.at or "", row.annotator or ""))
    return list(found.values())


def import_labels(
    store: LabelStore,
    source: Path,
    *,
    format_name: str = "folders",
    control: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> LabelImport:
    """Take in what a file or folder in one of FORMATS says; what the store has already, or newer, stays as it is.

    Rows that name nobody are the store's annotator's. A row without a picture to be found, and without its hash,
    or with a file that is no sound picture, is left out and reported. What one person says in two ways at one time,
    or not when, becomes a dispute.

    Args:
        store: takes the labels.
        source: the file or folder.
        format_name: one of FORMATS.
        control: the control whose choices are the labels, where the format has several.
        on_progress: is told how many rows are looked up, of how many, and then how many pictures are opened.

    Raises:
        MissingError: there is no such file or folder.
        InputError: an unknown format, or a row that says nothing sensible; nothing is taken in then.
    """
    read = _reader(format_name, control)
    given = list(read(_existing(source)))
    rows = [row for row in given if isinstance(row, LabelRow)]
    refuse_other_spellings(rows, source, store)
    refuse_several_values(rows, source)
    refuse_odd_labels(rows, source)
    root = source if source.is_dir() else source.parent
    refuse_two_pictures(rows, source, root)
    places = find_row_pictures(rows, root, on_progress=on_progress)
    known_items = {record.item for record in store.records()}
    unreadable = open_row_pictures(rows, places, source, known=known_items, on_progress=on_progress)
    failed = [(row, _why_failed(found, unreadable)) for row, found in zip(rows, places, strict=True)]
    failed = [(row, reason) for row, reason in failed if reason]
    tell_uploads([row for row, reason in failed if reason == WITHOUT_PICTURE], source)
    records = [
        _to_record(row, found, store.annotator)
        for row, found in zip(rows, places, strict=True)
        if found and found.item not in unreadable
    ]
    refuse_two_notes(records, source)
    tell_contradictions(records, source)
    passed = [row for row in given if isinstance(row, UnusedRow)]
    tell_unnamed([*(name for row in rows for name in (row.file, row.path)), *(row.name for row in passed)], source)
    outcomes = store.add_records(records)
    passed += [UnusedRow(row.name, reason) for row, reason in failed]
    for record, outcome in zip(records, outcomes, strict=True):
        passed += [UnusedRow(str(record.path), reason) for reason in outcome.left]
    new = sum(outcome.new for outcome in outcomes)
    known = sum(not (outcome.new or outcome.left) for outcome in outcomes)
    return LabelImport(new, known, tuple(row for row, _ in failed), tuple(passed), _count_classes(records))


def _count_classes(records: Sequence[Record]) -> dict[str, int]:
    said = {(record.label, record.item) for record in records if record.label is not None}
    return dict(sorted(Counter(label for label, _ in said).items()))


def _why_failed(found: PicturePlace | None, unreadable: Mapping[str, str]) -> str:
    if found is None:
        return WITHOUT_PICTURE
    reason = unreadable.get(found.item)
    return f"with a picture that cannot be read: {reason}" if reason else ""


def _reader(format_name: str, control: str | None) -> Callable[[Path], Iterator[LabelRow | UnusedRow]]:
    chosen = LABEL_FORMATS.choose(format_name)
    if control is None:
        return chosen.read
    if chosen.read_control is None:
        raise InputError(f"control {control!r}: format {format_name} has no controls, a row of it has one label")
    read = chosen.read_control
    return lambda source: read(source, control)


def _existing(source: Path) -> Path:
    if not source.exists():
        raise MissingError(f"no file or folder {source}")
    return source


def _claim_file(out: Path, *, overwrite: bool) -> None:
    if out.is_dir():
        raise InputError(f"{out} is a folder; this format is one file")
    if out.exists() and not overwrite:
        raise OutputExistsError(f"{out} is there already; choose another name or --overwrite")


def _to_row(row: ExportedLabels) -> LabelRow:
    record = row.record
    return LabelRow.model_validate(
        {
            "file": row.file.as_posix() if row.file else None,
            "path": str(record.path),
            "sha256": record.item,
            "action": record.action or "none",
            "label": record.label,
            "annotator": record.annotator,
            "labelled_at": record.at or None,
            "hinted": record.hinted,
            "flagged": record.flagged,
            "note": record.note,
            "error": row.error,
        }
    )


def _to_record(row: LabelRow, found: PicturePlace, annotator: str) -> Record:
    return Record(
        item=found.item,
        path=found.path,
        action="" if row.action == "none" else row.action,
        label=row.label,
        annotator=row.annotator or annotator,
        at=row.at or "",
        hinted=row.hinted,
        flagged=row.flagged,
        note=row.note,
    )


def _copy_pictures(
    records: Sequence[Record], store: LabelStore, out: Path, chosen: LabelFormat, *, overwrite: bool
) -> list[ExportedLabels]:
    for record in records:
        _check(record, out)
    refuse_spellings((record.label for record in records if record.label), what="labels", where=store.name)
    names = name_copies(store.labels(), own_labels=bool(chosen.label_file))
    claim_folder(out, overwrite=overwrite)
    agreed = {record.item: record for record in records if record.item in names}
    with ThreadPoolExecutor(COPIERS) as pool:
        found = pool.map(lambda record: _copy(record, names[record.item], out), agreed.values())
        copied = dict(zip(agreed, found, strict=True))
    return [ExportedLabels(record, *copied.get(record.item, (None, None))) for record in records]


def _check(record: Record, out: Path) -> None:
    fault = label_name_fault(record.label) if record.label is not None else ""
    if fault:
        name = shorten_name(record.label or "")
        raise InputError(f"label {name} cannot be the name of a folder: it {fault}; label {record.path} anew")
    if record.path.resolve().is_relative_to(out.resolve()):
        # Overwriting would delete the original before it is copied.
        raise InputError(f"{out} holds the labelled original {record.path}; choose another folder")


def _copy(record: Record, name: Path, out: Path) -> tuple[Path | None, str | None]:
    """Copy a picture and return its place in the export; or None, and why it could not be."""
    try:
        content = record.path.read_bytes()
    except FileNotFoundError:
        return None, "missing"
    except OSError as error:
        return None, (error.strerror or type(error).__name__).lower()
    if hashlib.sha256(content).hexdigest() != record.item:
        return None, "changed since it was labelled"
    try:
        decode_bytes(content)
    except ImageError as error:
        return None, str(error)
    with atomic_open(out / name) as file:
        file.write(content)
    return name, None
