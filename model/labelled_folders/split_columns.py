"""Splits that stand in a column of the metadata, and not in the names of folders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from base.counting import counted
from base.errors import InputError
from base.split_words import SPLIT_WORDS, split_of
from base.tabular.rival_columns import SPLIT_LIKE
from model.labelled_folders.metadata_values import MetadataRow


@dataclass(frozen=True)
class ColumnSplits:
    """The split of each picture that a column puts in one, by name, the words for each split, and what to say of it."""

    splits: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    remarks: tuple[str, ...]


def find_column_splits(folder: Path, rows: Mapping[str, MetadataRow]) -> ColumnSplits:
    """Return the splits by the columns whose values are all names of splits; other columns are named.

    Raises:
        InputError: two such columns put a picture in two splits.
    """
    columns: dict[str, dict[str, str]] = {}
    for name, row in rows.items():
        for column in SPLIT_LIKE & row.others.keys():
            columns.setdefault(column, {})[name] = row.others[column]
    used = {column: values for column, values in sorted(columns.items()) if all(map(split_of, values.values()))}
    splits: dict[str, str] = {}
    for values in used.values():
        for name, word in values.items():
            split = split_of(word) or ""
            if splits.setdefault(name, split) != split:
                both = " and ".join(f"{other} ({values[name]!r})" for other, values in used.items() if name in values)
                raise InputError(f"{folder}: {name} is in two splits by columns {both} of its metadata; keep one")
    words: dict[str, set[str]] = {}
    for values in used.values():
        for word in values.values():
            words.setdefault(split_of(word) or "", set()).add(word.strip())
    remarks = tuple(_remarks(columns, used))
    return ColumnSplits(splits, {split: tuple(sorted(found)) for split, found in words.items()}, remarks)


def _remarks(columns: Mapping[str, Mapping[str, str]], used: Mapping[str, object]) -> Iterator[str]:
    if used:
        yield f"splits are those of {' and '.join(f'column {name!r}' for name in used)} of the metadata"
    for column in sorted(columns.keys() - used.keys()):
        odd = dict.fromkeys(value for value in columns[column].values() if not split_of(value))
        shown = ", ".join(map(repr, list(odd)[:3])) + (", …" if len(odd) > 3 else "")
        yield (
            f"column {column!r} of the metadata is not used: {counted(len(odd), 'value names', 'values name')} no "
            f"split ({shown}), and splits are called {', '.join(SPLIT_WORDS)}"
        )


def merge_splits(folder: Path, placed: Mapping[str, str], found: ColumnSplits) -> dict[str, str]:
    """Return the split of each picture by name, given the split that it lies in, empty for none.

    Raises:
        InputError: a picture lies in another split than the column says.
    """
    torn = [(name, own) for name, own in placed.items() if own and found.splits.get(name, own) != own]
    if torn:
        name, own = torn[0]
        raise InputError(
            f"{folder}: {counted(len(torn), 'picture lies', 'pictures lie')} in another split than the metadata says, "
            f"as {name}, which lies in {own} and is {found.splits[name]} there; keep one of the two"
        )
    return {name: own or found.splits.get(name, "") for name, own in placed.items()}
