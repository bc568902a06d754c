"""Pages: the unit of rendering. One page of a data set becomes crops with their manifest rows."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np
from PIL import Image

from base.arrays import Pixels
from base.errors import TemplateError
from generator.crops.manifest import ManifestRow
from generator.crops.recipe import Recipe
from generator.rendering.difference import SMALLEST_CHANGE, changed_share
from generator.rendering.painters import SheetPainter
from generator.rendering.png import encode_png
from generator.rendering.sheet import crop_box, sheet_html
from generator.rendering.studio import Capture, Display
from generator.sampling.box import Box
from generator.sampling.cell import Cell
from generator.sampling.degrade import CLEAN, degrade
from generator.sampling.placement import View


@dataclass(frozen=True)
class Crop:
    """A finished crop: its manifest row and its PNG file."""

    row: ManifestRow
    png: bytes


@dataclass(frozen=True)
class Rejected:
    """A style that was left out because it looks alike in two states: `changed` is the share of pixels that differ.

    The first of the states is a label that would have been given.
    """

    style: int
    family: str
    states: tuple[str, ...]
    changed: float


@dataclass(frozen=True)
class _Page:
    """What all crops of a page share."""

    recipe: Recipe
    number: int
    display: Display
    browser: str


@dataclass(frozen=True)
class _Cut:
    """A crop as painted: the slot and the view that it was cut from, and the widget's box in it."""

    slot: int
    view: View
    pixels: Pixels
    box: Box


def render_page(recipe: Recipe, number: int, painter: SheetPainter) -> Iterator[Crop | Rejected]:
    """Yield the crops of page `number`, in the order of their indices.

    Raises:
        TemplateError: a family's template is broken.
        BrowserError: the browser failed.
    """
    slots = recipe.slots(number)
    page = _Page(recipe, number, recipe.display(number), painter.choice.version)
    html = sheet_html(slots, recipe.palette.families)
    variants = max(len(cells) for cells in slots)
    captures = painter.capture(html, count=len(slots), display=page.display, variants=variants)
    for slot, cells in enumerate(slots):
        shown = [_cut_views(cell, capture, slot) for cell, capture in zip(cells, captures, strict=False)]
        rejected = _reject(cells, shown, recipe.variants)
        if rejected:
            yield rejected
            continue
        for variant, (cell, cuts) in enumerate(zip(cells[: recipe.variants], shown, strict=False)):
            for view, cut in enumerate(cuts):
                index = recipe.index(cell.style, variant=variant, view=view)
                if index < recipe.n:
                    yield _finish(page, cell, cut, index)


def _cut_views(cell: Cell, capture: Capture, slot: int) -> list[_Cut]:
    placed = capture.placed[slot]
    height, width = capture.pixels.shape[:2]
    cuts = []
    for view in cell.views:
        window = crop_box(view.window, placed).scaled(capture.scale, capture.scale).rounded()
        window = window.clipped(Box(0, 0, width, height))
        widget = placed.widget.scaled(capture.scale, capture.scale).clipped(window)
        if min(widget.width, widget.height) <= 0:
            raise TemplateError(f"{cell.family}: nothing to crop for state '{cell.state}' with {dict(cell.params)}")
        pixels = capture.pixels[int(window.y) : int(window.bottom), int(window.x) : int(window.right)]
        cuts.append(_Cut(slot, view, pixels, widget.moved(-window.x, -window.y)))
    return cuts


def _reject(cells: tuple[Cell, ...], shown: list[list[_Cut]], kept: int) -> Rejected | None:
    """Return why a style is left out, if it is: one of its first `kept` cells looks like one in another state."""
    for one, other in itertools.combinations(range(len(cells)), 2):
        if one >= kept or cells[one].state == cells[other].state:
            continue
        first, second = shown[one][0], shown[other][0]
        changed = changed_share(first.pixels, second.pixels, area=first.box.width * first.box.height)
        if changed < SMALLEST_CHANGE:
            return Rejected(cells[0].style, cells[0].family, (cells[one].state, cells[other].state), changed)
    return None


def _finish(page: _Page, cell: Cell, cut: _Cut, index: int) -> Crop:
    """Degrade a crop and write its row."""
    pixels, box = cut.pixels, cut.box
    if cut.view.degradation != CLEAN:
        image, box = degrade(Image.fromarray(pixels), box, cut.view.degradation)
        pixels = np.asarray(image)
    png = encode_png(pixels)
    height, width = pixels.shape[:2]
    row = ManifestRow(
        file_name=f"{cell.state}/{index:07d}.png",
        label=cell.state,
        family=cell.family,
        kind=cell.kind,
        group=f"{page.recipe.seed}-{cell.style}",
        box=box.tenths(),
        width=width,
        height=height,
        index=index,
        page=page.number,
        slot=cut.slot,
        scale=page.display.scale,
        text_rendering=page.display.text_rendering,
        theme=plain(cell.theme),
        params=json.dumps(cell.params, ensure_ascii=False),
        layout=plain(cell.layout),
        window=plain(cut.view.window),
        degradation=plain(cut.view.degradation),
        library=_library(page.recipe, cell),
        browser=page.browser,
        sha256=hashlib.sha256(png).hexdigest(),
    )
    return Crop(row, png)


def _library(recipe: Recipe, cell: Cell) -> str:
    library = recipe.palette.families[cell.family].library
    return ", ".join(f"{name} {version}" for name, version in library.declared.packages.items()) if library else ""


_PLAIN = frozenset({str, int, float, bool, type(None)})


def plain(drawn: object) -> dict[str, Any]:
    """Return a dataclass as JSON values; `dataclasses.asdict` copies every value and takes ten times as long."""
    return {
        name: plain(value) if type(value) not in _PLAIN and is_dataclass(value) else value
        for name, value in vars(drawn).items()
    }
