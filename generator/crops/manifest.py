"""The manifest of a data set: one row a crop, as JSON lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from base.errors import InputError, MissingError
from base.settings import flatten

MANIFEST = "metadata.jsonl"


def with_text_rendering(row: object) -> object:
    """Return a row as it is written today: older ones tell only whether text was drawn in subpixels."""
    if not isinstance(row, dict) or "subpixel_text" not in row:
        return row
    rest = {name: value for name, value in row.items() if name != "subpixel_text"}
    return {"text_rendering": "subpixel" if row["subpixel_text"] else "smooth"} | rest


class ManifestRow(BaseModel):
    """One crop. `box` is the widget's x, y, width and height in the crop's pixels.

    Crops of one `group` show the same style and must not be split over training and test. `page` and `slot` tell
    where it was painted, `scale` how many device pixels a CSS pixel had, `browser` the version that painted it
    and `library` the packages whose widget it is, if any, with their versions. `text_rendering` is how text was drawn,
    empty where a toolkit drew it in a way of its own.
    `theme`, `params`, `layout`, `window` and `degradation` are what was drawn for it; `params` is JSON text, because
    each family has its own and columnar formats want one type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_name: str
    label: str
    family: str
    kind: str
    group: str
    box: tuple[float, float, float, float]
    width: int
    height: int
    index: int
    page: int
    slot: int
    scale: float
    text_rendering: str
    theme: dict[str, Any]
    params: str
    layout: dict[str, Any]
    window: dict[str, Any]
    degradation: dict[str, Any]
    library: str
    browser: str
    sha256: str

    _take_older = model_validator(mode="before")(with_text_rendering)

    def shown(self) -> Iterator[tuple[str, str]]:
        """Yield the label and the family of what is seen."""
        yield self.label, self.family


_Row = TypeVar("_Row", bound=BaseModel)


def read_manifest(folder: Path) -> Iterator[ManifestRow]:
    """Yield the rows of `folder`'s manifest of crops in order.

    Raises:
        MissingError: there is no manifest.
        InputError: a line is not a row; the message names file, line and field.
    """
    return read_rows(folder, ManifestRow)


def read_rows(folder: Path, row: type[_Row]) -> Iterator[_Row]:
    """Yield the rows of `folder`'s manifest in order, each a `row`.

    Raises:
        MissingError: there is no manifest.
        InputError: a line is not a row; the message names file, line and field.
    """
    path = folder / MANIFEST
    if not path.exists():
        raise MissingError(f"no {MANIFEST} in {folder}")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield row.model_validate_json(line)
            except ValidationError as error:
                raise InputError(flatten(error, f"{path}:{number}")) from error
