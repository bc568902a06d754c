"""The data-set format webdataset: tar shards as WebDataset reads them, three files a crop."""

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from base.files import atomic_open
from generator.crops.page import Crop
from generator.formats.crop_storage import CropFormat, finish_shards, flatten_row, restore_row, shard_files


def _write_tar(out: Path, shard: int, crops: Sequence[Crop]) -> None:
    with (
        atomic_open(out / f"{shard:06d}.tar") as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for crop in crops:
            row = crop.row
            flat = json.dumps(flatten_row(row), ensure_ascii=False)
            members = {"png": crop.png, "txt": row.label.encode(), "json": flat.encode()}
            for ending, content in members.items():
                # Neither time nor owner: the same crops must give the same bytes.
                member = tarfile.TarInfo(f"{row.index:07d}.{ending}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))


def _read_tar(out: Path) -> Iterator[Crop]:
    for path in sorted(out.glob("*.tar")):
        with tarfile.open(path) as tar:
            contents = {member.name: tar.extractfile(member) for member in tar}
            for name, content in contents.items():
                picture = contents.get(name.removesuffix(".json") + ".png")
                if name.endswith(".json") and content and picture:
                    yield Crop(restore_row(json.loads(content.read())), picture.read())


WEBDATASET_SHARDS = CropFormat(
    write=_write_tar,
    files=shard_files("tar"),
    read=_read_tar,
    pages_a_shard=10,
    finish=finish_shards(_read_tar, "tar"),
)
