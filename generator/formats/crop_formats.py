"""Formats: how the crops of a data set lie on disk. The manifest beside them is the same for all."""

import functools
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.files import atomic_open
from base.notes import take_note
from generator.crops.manifest import MANIFEST, ManifestRow, read_manifest
from generator.crops.page import Crop, render_page
from generator.crops.recipe import SLOTS_A_PAGE, Recipe
from generator.crops.screens import ScreenRow, Screenshot, render_screen
from generator.formats.card import write_card
from generator.formats.coco import finish_screens
from generator.formats.dataset_json import read_description
from generator.rendering.studio import Studio

if TYPE_CHECKING:
    import pyarrow as pa

DRAWN = ("theme", "layout", "window", "degradation")
"""Fields of a row that have fields of their own."""


@dataclass(frozen=True)
class CropFormat:
    """A way to store pictures. A shard holds those of `pages_a_shard` pages and is written whole or not at all.

    `write` gets the data set's folder, the shard's number and its pictures; `files` names what it then has written,
    given the shard's rows; `read` yields all crops that are there, in order. `render` makes a page's pictures and
    `row` is what the manifest says of each. `finish` is called at the end with all rows and writes what goes beside
    the manifest. `package` is what must be installed beyond boxwright itself.
    """

    write: Callable[[Path, int, Sequence[Any]], None]
    files: Callable[[Path, int, Sequence[Any]], Iterable[Path]]
    read: Callable[[Path], Iterator[Any]]
    pages_a_shard: int
    finish: Callable[[Path, Iterable[Any]], None]
    slots_a_page: int = SLOTS_A_PAGE
    render: Callable[[Recipe, int, Studio], Iterator[Any]] = render_page
    row: type[ManifestRow] | type[ScreenRow] = ManifestRow
    package: str = ""


def _write_folder(out: Path, shard: int, crops: Sequence[Crop]) -> None:
    for crop in crops:
        path = out / crop.row.file_name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(crop.png)


def _files_of_rows(out: Path, shard: int, rows: Sequence[ManifestRow | ScreenRow]) -> Iterator[Path]:
    for row in rows:
        yield out / row.file_name


def _shard_file(ending: str) -> Callable[[Path, int, Sequence[ManifestRow]], list[Path]]:
    return lambda out, shard, rows: [out / f"{shard:06d}.{ending}"]


def _read_folder(out: Path) -> Iterator[Crop]:
    lost = list[str]()
    for row in read_manifest(out):
        path = out / row.file_name
        if path.exists():
            yield Crop(row, path.read_bytes())
        else:
            lost.append(row.file_name)
    if lost:
        take_note(f"{out}: {len(lost)} rows of {MANIFEST} without a picture, as {lost[0]}")


