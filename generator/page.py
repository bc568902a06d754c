"""Pages: the unit of rendering. One page of a data set becomes crops with their manifest rows."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np
from PIL import Image

from generator.box import Box
from generator.browser import Choice
from generator.cell import Cell, View
from generator.degrade import CLEAN, degrade
from generator.difference import SMALLEST_CHANGE, changed_share
from generator.errors import TemplateError
from generator.manifest import Row
from generator.png import Pixels, encode_png
from generator.recipe import Recipe
from generator.sheet import crop_box, sheet_html
from generator.studio import Capture, Screen, Studio


@dataclass(frozen=True)
class Crop:
    """A finished crop: its manifest row and its PNG file."""

    row: Row
    png: bytes


@dataclass(frozen=True)
class Rejected:
    """A pair that was left out because its two states look alike: `changed` is the share of pixels that differ."""

    style: int
    family: str
    states: tuple[str, ...]
    changed: float


@dataclass(frozen=True)
class _Cut:
    """A crop as painted, and the widget's box in it."""

    pixels: Pixels
    box: Box


def render_page(recipe: Recipe, page: int, studio: Studio) -> Iterator[Crop | Rejected]:
    """Yield the page's crops, in the order of their indices.

    Raises:
        TemplateError: a family's template is broken.
        BrowserError: the browser failed.
    """
    slots, screen = recipe.slots(page), recipe.screen(page)
    html = sheet_html(slots, recipe.palette.families)
    captures = studio.capture(html, count=len(slots), screen=screen, variants=recipe.variants)
    place = _Place(page, screen, studio.choice)
    for number, cells in enumerate(slots):
        cuts = [
            [_cut(cell, view, capture, number) for view in cell.views]
            for cell, capture in zip(cells, captures, strict=True)
        ]
        rejected = _reject(cells, cuts)
        if rejected:
            yield rejected
            continue
        for variant, cell in enumerate(cells):
            for view, cut in enumerate(cuts[variant]):
                index = recipe.index(cell.style, variant=variant, view=view)
                if index < recipe.n:
                    yield _finish(recipe, cell, cell.views[view], cut, place.of(number, index))


@dataclass(frozen=True)
class _Place:
    """Where a crop was painted, and what painted it."""

    page: int
    screen: Screen
    choice: Choice
    slot: int = 0
    index: int = 0

    def of(self, slot: int, index: int) -> "_Place":
        return _Place(self.page, self.screen, self.choice, slot, index)


def _cut(cell: Cell, view: View, capture: Capture, slot: int) -> _Cut:
    placed = capture.placed[slot]
    height, width = capture.pixels.shape[:2]
    bounds = Box(0, 0, width, height)
    window = crop_box(view.window, placed).scaled(capture.scale, capture.scale).rounded().clipped(bounds)
    widget = placed.widget.scaled(capture.scale, capture.scale).clipped(window)
    if min(widget.width, widget.height) < 1:
        raise TemplateError(f"{cell.family}: nothing to crop for state '{cell.state}' with {dict(cell.params)}")
    pixels = capture.pixels[int(window.y) : int(window.bottom), int(window.x) : int(window.right)]
    return _Cut(pixels, widget.moved(-window.x, -window.y))


def _reject(cells: tuple[Cell, ...], cuts: list[list[_Cut]]) -> Rejected | None:
    states = tuple(cell.state for cell in cells)
    if len(set(states)) < 2:
        return None
    first, second = (cut[0] for cut in cuts)
    changed = changed_share(first.pixels, second.pixels, area=first.box.width * first.box.height)
    return Rejected(cells[0].style, cells[0].family, states, changed) if changed < SMALLEST_CHANGE else None


def _finish(recipe: Recipe, cell: Cell, view: View, cut: _Cut, place: _Place) -> Crop:
    pixels, box = cut.pixels, cut.box
    if view.degradation != CLEAN:
        image, box = degrade(Image.fromarray(pixels), box, view.degradation)
        pixels = np.asarray(image)
    png = encode_png(pixels)
    height, width = pixels.shape[:2]
    row = Row(
        file_name=f"{cell.state}/{place.index:07d}.png",
        label=cell.state,
        family=cell.family,
        kind=cell.kind,
        group=f"{recipe.seed}-{cell.style}",
        box=(round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)),
        width=width,
        height=height,
        index=place.index,
        page=place.page,
        slot=place.slot,
        scale=place.screen.scale,
        subpixel_text=place.screen.subpixel_text,
        theme=plain(cell.theme),
        params=json.dumps(cell.params, ensure_ascii=False),
        layout=plain(cell.layout),
        window=plain(view.window),
        degradation=plain(view.degradation),
        library=_library(recipe, cell),
        browser=place.choice.version,
        sha256=hashlib.sha256(png).hexdigest(),
    )
    return Crop(row, png)


def _library(recipe: Recipe, cell: Cell) -> str:
    library = recipe.palette.families[cell.family].library
    return ", ".join(f"{name} {version}" for name, version in library.declared.packages.items()) if library else ""


def plain(drawn: object) -> dict[str, Any]:
    """Return a dataclass as JSON values; `dataclasses.asdict` copies every value and takes ten times as long."""
    return {name: plain(value) if is_dataclass(value) else value for name, value in vars(drawn).items()}
