"""Exports what was labelled: a folder of class folders and one CSV file."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from active.events import Labelled
from active.store import LabelStore
from generator.errors import InputError
from generator.files import MARKER, atomic_open, claim_folder, write_text

CSV_NAME = "labels.csv"

CSV_COLUMNS = ("file", "path", "sha256", "label", "annotator", "labelled_at", "error")


@dataclass(frozen=True)
class Exported:
    """A label and its picture's copy, relative to the export folder; or, where none could be made, the reason."""

    labelled: Labelled
    file: Path | None
    error: str | None


@dataclass(frozen=True)
class ExportResult:
    """What was written below `folder`, and the labels whose pictures could not be."""

    folder: Path
    exported: tuple[Exported, ...]
    failed: tuple[Exported, ...]


def export_labels(store: LabelStore, out: Path, *, overwrite: bool = False) -> ExportResult:
    """Copy each labelled picture to `out/<label>/` and list all labels, exported or not, in `out/labels.csv`.

    Raises:
        InputError: nothing is labelled, a label cannot be a folder's name, or `out` holds labelled originals.
        OutputExistsError: `out` is not empty and `overwrite` is False.
    """
    labels = store.labels()
    _check(labels, store, out)
    claim_folder(out, overwrite=overwrite)
    rows = [_export(labelled, name, out) for labelled, name in zip(labels, _names(labels), strict=True)]
    write_text(out / CSV_NAME, _to_csv(rows))
    return ExportResult(
        out,
        exported=tuple(row for row in rows if row.error is None),
        failed=tuple(row for row in rows if row.error is not None),
    )


def _check(labels: Sequence[Labelled], store: LabelStore, out: Path) -> None:
    if not labels:
        raise InputError(f"nothing is labelled in {store.name} yet; `boxwright label` takes labels")
    for labelled in labels:
        if (
            labelled.label in (".", "..", CSV_NAME, MARKER)
            or not labelled.label.isprintable()
            or set(labelled.label) & set("/\\")
        ):
            raise InputError(f"label {labelled.label!r} cannot be the name of a folder")
        if labelled.path.resolve().is_relative_to(out.resolve()):
            # Overwriting would delete the original before it is copied.
            raise InputError(f"{out} holds the labelled original {labelled.path}; choose another folder")


def _names(labels: Sequence[Labelled]) -> list[Path]:
    """Return each copy's place below the export folder; names that would meet get a piece of their hash."""
    plain = [Path(labelled.label, labelled.path.name) for labelled in labels]
    wanted = Counter(_folded(name) for name in plain)
    return [
        name if wanted[_folded(name)] == 1 else _with_hash(name, labelled.item, wanted)
        for name, labelled in zip(plain, labels, strict=True)
    ]


def _with_hash(name: Path, item: str, wanted: Counter[str]) -> Path:
    short = name.with_stem(f"{name.stem}-{item[:8]}")
    return short if _folded(short) not in wanted else name.with_stem(f"{name.stem}-{item}")


def _folded(name: Path) -> str:
    return str(name).casefold()  # some file systems hold "A.png" and "a.png" for one


def _export(labelled: Labelled, name: Path, out: Path) -> Exported:
    try:
        content = labelled.path.read_bytes()
    except FileNotFoundError:
        return Exported(labelled, None, "missing")
    except OSError as error:
        return Exported(labelled, None, (error.strerror or type(error).__name__).lower())
    if hashlib.sha256(content).hexdigest() != labelled.item:
        return Exported(labelled, None, "changed since it was labelled")
    with atomic_open(out / name) as file:
        file.write(content)
    return Exported(labelled, name, None)


def _to_csv(rows: Sequence[Exported]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        labelled = row.labelled
        file = row.file.as_posix() if row.file else ""
        writer.writerow(
            [file, labelled.path, labelled.item, labelled.label, labelled.annotator, labelled.at, row.error or ""]
        )
    return text.getvalue()
