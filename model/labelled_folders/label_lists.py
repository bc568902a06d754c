"""Lists of labelled pictures: a CSV file with columns path and label that stands for a folder of them."""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from base.errors import InputError, MissingError, OutputExistsError
from base.file_texts import read_words
from base.files import write_text
from base.spelling import refuse_spellings, tidy_name
from base.split_words import split_of
from base.tabular.missing_values import is_no_label
from base.tabular.tables import fold_column, read_table
from model.labelled_folders.examples import Example
from model.labelled_folders.folder_report import FolderReport

ENDING = ".csv"
NAMED_BY, LABELLED_BY = ("path", "label")
LIST_COLUMNS = (NAMED_BY, LABELLED_BY, "split", "group")


def is_label_list(path: Path) -> bool:
    """Tell whether a path is that of a list, and not of a folder."""
    return path.suffix.lower() == ENDING and not path.is_dir()


def refuse_list_name(path: Path, *, overwrite: bool = False) -> None:
    """Refuse a name that a list cannot be written under.

    Raises:
        OutputExistsError: there is a file and `overwrite` is not set.
        InputError: the name does not end in .csv.
    """
    if not is_label_list(path):
        raise InputError(f"{path} does not end in {ENDING}, by which commands tell a list from a folder")
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} exists; name another file, or give --overwrite")


def write_label_list(path: Path, examples: Sequence[Example], *, overwrite: bool = False) -> None:
    """Write a list of pictures, with paths from its own folder on.

    Raises:
        OutputExistsError, InputError: see `refuse_list_name`.
    """
    refuse_list_name(path, overwrite=overwrite)
    sizes = Counter(each.group for each in examples)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LIST_COLUMNS)
    for each in examples:
        group = each.group if sizes[each.group] > 1 else ""
        writer.writerow([os.path.relpath(each.path, path.parent), each.label, each.split, group])
    write_text(path, text.getvalue())


def read_label_list(path: Path) -> FolderReport:
    """Read a list as a folder is read; paths that are not absolute are those from its own folder on.

    Raises:
        MissingError: there is no such file, or no picture that it names.
        InputError: it is no table with columns path and label, a row lacks one of them, a split is called otherwise
            than splits are, a picture is named twice, or classes differ in their spelling alone.
    """
    if not path.exists():
        raise MissingError(f"no folder or list {path}")
    table = read_table(path, column=NAMED_BY)
    columns = {fold_column(name) for name in table.columns}
    if lacking := [name for name in (NAMED_BY, LABELLED_BY) if name not in columns]:
        raise InputError(f"{path} is a list without a column {lacking[0]}; found {', '.join(table.columns) or 'none'}")
    examples = tuple(_read_rows(path, table.rows))
    if not examples:
        raise InputError(f"{path} names no picture")
    _refuse_twice(path, examples)
    refuse_spellings((each.label for each in examples), what="classes", where=str(path))
    gone = [each.path for each in examples if not each.path.is_file()]
    if gone:
        raise MissingError(f"{path}: {len(gone)} of its {len(examples)} pictures are not there, the first {gone[0]}")
    return FolderReport(path, "a list of pictures", examples)


def _read_rows(path: Path, rows: Sequence[tuple[int, dict[str, str]]]) -> Iterator[Example]:
    for line, values in rows:
        where = f"{path}:{line}"
        row = {fold_column(name): value.strip() for name, value in values.items()}
        name, label, split = row.get(NAMED_BY, ""), row.get(LABELLED_BY, ""), row.get("split", "")
        if not name or is_no_label(label):
            raise InputError(f"{where}: a picture's path and its label are needed, got {name!r} and {label!r}")
        if split and split_of(split) is None:
            raise InputError(f"{where}: split: {split!r} is none; splits are called train, validation or test")
        label = tidy_name(read_words(label, name=LABELLED_BY, where=where))
        group = row.get("group", "") or name
        yield Example(path.parent / name, label, group, split=split_of(split) or "" if split else "", name=name)


def _refuse_twice(path: Path, examples: Sequence[Example]) -> None:
    seen = set[Path]()
    for each in examples:
        if each.path in seen:
            raise InputError(f"{path}: {each.name} is named twice")
        seen.add(each.path)
