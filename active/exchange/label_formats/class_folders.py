"""The label format folders: pictures in a folder a class, and a table of all that was said beside them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from active.exchange.label_formats.csv_labels import read_csv_labels, write_csv_labels
from active.exchange.label_formats.label_rows import LabelFormat, LabelRow
from base.errors import InputError

CSV_NAME = "labels.csv"


def _write_folders(out: Path, rows: Sequence[LabelRow]) -> None:
    write_csv_labels(out / CSV_NAME, rows)


def _read_folders(source: Path) -> Iterator[LabelRow]:
    if (source / CSV_NAME).is_file():
        yield from read_csv_labels(source / CSV_NAME)
        return
    from model.reading.folders import read_examples

    for example in read_examples(source):
        if example.name:
            raise InputError(f"{source} holds shards, whose pictures are no files; unpack them into class folders")
        yield LabelRow(file=example.path.relative_to(source).as_posix(), label=example.label)


CLASS_FOLDERS = LabelFormat(True, _write_folders, _read_folders)
