"""The rows of a classification: what stands in its table, whatever the format."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from base.settings import Settings
from model.running.any_model import AnyModel
from model.running.predict import BoxPx, PictureReading

HASH_DIGITS = 16
"""Of a SHA-256 in a table; 64 bits, so that among ten million contents two are taken for one once in 300,000 times."""

CellValue = str | float | int | None


@dataclass(frozen=True)
class ClassifiedRow:
    """A picture's row, rounded as it will be written; prediction and confidence are None where there is an error.

    `content` is the whole SHA-256, empty where the bytes could not be read. `file` is where the picture, or the copy
    that was made of it, lies on this machine.
    """

    path: str
    content: str
    prediction: str | None = None
    confidence: float | None = None
    probabilities: tuple[float, ...] = ()
    kind: str | None = None
    box: BoxPx | None = None
    size: tuple[int, int] | None = None
    error: str | None = None
    file: Path | None = None


@dataclass(frozen=True)
class Header:
    """What all rows share: the model's classes and fingerprint, and whether it tells kind and box."""

    classes: tuple[str, ...]
    fingerprint: str
    locates: bool

    @classmethod
    def of(cls, model: AnyModel) -> "Header":
        """Return the header of a model's rows."""
        return cls(model.classes, model.fingerprint, model.locates)

    @property
    def columns(self) -> dict[str, type]:
        """Return the names of the columns, in order, and what they hold; any cell can be empty."""
        before: dict[str, type] = {"path": str, "prediction": str, "confidence": float}
        after = {"kind": str, **dict.fromkeys(BOX, float)} if self.locates else {}
        after |= {"image_width_px": int, "image_height_px": int, "content_hash": str, "model": str, "error": str}
        taken = {*before, *after}
        named = [f"probability_{name}" if name in taken else name for name in self.classes]
        return {**before, **dict.fromkeys(named, float), **after}

    def cells(self, row: ClassifiedRow) -> list[CellValue]:
        """Return the cells of a row in the order of the columns."""
        located: list[CellValue] = [row.kind, *(row.box or [None] * len(BOX))] if self.locates else []
        return [
            *(row.path, row.prediction, row.confidence),
            *(row.probabilities or [None] * len(self.classes)),
            *located,
            *(row.size or (None, None)),
            *(row.content[:HASH_DIGITS] or None, self.fingerprint, row.error),
        ]


BOX = ("left_px", "top_px", "width_px", "height_px")


class RowFilter(Settings):
    """Which rows are meant: those of some classes, those less certain than something, or all.

    Rows of pictures that could not be read are among all only.
    """

    only: tuple[str, ...] = Field(default=(), description="classes")
    below: float | None = Field(default=None, gt=0, le=1, description="confidence")

    @property
    def is_all(self) -> bool:
        """Tell whether every row is meant."""
        return not self.only and self.below is None

    def takes(self, row: ClassifiedRow) -> bool:
        """Tell whether a row is meant."""
        if self.is_all:
            return True
        if row.prediction is None or row.confidence is None:
            return False
        return (not self.only or row.prediction in self.only) and (self.below is None or row.confidence < self.below)


def to_row(found: PictureReading, classes: tuple[str, ...]) -> ClassifiedRow:
    """Return the row of a picture: probabilities with four decimals, pixels of the box with one."""
    reading, name = found.reading, found.picture.name
    if reading.probabilities is None:
        return ClassifiedRow(name, found.content, error=reading.error or "cannot be read", file=found.picture.path)
    probabilities = tuple(round(value, 4) for value in reading.probabilities)
    best = max(range(len(classes)), key=reading.probabilities.__getitem__)
    return ClassifiedRow(
        path=name,
        content=found.content,
        prediction=classes[best],
        confidence=probabilities[best],
        probabilities=probabilities,
        kind=reading.kind,
        box=_rounded(reading.box),
        size=reading.size,
        file=found.picture.path,
    )


def _rounded(box: BoxPx | None) -> BoxPx | None:
    if box is None:
        return None
    left, top, width, height = (round(value, 1) for value in box)
    return left, top, width, height
