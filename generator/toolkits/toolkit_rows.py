"""What an examined window comes to: a labelled crop of each item, a screen with its widgets, and what is left out."""

import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from base.seeds import rng_for
from generator.crops.manifest import ManifestRow
from generator.crops.page import Crop
from generator.rendering.png import encode_png
from generator.screens.rows import Objects, PixelBox, ScreenRow, Screenshot
from generator.toolkits.painted_boxes import Edges, cut_edges, widen
from generator.toolkits.window_examination import ExaminedItem, ExaminedWindow
from generator.toolkits.window_plan import NO_STATE

LEAST_MARGIN_PX, MOST_MARGIN_PX = 2, 10
MOST_WORDS_PX = 120
"""How much of its words may be seen beside a widget."""


@dataclass(frozen=True)
class WindowOrigin:
    """Where a window is from: the toolkit with its version, the number of pixels in one of its own, and the seed.

    `index` counts the windows of all toolkits.
    """

    toolkit: str
    version: str
    scale: int
    seed: int
    index: int


def cut_crops(window: ExaminedWindow, origin: WindowOrigin) -> Iterator[Crop]:
    """Yield a crop of each item that is not left out, a widget with some of its words; the same seed, the same cut."""
    for slot, item in enumerate(window.items):
        if item.edges is not None and not item.fault:
            yield _cut_crop(window, item, item.edges, slot, origin)


def picture_window(window: ExaminedWindow, origin: WindowOrigin) -> Screenshot:
    """Return the window as a screen; widgets that are left out count neither way."""
    png = encode_png(window.pixels)
    height, width = window.pixels.shape[:2]
    row = ScreenRow(
        file_name=screen_name(window, origin),
        width=width,
        height=height,
        index=origin.index,
        scale=origin.scale,
        theme={"name": window.planned.theme, "font_px": window.planned.font_px},
        objects=_objects(window, origin.toolkit),
        browser=origin.version,
        sha256=hashlib.sha256(png).hexdigest(),
        layout=origin.toolkit,
    )
    return Screenshot(row, png)


def describe_left_out(window: ExaminedWindow, origin: WindowOrigin) -> Iterator[str]:
    """Yield a line of JSON for each item that is left out: what it was, and why."""
    for item in window.items:
        if item.fault:
            described = {"family": _family(item, origin), "theme": window.planned.theme, **_told(item)}
            described |= {"font_px": window.planned.font_px, "scale": origin.scale}
            described |= {"screen": screen_name(window, origin), "box": item.planned.box, "reason": item.fault}
            yield json.dumps(described, ensure_ascii=False)


def screen_name(window: ExaminedWindow, origin: WindowOrigin) -> str:
    """Return the name of a window's picture in the folder of screens."""
    return f"images/{origin.toolkit}_{origin.scale}x_{window.planned.number:04d}.png"


def _cut_crop(window: ExaminedWindow, item: ExaminedItem, edges: Edges, slot: int, origin: WindowOrigin) -> Crop:
    number = window.planned.number
    rng = rng_for(origin.seed, "crop", origin.toolkit, origin.scale, number, slot)
    cut = widen(edges, _draw_margins(rng, item, origin.scale), item.room)
    png = encode_png(cut_edges(window.pixels, cut))
    label = item.shown_state or NO_STATE
    name = f"{label}/{origin.toolkit}_{origin.scale}x_{number:04d}_{slot:02d}.png"
    box = (edges[0] - cut[0], edges[1] - cut[1], edges[2] - edges[0], edges[3] - edges[1])
    row = ManifestRow(
        file_name=name,
        label=label,
        family=_family(item, origin),
        kind=item.planned.kind if item.state else "none",
        group=f"{origin.toolkit} {window.planned.theme}",
        box=box,
        width=cut[2] - cut[0],
        height=cut[3] - cut[1],
        index=slot,
        page=origin.index,
        slot=slot,
        scale=origin.scale,
        text_rendering="",
        theme={"name": window.planned.theme, "font_px": window.planned.font_px},
        params=json.dumps(_told(item), ensure_ascii=False),
        layout={},
        window={"screen": screen_name(window, origin), "left": cut[0], "top": cut[1]},
        degradation={},
        library=origin.version,
        browser="",
        sha256=hashlib.sha256(png).hexdigest(),
    )
    return Crop(row, png)


def _draw_margins(rng: random.Random, item: ExaminedItem, scale: int) -> Edges:
    left, top, right, bottom = (rng.randint(LEAST_MARGIN_PX, MOST_MARGIN_PX) for _ in range(4))
    if item.state and rng.random() < 0.7:
        right = rng.randint(MOST_MARGIN_PX, MOST_WORDS_PX)
    return left * scale, top * scale, right * scale, bottom * scale


def _family(item: ExaminedItem, origin: WindowOrigin) -> str:
    return f"{origin.toolkit}/{item.planned.kind}"


def _told(item: ExaminedItem) -> Mapping[str, object]:
    planned = item.planned
    return {"state": item.state, "enabled": item.enabled, "focused": planned.focused, "text": planned.text}


def _objects(window: ExaminedWindow, toolkit: str) -> Objects:
    widgets = [item for item in window.items if item.state and item.edges is not None]
    return Objects(
        bbox=[_box(item.edges) for item in widgets if item.edges],
        category=[f"{item.planned.kind} {item.shown_state}" for item in widgets],
        kind=[item.planned.kind for item in widgets],
        state=[item.shown_state for item in widgets],
        family=[f"{toolkit}/{item.planned.kind}" for item in widgets],
        enabled=[item.enabled for item in widgets],
        label=[item.planned.text for item in widgets],
        label_bbox=[_box(item.words) if item.words else None for item in widgets],
        visible=[1.0 for _ in widgets],
        ignored=[bool(item.fault) for item in widgets],
    )


def _box(edges: Edges) -> PixelBox:
    left, top, right, bottom = edges
    return left, top, right - left, bottom - top
