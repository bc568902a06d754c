"""A data-set format: zip files of pictures with their rows."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from boxwright import Crop, CropFormat, ManifestRow, finish_shards, shard_files


def write_zip(out: Path, shard: int, crops: Sequence[Crop]) -> None:
    """Write a shard's crops, without the time, so that the same crops give the same bytes."""
    with zipfile.ZipFile(out / f"{shard:06d}.zip", "w") as archive:
        for crop in crops:
            archive.writestr(zipfile.ZipInfo(f"{crop.row.index:07d}.png"), crop.png)
            archive.writestr(zipfile.ZipInfo(f"{crop.row.index:07d}.json"), crop.row.model_dump_json())


def read_zip(out: Path) -> Iterator[Crop]:
    """Yield the crops of all shards, in order."""
    for path in sorted(out.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in (name for name in archive.namelist() if name.endswith(".json")):
                row = ManifestRow.model_validate_json(archive.read(name))
                yield Crop(row, archive.read(name.replace(".json", ".png")))


ZIP = CropFormat(
    write=write_zip, files=shard_files("zip"), read=read_zip, pages_a_shard=10, finish=finish_shards(read_zip, "zip")
)
