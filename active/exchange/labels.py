"""Takes labels out of the store and into it, in the formats of other tools."""

import hashlib
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from active.exchange.export_names import CARD_NAME, name_copies, write_export_card
from active.exchange.label_formats.class_folders import CSV_NAME
from active.exchange.label_formats.imagefolder import METADATA_FILES, REST_NAME
from active.exchange.label_formats.label_catalogue import LABEL_FORMATS
from active.exchange.label_formats.label_rows import LabelFormat, LabelRow
from active.store.events import Record
from active.store.log import now
from active.store.store import LabelStore
from base.errors import ImageError, InputError, MissingError, OutputExistsError
from base.files import atomic_open, claim_folder
from base.notes import take_note
from base.spelling import fold_spelling, refuse_spellings
from model.reading.folder_listing import list_everything
from model.reading.folder_report import name_some
from model.reading.images import content_hash


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
    """How many rows said something new, how many the store knew already, and those without a picture."""

    new: int
    known: int
    failed: tuple[LabelRow, ...]


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
    if not any(record.action for record in records):
        raise InputError(f"nothing is labelled in {store.name} yet; `boxwright label` takes labels")
    if chosen.copies:
        rows = _copy_pictures(records, store, out, chosen, overwrite=overwrite)
        copies = [row.file for row in rows if row.file is not None]
        write_export_card(out, copies, format_name=format_name, metadata=METADATA_FILES[0] if chosen.own_labels else "")
    else:
        _claim_file(out, overwrite=overwrite)
        rows = [ExportedLabels(record, None, None) for record in records]
    chosen.write(out, [_to_row(row) for row in rows])
    return LabelExport(
        out,
        exported=tuple(row for row in rows if row.error is None and row.record.action == "label"),
        failed=tuple(row for row in rows if row.error is not None),
    )


def import_labels(
    store: LabelStore,
    source: Path,
    *,
    format_name: str = "folders",
    on_progress: Callable[[int, int], None] | None = None,
) -> LabelImport:
    """Take in what a file or folder in one of FORMATS says; what the store has already, or newer, stays as it is.

    Rows that name nobody are the store's annotator's. A row without a picture to be found, and without its hash,
    is left out and reported.

    Raises:
        MissingError: there is no such file or folder.
        InputError: an unknown format, or a row that says nothing sensible; nothing is taken in then.
    """
    rows = list(LABEL_FORMATS.choose(format_name).read(_existing(source)))
    root = source if source.is_dir() else source.parent
    _refuse_other_spellings(rows, source, store)
    records: list[tuple[LabelRow, Record]] = []
    failed: list[LabelRow] = []
    for done, row in enumerate(rows, start=1):
        if record := _to_record(row, root, store.annotator):
            records.append((row, record))
        else:
            failed.append(row)
        if on_progress:
            on_progress(done, len(rows))
    _refuse_contradictions([record for row, record in records if row.labelled_at is None], source)
    _tell_unnamed(rows, source)
    new = store.add_records([record for _, record in records])
    return LabelImport(new, len(records) - new, tuple(failed))


def _refuse_other_spellings(rows: Sequence[LabelRow], source: Path, store: LabelStore) -> None:
    """Refuse labels that differ from others, here or in the store, in their spelling alone."""
    names = {row.label for row in rows if row.label}
    refuse_spellings(names, what="labels", where=str(source))
    known = {labelled.label for labelled in store.labels()} | set(store.classes())
    spellings = {fold_spelling(name) for name in names - known}
    alike = (name for name in known if fold_spelling(name) in spellings)
    refuse_spellings([*names, *alike], what="labels", where=f"{source} and {store.name}")


def _refuse_contradictions(untimed: Sequence[Record], source: Path) -> None:
    """Refuse what one person says of one picture in two ways without saying which came last."""
    said: dict[tuple[str, str], Record] = {}
    for record in untimed:
        other = said.setdefault((record.item, record.annotator), record)
        if (other.action, other.label) != (record.action, record.label):
            raise InputError(
                f"{source}: {record.annotator} says {other.label or other.action} of {other.path} and "
                f"{record.label or record.action} of {record.path}, which is the same picture, and not when; keep one"
            )


def _tell_unnamed(rows: Sequence[LabelRow], source: Path) -> None:
    """Say which pictures of a folder no row names: they were added later, say, and stay without a label."""
    if not source.is_dir():
        return
    named = {posixpath.normpath(row.file.replace("\\", "/")) for row in rows if row.file}
    unnamed = [name for name in list_everything(source).pictures if name not in named]
    if unnamed:
        take_note(f"{source}: {len(unnamed)} pictures that no row names: {name_some(unnamed)}")


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


def _to_record(row: LabelRow, root: Path, annotator: str) -> Record | None:
    found = _find_picture(row, root)
    if found is None:
        return None
    item, path = found
    return Record(
        item=item,
        path=path,
        action="" if row.action == "none" else row.action,
        label=row.label,
        annotator=row.annotator or annotator,
        at=row.at or now(),
        hinted=row.hinted,
        flagged=row.flagged,
        note=row.note,
    )


def _find_picture(row: LabelRow, root: Path) -> tuple[str, Path] | None:
    """Return the hash and the place of a row's picture: where it was labelled if it is still there, or its copy."""
    written = [place for place in (row.path, row.file) if place]
    places = [root / place for place in (*written, *(place.replace("\\", "/") for place in written if "\\" in place))]
    for place in places:
        try:
            item = content_hash(place)
        except ImageError:
            continue
        if row.sha256 in (None, item):
            return item, place
    return (row.sha256, places[0]) if row.sha256 and places else None


def _copy_pictures(
    records: Sequence[Record], store: LabelStore, out: Path, chosen: LabelFormat, *, overwrite: bool
) -> list[ExportedLabels]:
    for record in records:
        _check(record, out)
    refuse_spellings((record.label for record in records if record.label), what="labels", where=store.name)
    names = name_copies(store.labels(), own_labels=chosen.own_labels)
    claim_folder(out, overwrite=overwrite)
    copied = {record.item: _copy(record, names[record.item], out) for record in records if record.item in names}
    return [ExportedLabels(record, *copied.get(record.item, (None, None))) for record in records]


def _check(record: Record, out: Path) -> None:
    label = record.label or "discarded"
    if (
        label in (CSV_NAME, *METADATA_FILES, REST_NAME, CARD_NAME)
        or label.startswith(".")  # hidden, so that readers would pass over it
        or label != label.strip()
        or not label.isprintable()
        or set(label) & set("/\\")
    ):
        raise InputError(f"label {label!r} cannot be the name of a folder")
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
    with atomic_open(out / name) as file:
        file.write(content)
    return name, None
