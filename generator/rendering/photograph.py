"""Photographs of screens: their pictures, and where the page says that items and their labels lie."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.rendering.dress import refuse_lies
from generator.sampling.box import Box


@dataclass(frozen=True)
class PlacedLabel:
    """The words that belong to a widget, and where they are seen."""

    box: Box
    text: str


@dataclass(frozen=True)
class PlacedItem:
    """Where an item lies, in CSS pixels: what containers and the screen leave of it, and the share that is seen.

    `veiled` says that a shade lies over it.
    """

    box: Box
    visible: float
    veiled: bool
    label: PlacedLabel | None


@dataclass(frozen=True)
class Photograph:
    """PNG files of a screen: one a variant, and the last without any item; its size and its items, by number."""

    pictures: tuple[bytes, ...]
    bare: bytes
    size_px: tuple[float, float]
    items: Mapping[int, PlacedItem]


@dataclass(frozen=True)
class Places:
    """What the page says of a screen."""

    size_px: tuple[float, float]
    items: Mapping[int, PlacedItem]


def read_places(text: str) -> Places:
    """Read what place.js returns.

    Raises:
        TemplateError: a widget's state in the DOM differs from its label.
    """
    found = json.loads(text)
    refuse_lies(found["lies"])
    width, height = found["size"]
    return Places((width, height), {item["number"]: _placed_item(item) for item in found["items"]})


def _placed_item(item: Mapping[str, Any]) -> PlacedItem:
    given = item["label"]
    label = PlacedLabel(Box(*given["box"]), given["text"]) if given else None
    return PlacedItem(Box(*item["box"]), item["visible"], item["veiled"], label)
