"""The label format folders: pictures in a folder a class, and a table of all that was said beside them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from active.exchange.label_formats.csv_labels import read_csv_labels, write_csv_labels
from active.exchange.label_formats.label_rows import LabelFormat, LabelRow, UnusedRow
from base.counting import counted
from base.errors import InputError
from base.notes import take_note
from model.labelled_folders.folder_listing import list_everything
from model.labelled_folders.label_table_doubts import check_label_table
from model.labelled_folders.naming_files import LABELS_CSV
from model.reading.images import content_hash
from model.reading.listing import list_folder
from model.reading.remarks import PASSED_OVER, Remarks

CSV_NAME = LABELS_CSV


def _write_folders(out: Path, rows: Sequence[LabelRow]) -> None:
    write_csv_labels(out / CSV_NAME, rows)


def _read_folders(source: Path) -> Iterator[LabelRow | UnusedRow]:
    if (source / CSV_NAME).is_file():
        rows = list(read_csv_labels(source / CSV_NAME))
        _refuse_moved([row for row in rows if isinstance(row, LabelRow)], source)
        for _ in check_label_table(source, list_everything(source).pictures):
            pass  # what it says is taken in, and rows without a picture are counted with the rest
        yield from rows
        return
    from model.labelled_folders.folders import read_examples

    for example in read_examples(source):
        if example.name:
            raise InputError(f"{source} holds shards, whose pictures are no files; unpack them into class folders")
        yield LabelRow(file=example.path.relative_to(source).as_posix(), action="label", label=example.label)


def _refuse_moved(rows: Sequence[LabelRow], source: Path) -> None:
    """Refuse copies that were moved to another class while their rows stayed: which of the two is meant nobody knows.

    Raises:
        InputError: with the copy and what its row says.
    """
    gone = {row.sha256: row for row in rows if row.file and row.sha256 and not (source / row.file).exists()}
    if not gone:
        return
    for path in list_folder(source, passed=Remarks(PASSED_OVER)):
        row = gone.get(content_hash(path))
        if row is not None and path.relative_to(source).parts[0] != row.label:
            raise InputError(
                f"{source}: {path.relative_to(source).as_posix()} is {row.label} by {CSV_NAME}, as {row.file}; "
                f"change the label there, or delete {CSV_NAME} and all is labelled as its folder is called"
            )
    first = next(iter(gone.values()))
    missing = counted(len(gone), f"copy that {CSV_NAME} names is", f"copies that {CSV_NAME} names are")
    take_note(f"{source}: {missing} not there, as {first.file}; what the rows say counts")


CLASS_FOLDERS = LabelFormat(True, _write_folders, _read_folders)
