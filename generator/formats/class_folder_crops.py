"""The data-set format folder: a file a crop, in a folder a class."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from base.counting import counted
from base.notes import take_note
from generator.crops.manifest import MANIFEST, ManifestRow, read_manifest
from generator.crops.page import Crop
from generator.formats.card import write_card
from generator.formats.crop_storage import CropFormat, picture_files, write_picture_files


def _read_folder(out: Path) -> Iterator[Crop]:
    lost = list[str]()
    for row in read_manifest(out):
        path = out / row.file_name
        if path.exists():
            yield Crop(row, path.read_bytes())
        else:
            lost.append(row.file_name)
    if lost:
        take_note(f"{out}: {counted(len(lost), 'row')} of {MANIFEST} without a picture, as {lost[0]}")


def _finish_folder(out: Path, rows: Iterable[ManifestRow]) -> None:
    write_card(out, rows, pictures=lambda chosen: [(out / row.file_name).read_bytes() for row in chosen])


CLASS_FOLDER_CROPS = CropFormat(
    write=write_picture_files, files=picture_files, read=_read_folder, pages_a_shard=1, finish=_finish_folder
)
