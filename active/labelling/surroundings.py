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

SCREENSHOT_ROWS = "metadata.jsonl"

FOLDERS_ABOVE = 3
"""A crop's metadata lie beside it, or above its class and kind folders."""

AROUND_PX = 160


@dataclass(frozen=True)
class Context:
    """Where a crop was cut from: a screenshot, and (left, upper, right, lower) in it."""

    screenshot: Path
    box_px: tuple[int, int, int, int]


def find_context(crop: Path) -> Context | None:
    """Return where `crop` was cut from, by the row of a `metadata.jsonl` that has `screenshot` and `screenshot_box_px`.

    The screenshot's path is relative to the folder of the metadata. Rows of other tools are passed over.
    """
    for folder in list(crop.absolute().parents)[:FOLDERS_ABOVE]:
        if (folder / SCREENSHOT_ROWS).is_file():
            row = _rows(folder / SCREENSHOT_ROWS).get(crop.absolute().relative_to(folder).as_posix(), {})
            box = row.get("screenshot_box_px")
            if isinstance(row.get("screenshot"), str) and isinstance(box, list) and len(box) == 4:
                left, upper, right, lower = (int(edge) for edge in box)
                return Context(folder / row["screenshot"], (left, upper, right, lower))
            return None
    return None


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


def draw_context(context: Context) -> Image.Image | None:
    """Return what is around the crop with a frame about the crop itself, or None where there is no screenshot."""
    try:
        screenshot = decode_image(context.screenshot)
    except ImageError:
        return None
    left, upper, right, lower = context.box_px
    framed = screenshot.convert("RGB")
    ImageDraw.Draw(framed).rectangle((left - 2, upper - 2, right + 1, lower + 1), outline=(226, 70, 60), width=2)
    return framed.crop(
        (
            max(0, left - AROUND_PX),
            max(0, upper - AROUND_PX),
            min(framed.width, right + AROUND_PX),
            min(framed.height, lower + AROUND_PX),
        )
    )