def _write_tar(out: Path, shard: int, crops: Sequence[Crop]) -> None:
    with (
        atomic_open(out / f"{shard:06d}.tar") as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for crop in crops:
            row = crop.row
            flat = {name: _flat(getattr(row, name)) for name in ManifestRow.model_fields}
            json_row = json.dumps(flat, ensure_ascii=False).encode()
            members = {"png": crop.png, "txt": row.label.encode(), "json": json_row}
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
                    yield Crop(_unflat(json.loads(content.read())), picture.read())


def _write_parquet(out: Path, shard: int, crops: Sequence[Crop]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _parquet_schema()
    columns: dict[str, list[Any]] = {"image": [{"bytes": crop.png, "path": crop.row.file_name} for crop in crops]}
    for name in ManifestRow.model_fields:
        columns[name] = [_flat(getattr(crop.row, name)) for crop in crops]
    with atomic_open(out / f"{shard:06d}.parquet") as file:
        pq.write_table(pa.table(columns, schema=schema), file)


def _flat(value: object) -> object:
    """Return what a column of one type can hold: drawn values are JSON text, because their fields may be empty."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _unflat(values: dict[str, Any]) -> ManifestRow:
    """Return the row of flat values; shards that were written before their rows were flat are read too."""
    texts = {name: values[name] for name in DRAWN if isinstance(values.get(name), str)}
    return ManifestRow.model_validate(values | {name: json.loads(text) for name, text in texts.items()})


def _parquet_schema() -> "pa.Schema":
    """Return the columns' types, with the note by which `datasets` knows that `image` holds pictures."""
    import pyarrow as pa

    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    features: dict[str, Any] = {"image": {"_type": "Image"}}
    fields = [pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())]))]
    for name, field in ManifestRow.model_fields.items():
        if name == "box":
            fields.append(pa.field(name, pa.list_(pa.float64())))
            features[name] = {"_type": "Sequence", "feature": {"_type": "Value", "dtype": "float64"}}
            continue
        kind = types.get(field.annotation, pa.string()) if isinstance(field.annotation, type) else pa.string()
        fields.append(pa.field(name, kind))
        features[name] = {"_type": "Value", "dtype": {"double": "float64"}.get(str(kind), str(kind))}
    note = json.dumps({"info": {"features": features}})
    return pa.schema(fields, metadata={"huggingface": note})


def _read_parquet(out: Path) -> Iterator[Crop]:
    import pyarrow.parquet as pq

    for path in sorted(out.glob("*.parquet")):
        for values in pq.read_table(path).to_pylist():
            image = values.pop("image")
            yield Crop(_unflat(values), image["bytes"])


def _read_screens(out: Path) -> Iterator[Screenshot]:
    with (out / MANIFEST).open(encoding="utf-8") as lines:
        for line in lines:
            row = ScreenRow.model_validate_json(line)
            yield Screenshot(row, (out / row.file_name).read_bytes())


def _finish_folder(out: Path, rows: Iterable[ManifestRow]) -> None:
    write_card(out, rows, pictures=lambda chosen: [(out / row.file_name).read_bytes() for row in chosen])


def _finish_shards(read: Callable[[Path], Iterator[Crop]]) -> Callable[[Path, Iterable[ManifestRow]], None]:
    def pictures(out: Path, chosen: Sequence[ManifestRow]) -> list[bytes]:
        wanted = {row.index for row in chosen}
        found = {crop.row.index: crop.png for crop in read(out) if crop.row.index in wanted}
        return [found[row.index] for row in chosen]

    return lambda out, rows: write_card(out, rows, pictures=functools.partial(pictures, out))


CROP_FORMATS: dict[str, CropFormat] = {
    "folder": CropFormat(
        write=_write_folder, files=_files_of_rows, read=_read_folder, pages_a_shard=1, finish=_finish_folder
    ),
    "webdataset": CropFormat(
        write=_write_tar,
        files=_shard_file("tar"),
        read=_read_tar,
        pages_a_shard=10,
        finish=_finish_shards(_read_tar),
    ),
    "parquet": CropFormat(
        write=_write_parquet,
        files=_shard_file("parquet"),
        read=_read_parquet,
        pages_a_shard=10,
        finish=_finish_shards(_read_parquet),
        package="pyarrow",
    ),
    "coco": CropFormat(
        write=_write_folder,
        files=_files_of_rows,
        read=_read_screens,
        pages_a_shard=10,
        finish=finish_screens,
        slots_a_page=1,
        render=render_screen,
        row=ScreenRow,
    ),
}
"""Class folders; tar shards as WebDataset reads them; Parquet with the pictures in it, as Hugging Face reads it; and
whole screenshots with the boxes of their widgets as COCO."""


def read_crops(folder: Path) -> Iterator[Any]:
    """Yield a data set's crops (or, of coco, screenshots) with their rows, whatever its format.

    Raises:
        MissingError: there is no dataset.json.
        InputError: it is damaged.
    """
    return CROP_FORMATS[read_description(folder).format].read(folder)
