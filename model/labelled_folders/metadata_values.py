"""What a row of metadata says of a picture, however programs name its columns and write what is missing."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from base.errors import InputError
from base.file_texts import read_words
from base.spelling import tidy_name
from base.tabular.missing_values import is_missing, is_no_label
from base.tabular.rival_columns import LABEL_LIKE, PICTURE_LIKE, SPLIT_LIKE
from base.tabular.row_faults import describe_row_faults
from base.tabular.tables import fold_column

FILE_NAMES = ("file_name", "filename", "file")
"""What the column of the picture's name may be called."""

WORDS = ("label", "group", "family", "kind")
READ = ("file_name", *WORDS, "window", "box")
RIVALS = LABEL_LIKE | PICTURE_LIKE | SPLIT_LIKE
KNOWN = frozenset({*FILE_NAMES, *READ, *RIVALS, "action"})

EXPECTED_VALUES: Mapping[str, str] = {
    "file_name": "the name of a picture",
    "box": "four numbers: left, top, width and height",
    **dict.fromkeys(WORDS, "a text or a number"),
}
"""What each column holds, for messages."""


class MetadataRow(BaseModel):
    """The part of a metadata row that is read here; generators add what they like.

    `no_label` and `no_group` are what stands there for no label or group: a word as nan, or nothing in a column that
    is there. `others` are the columns that could be a label, a picture or a split too, by name; `unread` are further
    columns that say something. A row `is_meant` that boxwright wrote: what looks like no label is one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    file_name: str
    label: str | None = None
    group: str | None = None
    family: str = ""
    kind: str = ""
    window: Any = None
    box: tuple[float, float, float, float] | None = None
    no_label: str | None = None
    no_group: str | None = None
    others: Mapping[str, str] = {}
    unread: tuple[str, ...] = ()
    is_meant: bool = False

    @property
    def pair(self) -> str:
        """Return what a counterfactual pair shares: style and window. Views of one style differ in the latter."""
        known = self.group is not None and self.window is not None
        return f"{self.group} {json.dumps(self.window, sort_keys=True)}" if known else ""


def parse_metadata(values: Mapping[str, Any], where: str) -> MetadataRow:
    """Return the row of values as a file holds them, names without blanks around them.

    A label or group for which a program wrote that there is none counts as missing, unless the row has a family or
    action `label`: what boxwright writes means what it says.

    Raises:
        InputError: a value is not what its column holds, or two columns name different pictures.
    """
    given = _fold_columns(values, where)
    given |= _words(given, where)
    meant = bool(given.get("family")) or given.get("action") == "label"
    row: dict[str, Any] = _file_name(given, where)
    row |= {name: given[name] for name in READ[1:] if given.get(name) not in (None, "")}
    for name in ("label", "group"):
        none = is_no_label if name == "label" else is_missing
        if name in given and none(given[name]) and not (meant and name in row):
            row[f"no_{name}"] = str(row.pop(name, ""))
    others = {name: str(given[name]).strip() for name in sorted(RIVALS & given.keys()) if _is_plain(given[name])}
    row |= {"others": others, "is_meant": meant, "unread": () if meant else _unread(given)}
    try:
        return MetadataRow.model_validate(row)
    except ValidationError as error:
        raise InputError(describe_row_faults(error, where, EXPECTED_VALUES)) from error


def _words(given: Mapping[str, Any], where: str) -> dict[str, str]:
    texts = ((name, given.get(name)) for name in WORDS)
    return {name: tidy_name(read_words(text, name=name, where=where)) for name, text in texts if isinstance(text, str)}


def _unread(given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in given.items() if name not in KNOWN and not is_missing(value))


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not is_missing(value)


def _fold_columns(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for written, value in values.items():
        name = fold_column(written)
        if name in given and given[name] != value:
            raise InputError(f"{where}: {name} is given twice, as {given[name]!r} and {value!r}; keep one")
        given[name] = value
    return given


def _file_name(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the file's name, by the name that it has here; empty where there is none."""
    named = {name: given[name] for name in FILE_NAMES if given.get(name) not in (None, "")}
    if len({*map(str, named.values())}) > 1:
        said = " and ".join(f"{name} ({value!r})" for name, value in named.items())
        raise InputError(f"{where}: {said} name different files; keep one of the columns")
    return {"file_name": next(iter(named.values()))} if named else {}
