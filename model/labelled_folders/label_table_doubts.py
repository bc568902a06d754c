"""A labels.csv beside folders of pictures: `labels import` reads it, other commands read the folders."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from base.file_texts import read_words
from base.spelling import fold_spelling
from base.tabular.missing_values import is_no_label
from base.tabular.tables import fold_column, read_table
from model.labelled_folders.folder_report import name_some
from model.labelled_folders.metadata_rows import PictureSpellings
from model.labelled_folders.metadata_values import FILE_NAMES
from model.labelled_folders.naming_files import LABELS_CSV


def check_label_table(folder: Path, pictures: Sequence[str]) -> Iterator[str]:
    """Yield what the table says otherwise than folders are called, where that is not the name of another folder.

    Args:
        folder: holds the table or not.
        pictures: named from the folder on.

    Raises:
        InputError: a picture lies in one folder and is labelled as another is called: which counts nobody can tell.
    """
    own = {name: {fold_spelling(part) for part in name.split("/")[:-1]} for name in pictures}
    folders = set[str]().union(*own.values())
    rows = list(_read_rows(folder, pictures))
    said = [(name, label, line) for line, _, name, label in rows if name is not None]
    right = {name for name, label, _ in said if fold_spelling(label) in own[name]}
    odd = {name: (label, line) for name, label, line in said if own[name] and name not in right}
    wrong = [(name, *odd[name]) for name in odd if fold_spelling(odd[name][0]) in folders]
    if wrong:
        name, label, line = wrong[0]
        lie = counted(len(wrong), "picture lies", "pictures lie")
        raise InputError(
            f"{folder}: {lie} in another folder than {LABELS_CSV} says, as {name}, labelled {label!r} "
            f"(line {line}); move them, mend the rows, or remove {LABELS_CSV}"
        )
    if odd:
        name, (label, line) = next(iter(odd.items()))
        yield (
            f"{LABELS_CSV} labels {counted(len(odd), 'picture')} otherwise than the folders are called, as {name} "
            f"{label!r} (line {line})"
        )
    if lost := [written for _, written, name, _ in rows if name is None]:
        yield f"{counted(len(lost), 'row')} of {LABELS_CSV} without a picture: {name_some(lost)}"


def _read_rows(folder: Path, pictures: Sequence[str]) -> Iterator[tuple[int, str, str | None, str]]:
    """Yield the line, the name as it is written, the picture's, and the label of each row with a name and a label."""
    table = folder / LABELS_CSV
    if not table.is_file():
        return
    spellings = PictureSpellings(pictures)
    try:
        rows = read_table(table, column="label").rows
    except InputError:
        return  # it is passed over, and whoever reads it says what is wrong
    here = f"{folder.resolve().as_posix()}/"
    for line, values in rows:
        given = {fold_column(name): value for name, value in values.items()}
        # Where there is a column of copies, a row without one is of a picture that was not exported.
        written = next((given[name] for name in (*FILE_NAMES, "path") if name in given), "")
        if written and given.get("action") in (None, "", "label") and not is_no_label(given.get("label")):
            label = read_words(given["label"], name="label", where=f"{table}:{line}")
            yield line, written, spellings.find(".", written.removeprefix(here)), label
