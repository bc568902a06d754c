"""Takes labels out of the store and into it, in the formats of other tools."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from active.exchange.label_formats import CSV_NAME, LABEL_FORMATS, METADATA, REST_NAME, LabelFormat, LabelRow
from active.store.events import Labelled, Record
from active.store.log import now
from active.store.store import LabelStore
from base.errors import ImageError, InputError, MissingError, OutputExistsError, unknown_choice
from base.files import MARKER, atomic_open, claim_folder
from model.reading.images import content_hash


@dataclass(frozen=True)
class ExportedLabels:
    """What was said of a picture, and its copy relative to the export; `error` says why there should be one."""

    record: Record
    file: Path | None
    error: str | None


@dataclass(frozen=True)
class ExportResult:
    """What was written to `out`, and the labels whose pictures could not be."""

    out: Path
    exported: tuple[ExportedLabels, ...]
    failed: tuple[ExportedLabels, ...]


@dataclass(frozen=True)
class ImportResult:
    """How many rows said something new, how many the store knew already, and those without a picture."""

    new: int
    known: int
    failed: tuple[LabelRow, ...]


def export_labels(
    store: LabelStore, out: Path, *, format_name: str = "folders", overwrite: bool = False
) -> ExportResult:
    """Write everything that people said, in one of FORMATS: labels, discards, disputes, flags and notes.

    The formats `folders` and `imagefolder` write a folder, and copy each picture that people agree on to
    `out/<label>/`; the others write one file.

    Raises:
        InputError: an unknown format, nothing is labelled, a label cannot be a folder's name, or `out` holds
            labelled originals.
        OutputExistsError: `out` is there already and `overwrite` is False.
    """
    chosen = _format(format_name)
    records = store.records()
    if not any(record.action for record in records):
        raise InputError(f"nothing is labelled in {store.name} yet; `boxwright label` takes labels")
    if chosen.copies:
        rows = _copy_pictures(records, store, out, overwrite=overwrite)
    else:
        _claim_file(out, overwrite=overwrite)
        rows = [ExportedLabels(record, None, None) for record in records]
    chosen.write(out, [_to_row(row) for row in rows])
    return ExportResult(
        out,
        exported=tuple(row for row in rows if row.error is None and row.record.action == "label"),
        failed=tuple(row for row in rows if row.error is not None),
    )


def read_export(folder: Path) -> list[Labelled]:
    """Return what an export of class folders holds: each copy, the label it lies under, and the hash it was made by.

    Raises:
        MissingError, InputError, ImageError: the folder is not there, its rows are damaged, or it names no hash and a
            copy cannot be read.
    """
    found: dict[str, Labelled] = {}
    for row in LABEL_FORMATS["folders"].read(_existing(folder)):
        if row.file is None or row.label is None or row.error is not None:
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
    on_progress: Callable[[int, int], None] | None = None,
) -> ImportResult:
    """Take in what a file or folder in one of FORMATS says; what the store has already, or newer, stays as it is.

    Rows that name nobody are the store's annotator's. A row without a picture to be found, and without its hash,
    is left out and reported.

    Raises:
        MissingError: there is no such file or folder.
        InputError: an unknown format, or a row that says nothing sensible; nothing is taken in then.
    """
    rows = list(_format(format_name).read(_existing(source)))
    root = source if source.is_dir() else source.parent
    records: list[Record] = []
    failed: list[LabelRow] = []
    for done, row in enumerate(rows, start=1):
        if record := _to_record(row, root, store.annotator):
            records.append(record)
        else:
            failed.append(row)
        if on_progress:
            on_progress(done, len(rows))
    new = store.add_records(records)
    return ImportResult(new, len(records) - new, tuple(failed))


def _format(name: str) -> LabelFormat:
    if name not in LABEL_FORMATS:
        raise unknown_choice("format", name, LABEL_FORMATS)
    return LABEL_FORMATS[name]


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
    places = [root / place for place in (row.path, row.file) if place]
    for place in places:
        try:
            item = content_hash(place)
        except ImageError:
            continue
        if row.sha256 in (None, item):
            return item, place
    return (row.sha256, places[0]) if row.sha256 and places else None


def _copy_pictures(records: Sequence[Record], store: LabelStore, out: Path, *, overwrite: bool) -> list[ExportedLabels]:
    agreed = {labelled.item: Path(labelled.label, labelled.path.name) for labelled in store.labels()}
    for record in records:
        _check(record, out)
    claim_folder(out, overwrite=overwrite)
    names = _names(agreed)
    copied = {record.item: _copy(record, names[record.item], out) for record in records if record.item in agreed}
    return [ExportedLabels(record, *copied.get(record.item, (None, None))) for record in records]


def _check(record: Record, out: Path) -> None:
    label = record.label or "discarded"
    if (
        label in (".", "..", CSV_NAME, *METADATA, REST_NAME, MARKER)
        or not label.isprintable()
        or set(label) & set("/\\")
    ):
        raise InputError(f"label {label!r} cannot be the name of a folder")
    if record.path.resolve().is_relative_to(out.resolve()):
        # Overwriting would delete the original before it is copied.
        raise InputError(f"{out} holds the labelled original {record.path}; choose another folder")


def _names(agreed: dict[str, Path]) -> dict[str, Path]:
    """Return each copy's place below the export folder; names that would meet get a piece of their hash."""
    wanted = Counter(_folded(name) for name in agreed.values())
    return {
        item: name if wanted[_folded(name)] == 1 else _with_hash(name, item, wanted) for item, name in agreed.items()
    }


def _with_hash(name: Path, item: str, wanted: Counter[str]) -> Path:
    short = name.with_stem(f"{name.stem}-{item[:8]}")
    return short if _folded(short) not in wanted else name.with_stem(f"{name.stem}-{item}")


def _folded(name: Path) -> str:
    return str(name).casefold()  # some file systems hold "A.png" and "a.png" for one


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
