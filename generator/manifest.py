"""The manifest of a data set: one row a crop, as JSON lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from generator.errors import InputError, MissingError
from generator.settings import flatten

MANIFEST = "metadata.jsonl"


class Row(BaseModel):
    """One crop. `box` is the widget's x, y, width and height in the crop's pixels; `spec` is the drawn cell.

    `page` and `slot` tell where it was painted and `scale` how many device pixels a CSS pixel had, so that
    the same page, and with it the same crop, can be rendered again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_name: str
    label: str
    group: str
    family: str
    kind: str
    box: tuple[float, float, float, float]
    width: int
    height: int
    index: int
    page: int
    slot: int
    scale: float
    sha256: str
    spec: dict[str, Any]


def read_manifest(folder: Path) -> Iterator[Row]:
    """Yield the rows of `folder`'s manifest in order.

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
                yield Row.model_validate_json(line)
            except ValidationError as error:
                raise InputError(flatten(error, f"{path}:{number}")) from error
