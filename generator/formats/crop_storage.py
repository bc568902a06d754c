"""What a format of crops is: how the pictures of a data set are written and read, a shard at a time."""

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.crops.manifest import ManifestRow
from generator.crops.page import Crop, render_page
from generator.crops.recipe import SLOTS_A_PAGE, Recipe
from generator.formats.card import write_card
from generator.screens.rows import ScreenRow


@dataclass(frozen=True)
class CropFormat:
    """A way to store pictures. A shard holds those of `pages_a_shard` pages and is written whole or not at all.

    `write` gets the data set's folder, the shard's number and its pictures; `files` names what it then has written,
    given the shard's rows; `read` yields all crops that are there, in order. `render` makes a page's pictures and
    `row` is what the manifest says of each; it gets a running
    painter, and for screens a `Studio`. `finish` is called at the end with all rows and writes what goes beside
    the manifest. `package` is what must be installed beyond boxwright itself.
    """

    write: Callable[[Path, int, Sequence[Any]], None]
    files: Callable[[Path, int, Sequence[Any]], Iterable[Path]]
    read: Callable[[Path], Iterator[Any]]
    pages_a_shard: int
    finish: Callable[[Path, Iterable[Any]], None]
    slots_a_page: int = SLOTS_A_PAGE
    render: Callable[[Recipe, int, Any], Iterator[Any]] = render_page
    row: type[ManifestRow] | type[ScreenRow] = ManifestRow
    package: str = ""


DRAWN = ("theme", "layout", "window", "degradation")
"""Fields of a row that have fields of their own."""


def flatten_row(row: ManifestRow) -> dict[str, Any]:
    """Return a row's fields with JSON text for what was drawn: its fields may be empty, and readers want one type."""
    fields = {name: getattr(row, name) for name in ManifestRow.model_fields}
    return fields | {name: json.dumps(fields[name], ensure_ascii=False) for name in DRAWN}


def restore_row(values: Mapping[str, Any]) -> ManifestRow:
    """Return the row that was flattened; one that never was is taken as it is."""
    texts = {name: values[name] for name in DRAWN if isinstance(values.get(name), str)}
    return ManifestRow.model_validate({**values, **{name: json.loads(text) for name, text in texts.items()}})


def write_picture_files(out: Path, shard: int, crops: Sequence[Any]) -> None:
    """Write each picture into a file of its own, as its row names it."""
    for crop in crops:
        path = out / crop.row.file_name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(crop.png)


def picture_files(out: Path, shard: int, rows: Sequence[ManifestRow | ScreenRow]) -> Iterator[Path]:
    """Yield the files of `write_picture_files`."""
    for row in rows:
        yield out / row.file_name


def shard_files(ending: str) -> Callable[[Path, int, Sequence[ManifestRow]], list[Path]]:
    """Return what names the one file of a shard, by its number and this ending."""
    return lambda out, shard, rows: [out / f"{shard:06d}.{ending}"]


def finish_shards(read: Callable[[Path], Iterator[Crop]], ending: str) -> Callable[[Path, Iterable[ManifestRow]], None]:
    """Return what writes the card of a data set whose pictures `read` yields from files of this ending."""

    def pictures(out: Path, chosen: Sequence[ManifestRow]) -> list[bytes]:
        wanted = {row.index for row in chosen}
        found = {crop.row.index: crop.png for crop in read(out) if crop.row.index in wanted}
        return [found[row.index] for row in chosen]

    return lambda out, rows: write_card(
        out, rows, pictures=functools.partial(pictures, out), data_files=[f"*.{ending}"]
    )
