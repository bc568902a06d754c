"""Screenshots: a screen as planned is painted, and what is seen of its widgets is measured."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from base.arrays import Pixels
from generator.crops.page import Rejected, plain
from generator.crops.recipe import Recipe
from generator.rendering.difference import SMALLEST_CHANGE, changed_share
from generator.rendering.photograph import Photograph
from generator.rendering.png import decode_png, encode_png
from generator.rendering.studio import Studio
from generator.sampling.box import Box
from generator.sampling.degrade import CLEAN, degrade
from generator.screens.page_html import SCREEN_STYLE
from generator.screens.rows import Objects, ScreenRow, Screenshot
from generator.screens.screen_plan import WHOLE_SCREEN, ScreenPlan, draw_screen, other_cells, page_html, variants
from generator.screens.sightings import LEAST_VISIBLE, SeenWidget, sightings

MARGIN_PX = 4
"""How far around a widget its states are compared, in the picture's pixels; less than two widgets are apart."""


@dataclass(frozen=True)
class PaintedScreen:
    """A plan's picture, whole and undamaged, the same without widgets, and what is seen of each item by number."""

    pixels: Pixels
    bare: Pixels
    png: bytes
    seen: dict[int, SeenWidget]


def render_screen(
    recipe: Recipe, index: int, studio: Studio, *, layout: str | None = None
) -> Iterator[Screenshot | Rejected]:
    """Yield one screenshot, of a layout where one is named, and what is left out because two of its states look alike.

    Raises:
        TemplateError: a layout's or a family's template is broken.
        BrowserError: the browser failed.
    """
    plan = draw_screen(recipe, index, layout=layout)
    rejected: dict[int, Rejected] = {}
    painted = paint_screen(recipe, plan, studio, rejected)
    yield from rejected.values()
    yield _finish(plan, painted, index, studio.choice.version)


def paint_screen(recipe: Recipe, plan: ScreenPlan, studio: Studio, rejected: dict[int, Rejected]) -> PaintedScreen:
    """Paint the plan; items that look alike in two states are put into `rejected`, by number, and not shown.

    Raises:
        TemplateError: a layout's or a family's template is broken.
        BrowserError: the browser failed.
    """
    count = variants(plan, recipe.palette.families)
    shot = photograph_screen(recipe, plan, studio, count=count)
    if count > 1:
        rejected |= _reject(recipe, plan, shot)
    if rejected:
        shot = photograph_screen(recipe, plan, studio, hidden=frozenset(rejected))
    pixels, bare = decode_png(shot.pictures[0]), decode_png(shot.bare)
    places = {number: place for number, place in shot.items.items() if number not in rejected}
    return PaintedScreen(pixels, bare, shot.pictures[0], sightings(places, pixels, bare, scale=plan.display.scale))


def photograph_screen(
    recipe: Recipe, plan: ScreenPlan, studio: Studio, *, hidden: frozenset[int] = frozenset(), count: int = 1
) -> Photograph:
    """Take the plan's pictures, `count` of them, each with items of unproven families in another state.

    Raises:
        TemplateError: a layout's or a family's template is broken.
        BrowserError: the browser failed.
    """
    html = page_html(plan, recipe.palette.families, hidden=hidden)
    size = (plan.width_px, plan.height_px)
    return studio.photograph(
        html, size_px=size, display=plan.display, scrolled=plan.scrolled, style=SCREEN_STYLE, variants=count
    )


def _reject(recipe: Recipe, plan: ScreenPlan, shot: Photograph) -> dict[int, Rejected]:
    """Return, by their numbers, the items that look as they do in another state."""
    pictures = [decode_png(picture) for picture in shot.pictures]
    rejected: dict[int, Rejected] = {}
    for number, place in shot.items.items():
        item = plan.items[number]
        for variant, other in enumerate(other_cells(item, recipe.palette.families[item.cell.family]), 1):
            area = place.box.scaled(plan.display.scale, plan.display.scale)
            if not place.visible:
                continue
            first, second = (_around(picture, area) for picture in (pictures[0], pictures[variant]))
            changed = changed_share(first, second, area=area.width * area.height)
            if changed < SMALLEST_CHANGE:
                cell = item.cell
                rejected[number] = Rejected(cell.style, cell.family, (cell.state, other.state), changed)
    return rejected


def _around(picture: Pixels, box: Box) -> Pixels:
    """Return a widget with the ground around it, where halos and what overhangs are drawn."""
    height, width = picture.shape[:2]
    wide = Box(box.x - MARGIN_PX, box.y - MARGIN_PX, box.width + 2 * MARGIN_PX, box.height + 2 * MARGIN_PX)
    part = wide.rounded().clipped(Box(0, 0, width, height))
    return picture[int(part.y) : int(part.bottom), int(part.x) : int(part.right)]


def _finish(plan: ScreenPlan, painted: PaintedScreen, index: int, browser: str) -> Screenshot:
    """Cut and damage the picture, and write its row."""
    pixels, seen, png = painted.pixels, painted.seen, painted.png
    if plan.cut != WHOLE_SCREEN:
        window = _window(plan.cut, pixels)
        pixels = pixels[int(window.y) : int(window.bottom), int(window.x) : int(window.right)]
        seen = {number: one.within(window) for number, one in seen.items()}
    if plan.degradation != CLEAN:
        height, width = pixels.shape[:2]
        image, whole = degrade(Image.fromarray(pixels), Box(0, 0, width, height), plan.degradation)
        pixels = np.asarray(image)
        seen = {number: one.scaled(whole.width / width, whole.height / height) for number, one in seen.items()}
    if pixels is not painted.pixels:
        png = encode_png(np.ascontiguousarray(pixels))
    row = ScreenRow(
        file_name=f"images/{index:07d}.png",
        width=pixels.shape[1],
        height=pixels.shape[0],
        index=index,
        scale=plan.display.scale,
        theme=plain(plan.theme),
        objects=_objects(plan, seen),
        browser=browser,
        sha256=hashlib.sha256(png).hexdigest(),
        layout=plan.layout,
        text_rendering=plan.display.text_rendering,
        scrolled=plan.scrolled,
        cut=plain(plan.cut),
        degradation=plain(plan.degradation),
    )
    return Screenshot(row, png)


def _window(cut: Box, pixels: Pixels) -> Box:
    height, width = pixels.shape[:2]
    return cut.scaled(width, height).rounded().clipped(Box(0, 0, width, height))


def _objects(plan: ScreenPlan, seen: dict[int, SeenWidget]) -> Objects:
    """Return the widgets that are seen; other things stand on the screen too, but are not what is looked for."""
    widgets = [
        (plan.items[number], one)
        for number, one in sorted(seen.items())
        if plan.items[number].cell.kind != "none" and one.visible >= LEAST_VISIBLE
    ]
    return Objects(
        bbox=[one.box.tenths() for _, one in widgets],
        category=[f"{item.cell.kind} {item.cell.state}" for item, _ in widgets],
        kind=[item.cell.kind for item, _ in widgets],
        state=[item.cell.state for item, _ in widgets],
        family=[item.cell.family for item, _ in widgets],
        enabled=[item.enabled for item, _ in widgets],
        label=[one.label.text if one.label else "" for _, one in widgets],
        label_bbox=[one.label.box.tenths() if one.label else None for _, one in widgets],
        visible=[round(one.visible, 2) for _, one in widgets],
        ignored=[one.ignored for _, one in widgets],
    )
