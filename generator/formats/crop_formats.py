"""The catalogue of data-set formats, by the names that `generate --format` takes. It loads none of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.plugins import PluginCatalogue, is_a

if TYPE_CHECKING:
    from generator.formats.crop_storage import CropFormat

CROP_FORMATS: "PluginCatalogue[CropFormat]" = PluginCatalogue(
    "format",
    {
        "folder": "generator.formats.class_folder_crops:CLASS_FOLDER_CROPS",
        "webdataset": "generator.formats.webdataset_shards:WEBDATASET_SHARDS",
        "parquet": "generator.formats.parquet_shards:PARQUET_SHARDS",
        "coco": "generator.formats.coco_screens:COCO_SCREENS",
    },
    group="boxwright.dataset_formats",
    check=is_a("boxwright:CropFormat"),
)


def read_crops(folder: Path) -> Iterator[Any]:
    """Yield a data set's crops (or, of coco, screenshots) with their rows, whatever its format.

    Raises:
        MissingError: there is no dataset.json.
        InputError: it is damaged, or what its format came with is not installed.
    """
    from generator.formats.dataset_json import read_description  # here, because the names alone need no browser

    return CROP_FORMATS.choose(read_description(folder).format).read(folder)
