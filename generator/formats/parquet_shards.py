"""The data-set format parquet: tables with the pictures in them, as Hugging Face reads them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.files import atomic_open
from generator.crops.manifest import ManifestRow
from generator.crops.page import Crop
from generator.formats.crop_storage import CropFormat, finish_shards, flatten_row, restore_row, shard_files

if TYPE_CHECKING:
    import pyarrow as pa


def _write_parquet(out: Path, shard: int, crops: Sequence[Crop]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _parquet_schema()
    columns: dict[str, list[Any]] = {"image": [{"bytes": crop.png, "path": crop.row.file_name} for crop in crops]}
    rows = [flatten_row(crop.row) for crop in crops]
    columns |= {name: [row[name] for row in rows] for name in ManifestRow.model_fields}
    with atomic_open(out / f"{shard:06d}.parquet") as file:
        pq.write_table(pa.table(columns, schema=schema), file)


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
            yield Crop(restore_row(values), image["bytes"])


PARQUET_SHARDS = CropFormat(
    write=_write_parquet,
    files=shard_files("parquet"),
    read=_read_parquet,
    pages_a_shard=10,
    finish=finish_shards(_read_parquet, "parquet"),
    package="pyarrow",
)
