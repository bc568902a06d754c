"""The label format imagefolder: Hugging Face's class folders with a metadata file, for `datasets`."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from active.exchange.label_formats.csv_labels import read_csv_labels
from active.exchange.label_formats.jsonl_labels import QUOTED_PATH, read_jsonl_labels, write_jsonl_labels
from active.exchange.label_formats.label_rows import LabelFormat, LabelRow, UnusedRow
from base.errors import InputError, MissingError
from base.files import write_text

METADATA_FILES = ("metadata.jsonl", "metadata.csv")
REST_NAME = "rest.jsonl"


def _write_imagefolder(out: Path, rows: Sequence[LabelRow]) -> None:
    """Write a row a picture into the metadata, as the format wants it, and what is more into a file beside them."""
    own = list({row.file: row for row in rows if row.file and row.action == "label"}.values())
    text = "".join(json.dumps(_renamed(row.values())) + "\n" for row in own)
    write_text(out / METADATA_FILES[0], text)
    named = {id(row) for row in own}
    if rest := [row for row in rows if id(row) not in named]:
        write_jsonl_labels(out / REST_NAME, rest)


def _renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    named = {"file_name" if name == "file" else name: value for name, value in values.items()}
    if not str(named.get("path", "")).isprintable():  # bytes that are not UTF-8: `datasets` reads no such JSON
        named[QUOTED_PATH] = quote(os.fsencode(named.pop("path")))
    return named


def _read_imagefolder(source: Path) -> Iterator[LabelRow | UnusedRow]:
    jsonl, table = (source / name for name in METADATA_FILES)
    if jsonl.is_file() and table.is_file():
        raise InputError(f"{source} has {METADATA_FILES[0]} as well as {METADATA_FILES[1]}; keep one of them")
    if jsonl.is_file():
        yield from read_jsonl_labels(jsonl)
    elif table.is_file():
        yield from read_csv_labels(table)
    else:
        raise MissingError(
            f"no {METADATA_FILES[0]} or {METADATA_FILES[1]} in {source}; class folders are the format folders"
        )
    if (source / REST_NAME).is_file():
        yield from read_jsonl_labels(source / REST_NAME)


IMAGEFOLDER = LabelFormat(True, _write_imagefolder, _read_imagefolder, label_file=METADATA_FILES[0])
