"""Labelled folders: one folder a class, optional metadata beside them, and splits that keep groups whole."""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from base.errors import InputError
from base.files import existing_folder
from base.seeds import rng_for
from base.settings import flatten
from model.reading.images import content_hash, list_folder

METADATA = "metadata.jsonl"
METADATA_CSV = "metadata.csv"


@dataclass(frozen=True)
class Example:
    """A labelled picture; examples of one `group` come from one original and never go to both sides of a split.

    `family` is what a generated crop was drawn from and `kind` the kind of its widget; two crops of one `pair` differ
    in the state alone. All three are empty for others. `box` is where that widget is, in pixels: left, top, width,
    height. `content` is the SHA-256 of the file's bytes where it was read before; who reads it again checks that.
    """

    path: Path
    label: str
    group: str
    family: str = ""
    kind: str = ""
    pair: str = ""
    box: tuple[float, float, float, float] | None = None
    content: str = ""

    def hash(self) -> str:
        """Return the SHA-256 of the file's bytes, which is read only where it is not known.

        Raises:
            ImageError: it cannot be read.
        """
        return self.content or content_hash(self.path)


class _Row(BaseModel):
    """The part of a metadata row that is read here; generators add what they like."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    file_name: str
    group: str | None = None
    family: str = ""
    kind: str = ""
    window: Any = None
    box: tuple[float, float, float, float] | None = None

    @property
    def pair(self) -> str:
        """Return what a counterfactual pair shares: style and window. Views of one style differ in the latter."""
        known = self.group is not None and self.window is not None
        return f"{self.group} {json.dumps(self.window, sort_keys=True)}" if known else ""


def read_examples(folder: Path, classes: Sequence[str] | None = None) -> list[Example]:
    """Return the pictures of `folder/<class>/**`, sorted by class and path.

    Args:
        folder: holds one folder a class; files beside them and hidden names are passed over.
        classes: the only class names allowed; any when None.

    Raises:
        MissingError: there is no such folder.
        InputError: it has no class folders, one is empty or not in `classes`, or the metadata is damaged.
    """
    existing_folder(folder)
    class_folders = sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))
    if not class_folders:
        raise InputError(f"no class folders in {folder}; expected one folder of pictures for each class")
    _refuse_unknown(folder, [child.name for child in class_folders], classes)
    rows = _read_rows(folder)
    return [example for child in class_folders for example in _read_class(child, rows)]


def _refuse_unknown(folder: Path, found: list[str], classes: Sequence[str] | None) -> None:
    unknown = [name for name in found if classes is not None and name not in classes]
    if unknown:
        raise InputError(
            f"{folder} has class folders that the model does not know: {', '.join(unknown)}; "
            f"the model's classes: {', '.join(classes or ())}"
        )


def _read_class(folder: Path, rows: dict[str, _Row]) -> list[Example]:
    paths = list_folder(folder)
    if not paths:
        raise InputError(f"no pictures in class folder {folder}; add some or remove the folder")
    names = [path.relative_to(folder.parent).as_posix() for path in paths]
    known = [rows.get(name) or _Row(file_name=name) for name in names]
    return [
        Example(path, folder.name, name if row.group is None else row.group, row.family, row.kind, row.pair, row.box)
        for path, name, row in zip(paths, names, known, strict=True)
    ]


def _read_rows(folder: Path) -> dict[str, _Row]:
    """Return the row of each file that metadata.jsonl or metadata.csv has one for; empty where there is neither."""
    lines, table = folder / METADATA, folder / METADATA_CSV
    if lines.exists() and table.exists():
        raise InputError(f"{folder} has {METADATA} as well as {METADATA_CSV}; keep one of them")
    if table.exists():
        return {row.file_name: row for row in _read_table(table)}
    return {row.file_name: row for row in _read_lines(lines)} if lines.exists() else {}


def _read_lines(path: Path) -> Iterator[_Row]:
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield _Row.model_validate_json(line)
        except ValidationError as error:
            raise InputError(flatten(error, f"{path}:{number}")) from error


def _read_table(path: Path) -> Iterator[_Row]:
    text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    for number, cells in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2):
        try:
            # An empty cell says nothing: the picture is in no group rather than in one with all others like it.
            yield _Row.model_validate({name: cell for name, cell in cells.items() if name and cell})
        except ValidationError as error:
            raise InputError(flatten(error, f"{path}:{number}")) from error


def split_by_group(examples: Sequence[Example], *, share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Return (kept, held out), about `share` of every label held out, no group on both sides, order kept.

    Groups are visited in an order drawn from `seed`; one is held out when that brings the label counts nearer to
    their targets. A side can stay empty when there are very few groups.
    """
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        groups[example.group][example.label] += 1
    missing = {label: share * count for label, count in Counter(example.label for example in examples).items()}
    order = sorted(groups)
    rng_for(seed, "split").shuffle(order)
    held_out = set()
    for group in order:
        gain = sum(abs(missing[label]) - abs(missing[label] - count) for label, count in groups[group].items())
        if gain > 0:
            held_out.add(group)
            for label, count in groups[group].items():
                missing[label] -= count
    kept = [example for example in examples if example.group not in held_out]
    return kept, [example for example in examples if example.group in held_out]
