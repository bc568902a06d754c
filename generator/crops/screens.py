"""Screens: whole screenshots in one theme, with the box, kind and state of every widget, to train detectors on."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from pydantic import BaseModel, ConfigDict

from base.arrays import Pixels
from base.seeds import rng_for
from generator.crops.page import Rejected, plain
from generator.crops.recipe import Recipe
from generator.families.family import Family
from generator.families.theme import Theme, draw_theme, script_of
from generator.families.words import draw_words
from generator.rendering.difference import SMALLEST_CHANGE, changed_share
from generator.rendering.png import decode_png
from generator.rendering.sheet import main_row
from generator.rendering.studio import Display, Studio
from generator.sampling.box import Box
from generator.sampling.cell import Cell, Palette, draw_cell, in_other_states

SIZES_PX = {(390, 800): 3, (768, 1000): 2, (1024, 768): 2, (1280, 800): 4, (1440, 900): 3}
"""Viewports, and how often."""

ITEMS_A_MEGAPIXEL = 60

MARGIN_PX = 4
"""How far around a widget its states are compared, in the picture's pixels; less than two widgets are apart."""


class Objects(BaseModel):
    """A screen's widgets, a list a field; a box is x, y, width and height in the picture's pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bbox: list[tuple[float, float, float, float]]
    category: list[str]
    kind: list[str]
    state: list[str]
    family: list[str]


class ScreenRow(BaseModel):
    """One screenshot; the names of its fields are those that detection data sets of Hugging Face have."""

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

    def shown(self) -> Iterator[tuple[str, str]]:
        """Yield label and family of each widget."""
        yield from zip(self.objects.state, self.objects.family, strict=True)


@dataclass(frozen=True)
class Screenshot:
    """A finished screenshot: its manifest row and its PNG file."""

    row: ScreenRow
    png: bytes


@dataclass(frozen=True)
class ScreenPlan:
    """A screen before it is rendered: its size in CSS pixels, its theme, its heading and what stands on it."""

    width_px: int
    height_px: int
    display: Display
    theme: Theme
    title: str
    columns: int
    items: tuple[Cell, ...]


def draw_screen(recipe: Recipe, index: int) -> ScreenPlan:
    """Draw a screen: one theme for all of it, and as many widgets and other things as fill it."""
    rng = rng_for(recipe.seed, index, "plan")
    width, height = rng.choices(list(SIZES_PX), weights=list(SIZES_PX.values()))[0]
    palette = recipe.palette
    theme = draw_theme(rng_for(recipe.seed, index, "theme"), fonts=palette.fonts, scripts=palette.scripts)
    theme = replace(theme, font_size_px=min(theme.font_size_px, 16))
    count = max(4, round(rng.uniform(0.5, 1.0) * ITEMS_A_MEGAPIXEL * width * height / 1e6))
    first = index * 1000
    items = (_on_theme(palette, recipe.seed, first + number, theme) for number in range(count))
    return ScreenPlan(
        width_px=width,
        height_px=height,
        display=recipe.display(index),
        theme=theme,
        title=draw_words(rng, script_of(theme), 1, 4),
        columns=rng.randint(1, max(1, width // 380)),
        items=tuple(items),
    )


def _on_theme(palette: Palette, seed: int, style: int, theme: Theme) -> Cell:
    """Draw a cell in the screen's theme; a library's widget keeps the ground that fits it."""
    cell = draw_cell(palette, seed=seed, style=style)
    family = palette.families[cell.family]
    layout = replace(cell.layout, before=None, after=None, covered=0.0, scrolled_px=0.0)
    if family.library and family.library.looks:
        return replace(cell, layout=layout)
    params = family.draw_params(rng_for(seed, style, "params"), script_of(theme))
    words = rng_for(seed, style, "words")
    text = draw_words(words, script_of(theme), 1, words.choice((1, 2, 3, 5)))
    hint = draw_words(words, script_of(theme), 3, 9) if layout.hint else ""
    return replace(cell, theme=theme, params=params, layout=replace(layout, text=text, hint=hint))


def screen_html(plan: ScreenPlan, families: Mapping[str, Family], *, hidden: frozenset[int] = frozenset()) -> str:
    """Return the body of the page that shows the screen; items of the numbers in `hidden` keep their room unseen."""
    theme = plan.theme
    font = escape(f"{theme.font_weight} {theme.font_size_px}px {theme.font}")
    style = f"width:{plan.width_px}px;height:{plan.height_px}px;background:{theme.ground};color:{theme.ink};font:{font}"
    columns = f"columns:{plan.columns};column-gap:24px"
    items = "".join(
        _item_html(cell, families[cell.family], plan, hidden=number in hidden) for number, cell in enumerate(plan.items)
    )
    language = f'lang="{script_of(theme).lang}" dir="{theme.direction}"'
    bar = f'<div class="bar" style="background:{theme.surface};border-color:{theme.faint}">{escape(plan.title)}</div>'
    return (
        f'<div class="screen" {language} style="{style}">{bar}<div class="items" style="{columns}">{items}</div></div>'
    )


def _item_html(cell: Cell, family: Family, plan: ScreenPlan, *, hidden: bool) -> str:
    ground = f"background:{cell.theme.ground};color:{cell.theme.ink};" if cell.theme is not plan.theme else ""
    padding = f"padding:{cell.layout.spacing_px / 2 + 3}px 4px"
    unseen = ";opacity:0" if hidden else ""
    rows = "".join(main_row(each, family) for each in (cell, *_others(cell, family)))
    inner = rows if family.is_proven else f'<div class="twin">{rows}</div>'
    return f'<div class="item" style="{ground}{padding}{unseen}">{inner}</div>'


def _others(cell: Cell, family: Family) -> tuple[Cell, ...]:
    """Return the cells that an item is only compared with: in all states of a family that is not proven."""
    return () if family.is_proven else in_other_states(cell, family, shown=(cell.state,))


def render_screen(recipe: Recipe, index: int, studio: Studio) -> Iterator[Screenshot | Rejected]:
    """Yield one screenshot, and what is left out of it because two of its states look alike.

    Raises:
        TemplateError: a family's template is broken.
        BrowserError: the browser failed.
    """
    plan = draw_screen(recipe, index)
    families, size = recipe.palette.families, (plan.width_px, plan.height_px)
    variants = 1 + max(len(_others(cell, families[cell.family])) for cell in plan.items)
    (png, *others), boxes = studio.photograph(
        screen_html(plan, families), size, display=plan.display, variants=variants
    )
    rejected = _reject(plan, families, [png, *others], boxes)
    if rejected:
        yield from rejected.values()
        hidden = screen_html(plan, families, hidden=frozenset(rejected))
        (png,), boxes = studio.photograph(hidden, size, display=plan.display)
        boxes = tuple(None if number in rejected else box for number, box in enumerate(boxes))
    scale = plan.display.scale
    width, height = round(plan.width_px * scale), round(plan.height_px * scale)
    row = ScreenRow(
        file_name=f"images/{index:07d}.png",
        width=width,
        height=height,
        index=index,
        scale=scale,
        theme=plain(plan.theme),
        objects=_objects(plan, boxes),
        browser=studio.choice.version,
        sha256=hashlib.sha256(png).hexdigest(),
    )
    yield Screenshot(row, png)


def _reject(
    plan: ScreenPlan, families: Mapping[str, Family], pictures: Sequence[bytes], boxes: Sequence[Box | None]
) -> dict[int, Rejected]:
    """Return, by their numbers, the items that look as they do in another state."""
    shown = [decode_png(picture) for picture in pictures] if len(pictures) > 1 else []
    bounds = Box(0, 0, plan.width_px, plan.height_px)
    rejected: dict[int, Rejected] = {}
    for number, (cell, box) in enumerate(zip(plan.items, boxes, strict=True)):
        if box is None:
            continue
        area = box.clipped(bounds).scaled(plan.display.scale, plan.display.scale)
        for variant, other in enumerate(_others(cell, families[cell.family]), 1):
            first, second = (_around(picture, area) for picture in (shown[0], shown[variant]))
            changed = changed_share(first, second, area=area.width * area.height)
            if changed < SMALLEST_CHANGE:
                rejected[number] = Rejected(cell.style, cell.family, (cell.state, other.state), changed)
    return rejected


def _around(picture: Pixels, box: Box) -> Pixels:
    """Return a widget with the ground around it, where halos and what overhangs are drawn."""
    height, width = picture.shape[:2]
    wide = Box(box.x - MARGIN_PX, box.y - MARGIN_PX, box.width + 2 * MARGIN_PX, box.height + 2 * MARGIN_PX)
    part = wide.rounded().clipped(Box(0, 0, width, height))
    return picture[int(part.y) : int(part.bottom), int(part.x) : int(part.right)]


def _objects(plan: ScreenPlan, boxes: Sequence[Box | None]) -> Objects:
    """Return the widgets that are visible; other things stand on the screen too, but are not what is looked for."""
    bounds = Box(0, 0, plan.width_px, plan.height_px)
    scale = plan.display.scale
    widgets = [
        (cell, box.clipped(bounds).scaled(scale, scale))
        for cell, box in zip(plan.items, boxes, strict=True)
        if box and cell.kind != "none"
    ]
    return Objects(
        bbox=[box.tenths() for _, box in widgets],
        category=[f"{cell.kind} {cell.state}" for cell, _ in widgets],
        kind=[cell.kind for cell, _ in widgets],
        state=[cell.state for cell, _ in widgets],
        family=[cell.family for cell, _ in widgets],
    )
