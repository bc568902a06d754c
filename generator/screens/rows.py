"""Rows: what the manifest says of a screen, and of each widget on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from generator.crops.manifest import with_text_rendering

PixelBox = tuple[float, float, float, float]
"""x, y, width and height in the picture's pixels."""


class Objects(BaseModel):
    """A screen's widgets, a list a field; what earlier versions did not write is empty.

    A box is that of the indicator: the square, circle or track, without words. `label` is the text beside it and
    `label_bbox` where that is seen; `visible` the share of the indicator that is. What is `ignored` is too little of a
    widget to be asked for, or lies in a dialog's shade.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bbox: list[PixelBox]
    category: list[str]
    kind: list[str]
    state: list[str]
    family: list[str]
    enabled: list[bool] = []
    label: list[str] = []
    label_bbox: list[PixelBox | None] = []
    visible: list[float] = []
    ignored: list[bool] = []


class ScreenRow(BaseModel):
    """One screenshot; the names of its fields are those that detection data sets of Hugging Face have.

    `layout` is what it was composed after, `scale` how many device pixels a CSS pixel had, `cut` the part of the screen
    that is shown, in shares of it. What is not known of a screen of an earlier version is empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_name: str
    width: int
    height: int
    index: int
    scale: float
    theme: dict[str, Any]
    objects: Objects
    browser: str
    sha256: str
    layout: str = ""
    text_rendering: str = "smooth"
    scrolled: float = 0.0
    cut: dict[str, float] = {}
    degradation: dict[str, Any] = {}

    _take_older = model_validator(mode="before")(with_text_rendering)

    def shown(self) -> Iterator[tuple[str, str]]:
        """Yield state and family of each widget, those aside that are ignored."""
        objects = self.objects
        ignored = objects.ignored or [False] * len(objects.bbox)
        for state, family, left_out in zip(objects.state, objects.family, ignored, strict=True):
            if not left_out:
                yield state, family


@dataclass(frozen=True)
class Screenshot:
    """A finished screenshot: its manifest row and its PNG file."""

    row: ScreenRow
    png: bytes
