"""The samples of tar shards and of Parquet tables: a picture each, and what is said of it."""

import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from base.errors import ImageError, InputError, first_line
from base.tabular.rival_columns import LABEL_LIKE, SPLIT_LIKE
from base.tabular.tables import fold_column
from model.decoding.picture_formats import ending_of_content
from model.labelled_folders.folder_listing import NO_PICTURE
from model.labelled_folders.metadata_values import FILE_NAMES, KNOWN, READ, MetadataRow, parse_metadata
from model.reading.parquet_columns import ROWS_A_BATCH, check_table, import_pyarrow, parquet_pictures
from model.reading.picture_reference import PictureReference
from model.reading.remarks import PASSED_OVER, Remarks
from model.reading.tar_members import open_tar
from model.reading.tar_shards import DAMAGED_TAR

IMAGE = "image"
"""The column that Hugging Face's `datasets` calls pictures by."""

TABLE_COLUMNS = frozenset({*READ, "action"}) | LABEL_LIKE | SPLIT_LIKE
"""The columns of a table that are read, beside the picture."""


@dataclass(frozen=True)
class PackedSample:
    """A sample by its name; where `reason` is not empty it is no picture, and the reason says why."""

    name: str
    content: bytes
    row: MetadataRow
    reason: str = ""


def read_tar_samples(folder: Path, shard: str) -> Iterator[PackedSample]:
    """Yield the samples of a tar shard as WebDataset has them: members that share a name up to its first dot.

    The label is that of the `.json`, the text of the `.txt` or the number in the `.cls`.

    Raises:
        InputError: the shard is damaged, or a sample has two pictures or two labels.
    """
    place = folder / shard
    try:
        with place.open("rb") as file, open_tar(file) as (tar, found):
            for key, members in groupby(_parts(tar, found), key=itemgetter(0)):
                parts = {ending: content for _, ending, content in members}
                yield _to_sample(f"{place}: {key}", f"{shard}/{key}", parts)
    except DAMAGED_TAR as error:
        raise InputError(f"{place}: is not a sound tar file ({first_line(error, most=80)})") from error


def _parts(tar: tarfile.TarFile, members: Iterator[tarfile.TarInfo]) -> Iterator[tuple[str, str, bytes]]:
    for member in members:
        file = tar.extractfile(member) if member.isfile() else None
        if file is not None:
            parent, slash, name = member.name.rpartition("/")
            key, _, ending = name.partition(".")
            yield f"{parent}{slash}{key}", ending.lower(), file.read()


def _to_sample(where: str, name: str, parts: Mapping[str, bytes]) -> PackedSample:
    pictures = [ending for ending, content in parts.items() if ending_of_content(content)]
    if len(pictures) > 1:
        raise InputError(f"{where}: two pictures in one sample, {' and '.join(pictures)}; keep one of them")
    said = _json(where, parts["json"]) if "json" in parts else {}
    labels = [str(said["label"])] if said.get("label") is not None else []
    labels += [parts[ending].decode("utf-8", "replace").strip() for ending in ("txt", "cls") if ending in parts]
    if len(set(labels)) > 1:
        raise InputError(f"{where}: two labels, {' and '.join(map(repr, dict.fromkeys(labels)))}; keep one of them")
    said = {key: value for key, value in said.items() if key not in FILE_NAMES[1:]}  # may name what it was made from
    values = {"file_name": name} | said | ({"label": labels[0]} if labels else {})
    row = parse_metadata(values, where)
    if not pictures:
        return PackedSample(name, b"", row, NO_PICTURE)
    return PackedSample(row.file_name, parts[pictures[0]], row)


def _json(where: str, content: bytes) -> dict[str, Any]:
    try:
        values = json.loads(content)
    except ValueError as error:
        raise InputError(f"{where}: its .json is damaged ({error})") from error
    return values if isinstance(values, dict) else {}


def read_table_samples(folder: Path, shard: str) -> Iterator[PackedSample]:
    """Yield the rows of a Parquet table with a column of pictures; numbers are labels by the names that it keeps.

    Raises:
        InputError: it is damaged, pyarrow is missing, or no column or more than one could be the pictures.
    """
    place = folder / shard

    def opener() -> BinaryIO:
        return place.open("rb")

    arrow = import_pyarrow(str(place))
    with opener() as file:
        try:
            table = arrow.parquet.ParquetFile(file)
        except arrow.ArrowException as error:
            raise InputError(f"{place}: is not a sound Parquet file ({first_line(error, most=80)})") from error
        columns = table.schema_arrow.names
        check_table(str(place), opener, IMAGE if IMAGE in columns else "")
        pictures = parquet_pictures(str(place), opener, IMAGE if IMAGE in columns else "", Remarks(PASSED_OVER))
        rows = _named_rows(table, [name for name in columns if fold_column(name) in TABLE_COLUMNS])
        # A column of bytes is the pictures, whatever it is called.
        kinds = {field.name: str(field.type) for field in table.schema_arrow}
        rest = tuple(name for name in columns if fold_column(name) not in KNOWN and "binary" not in kinds[name])
        for number, (picture, values) in enumerate(zip(pictures, rows, strict=True)):
            row = parse_metadata({"file_name": f"{shard}/{number:06}"} | values, f"{place}: row {number}")
            yield _to_readable(picture, row if row.is_meant else row.model_copy(update={"unread": rest}))


def _to_readable(picture: PictureReference, row: MetadataRow) -> PackedSample:
    try:
        content = picture.read()
    except ImageError as error:
        return PackedSample(row.file_name, b"", row, str(error))
    return PackedSample(row.file_name, content, row, "" if ending_of_content(content) else NO_PICTURE)


def _named_rows(table: Any, columns: list[str]) -> Iterable[dict[str, Any]]:  # noqa: ANN401  pyarrow has no types
    names = _class_names(table.schema_arrow.metadata or {})
    if not columns:
        yield from ({} for _ in range(table.metadata.num_rows))
    for batch in table.iter_batches(batch_size=ROWS_A_BATCH, columns=columns) if columns else ():
        for values in batch.to_pylist():
            given = {name: value for name, value in values.items() if value is not None}
            if isinstance(label := given.get("label"), int) and names:
                given["label"] = names[label] if 0 <= label < len(names) else None
                given["action"] = "label"  # a name in the list of classes is one, whatever it says
            yield given


def _class_names(notes: Mapping[bytes, bytes]) -> list[str]:
    """Return the names of the classes, where `datasets` has written them into the schema."""
    try:
        names = json.loads(notes[b"huggingface"])["info"]["features"]["label"]["names"]
    except (KeyError, TypeError, ValueError):
        return []
    return names if isinstance(names, list) else []
