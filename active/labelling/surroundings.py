"""The screenshot around a crop, where the crop's folder knows of it."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from base.errors import ImageError
from base.file_texts import read_file_text
from model.reading.images import decode_image
from model.running.readings import BoxPx

SCREENSHOT_ROWS = "metadata.jsonl"

FOLDERS_ABOVE = 3
"""A crop's metadata lie beside it, or above its class and kind folders."""

SURROUNDINGS = (160, None)
"""How far around a crop is shown, one after the other, in pixels; None: the whole screenshot."""


@dataclass(frozen=True)
class Context:
    """Where a crop was cut from: a screenshot, (left, upper, right, lower) in it, and the box of its widget.

    `widget_px` is left, top, width and height in the screenshot; None where the folder does not say it.
    """

    screenshot: Path
    box_px: tuple[int, int, int, int]
    widget_px: BoxPx | None = None


def find_context(crop: Path) -> Context | None:
    """Return where `crop` was cut from, by the row of a `metadata.jsonl` that has `screenshot` and `screenshot_box_px`.

    The screenshot's path is relative to the folder of the metadata. Rows of other tools are passed over.
    """
    for folder in list(crop.absolute().parents)[:FOLDERS_ABOVE]:
        if (folder / SCREENSHOT_ROWS).is_file():
            row = _rows(folder / SCREENSHOT_ROWS).get(crop.absolute().relative_to(folder).as_posix(), {})
            box, widget = _four(row.get("screenshot_box_px")), _four(row.get("screen_box"))
            if isinstance(row.get("screenshot"), str) and box:
                left, upper, right, lower = (int(edge) for edge in box)
                return Context(folder / row["screenshot"], (left, upper, right, lower), widget)
            return None
    return None


def _four(edges: object) -> BoxPx | None:
    """Return four numbers, or None where there is anything else."""
    if not isinstance(edges, list) or len(edges) != 4 or not all(isinstance(edge, int | float) for edge in edges):
        return None
    first, second, third, fourth = edges
    return first, second, third, fourth


@lru_cache(maxsize=8)
def _rows(path: Path) -> dict[str, dict[str, Any]]:
    rows = {}
    for line in read_file_text(path).split("\n"):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(row, dict) and "screenshot" in row:
            rows[str(row.get("file_name"))] = row
    return rows


def draw_context(context: Context, around_px: int | None = SURROUNDINGS[0]) -> Image.Image | None:
    """Return what is around the crop with a frame about its widget, or itself; None where there is no screenshot.

    Without `around_px` it is the whole screenshot.
    """
    try:
        screenshot = decode_image(context.screenshot)
    except ImageError:
        return None
    left, upper, right, lower = context.box_px
    if context.widget_px is not None:
        x, y, width, height = context.widget_px
        left, upper, right, lower = round(x), round(y), round(x + width), round(y + height)
    framed = screenshot.convert("RGB")
    ImageDraw.Draw(framed).rectangle((left - 2, upper - 2, right + 1, lower + 1), outline=(226, 70, 60), width=2)
    if around_px is None:
        return framed
    return framed.crop(
        (
            max(0, left - around_px),
            max(0, upper - around_px),
            min(framed.width, right + around_px),
            min(framed.height, lower + around_px),
        )
    )
