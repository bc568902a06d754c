"""What is wrong with rows of labels before they are taken in: spellings, contradictions, pictures that no row names."""

import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path

from active.exchange.label_formats.label_rows import LabelRow
from active.exchange.label_names import label_name_fault
from active.exchange.picture_places import find_named_picture
from active.store.events import DECISIONS, Record
from active.store.store import LabelStore
from base.counting import counted
from base.errors import InputError
from base.notes import take_note
from base.spelling import fold_spelling, refuse_spellings
from base.tabular.class_names import shorten_name
from base.tabular.rival_columns import last_name
from base.tabular.several_values import find_several_values
from model.labelled_folders.folder_listing import list_everything
from model.labelled_folders.folder_report import name_some


def refuse_odd_labels(rows: Sequence[LabelRow], source: Path) -> None:
    """Refuse labels that no class folder can be called by: they could not be exported.

    Raises:
        InputError: with the label, where it stands and why.
    """
    for row in rows:
        fault = label_name_fault(row.label) if row.label is not None else ""
        if fault:
            raise InputError(
                f"{source}: label {shorten_name(row.label or '')} ({_place(row, source)}) cannot be the name of a "
                f"class folder: it {fault}; give it another name"
            )


def refuse_several_values(rows: Sequence[LabelRow], source: Path) -> None:
    """Refuse labels that are several, of rows that do not say that they are meant.

    Raises:
        InputError: with the first of them and where it stands.
    """
    said = {row.label: row for row in reversed(rows) if row.label and not row.is_meant}
    found = find_several_values(row.label for row in rows if row.label and row.label in said)
    if found:
        label, fault = found
        raise InputError(
            f"{source}: label {fault} ({_place(said[label], source)}), and a picture has one; keep the one that counts"
        )


def refuse_two_pictures(rows: Sequence[LabelRow], source: Path, root: Path) -> None:
    """Refuse a row with two names of which each is another picture's.

    With a hash there is no doubt which is meant: exports have it, and a path as well as the copy's name.

    Raises:
        InputError: with the two names.
    """
    for row in rows:
        if row.sha256 or not row.path or not row.file:
            continue
        first, second = (find_named_picture(text, root) for text in (row.path, row.file))
        alike = first.item == second.item if first and second else last_name(row.path) == last_name(row.file)
        if not alike:
            raise InputError(
                f"{source} ({_place(row, source)}): two columns name different pictures, path {row.path!r} and the "
                f"file's name {row.file!r}; remove the column that is not meant"
            )


def refuse_other_spellings(rows: Sequence[LabelRow], source: Path, store: LabelStore) -> None:
    """Refuse labels that differ from others, here or in the store, in their spelling alone."""
    places: dict[str, str] = {}
    for row in rows:
        if row.label:
            places.setdefault(row.label, _place(row, source))
    refuse_spellings(places, what="labels", where=str(source), places=places)
    known = {labelled.label for labelled in store.labels()} | set(store.classes())
    spellings = {fold_spelling(name) for name in places.keys() - known}
    alike = {name: store.name for name in known if fold_spelling(name) in spellings}
    refuse_spellings([*places, *alike], what="labels", where=f"{source} and {store.name}", places={**places, **alike})


def _place(row: LabelRow, source: Path) -> str:
    if row.where.startswith(f"{source}:"):
        rest = row.where[len(f"{source}:") :].strip()
        return f"line {rest}" if rest.isdigit() else rest
    return row.where or row.name


def tell_uploads(rows: Sequence[LabelRow], source: Path) -> None:
    """Say why rows without a picture have none where their names are those that Label Studio gives to uploads."""
    names = [row.name for row in rows if "data/upload/" in row.name]
    if names:
        are = counted(len(names), "name is that of an upload", "names are those of uploads")
        take_note(
            f"{source}: {are} in Label Studio (first: {names[0]}), which keeps its own copies below media/upload; put "
            "the names that the pictures have here into the file"
        )


def tell_contradictions(records: Sequence[Record], source: Path) -> None:
    """Say what one person says of one picture in two ways at one time, or not when: it becomes a dispute."""
    said: dict[tuple[str, str, str], dict[str, Record]] = {}
    for record in records:
        if record.action in DECISIONS:
            words = said.setdefault((record.item, record.annotator, record.at), {})
            words.setdefault(record.label or record.action, record)
    twice = [words for words in said.values() if len(words) > 1]
    if twice:
        words = twice[0]
        first = next(iter(words.values()))
        names = " and ".join(f"{word} of {record.path.name}" for word, record in words.items())
        take_note(
            f"{source}: {counted(len(twice), 'picture is', 'pictures are')} labelled in two ways by one person, who "
            f"does not say which came last (first: {first.annotator} says {names}), and disputed"
        )


def refuse_two_notes(records: Sequence[Record], source: Path) -> None:
    """Refuse two notes of a picture of which neither is the later.

    Raises:
        InputError: with the two notes.
    """
    said: dict[str, dict[str, Record]] = {}
    for record in records:
        if record.note:
            notes = said.setdefault(record.item, {})
            other = notes.setdefault(record.at, record)
            other = notes.get("", other) if record.at else next(iter(notes.values()))
            if other.note != record.note:
                raise InputError(
                    f"{source}: {record.path} has the notes {other.note!r} and {record.note!r}, and no times say "
                    "which is the later; keep one"
                )


def tell_unnamed(names: Iterable[str | None], source: Path) -> None:
    """Say which pictures of a folder no row names: they were added later, say, and stay without a label."""
    if not source.is_dir():
        return
    places = (name.replace("\\", "/").removeprefix(f"{source.resolve().as_posix()}/") for name in names if name)
    named = {posixpath.normpath(name) for name in places}
    unnamed = [name for name in list_everything(source).pictures if name not in named]
    if unnamed:
        count = counted(len(unnamed), "picture that no row names", "pictures that no row names")
        take_note(f"{source}: {count}: {name_some(unnamed)}")
