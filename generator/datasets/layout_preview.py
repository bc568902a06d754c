"""Previews of layouts: some screens of each, with their boxes, on one picture."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from generator.crops.recipe import Recipe
from generator.datasets.preview import PREVIEW_WIDTH_PX, captioned, write_strips
from generator.families.family import Family
from generator.families.screen_layout import ScreenLayout
from generator.formats.contact_sheet import contact_sheet
from generator.rendering.studio import Studio, Surroundings
from generator.sampling.cell import Palette
from generator.screens.outlines import outlined
from generator.screens.rows import Screenshot
from generator.screens.screenshots import render_screen

SCREENS_A_STRIP = 4


def write_layout_preview(
    layouts: Mapping[str, ScreenLayout],
    families: Mapping[str, Family],
    out: Path,
    *,
    names: tuple[str, ...] = (),
    browser: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Draw screens after each layout, or each in `names`, with all boxes outlined, below its name, into a PNG file.

    Raises:
        InputError: `out` is not named like a PNG file.
        TemplateError: a template is broken.
        BrowserError: no browser starts, or it failed.
    """
    write_strips(
        out,
        names or tuple(layouts),
        lambda name, studio, surroundings: _strip(name, layouts, families, studio, surroundings),
        browser=browser,
        on_progress=on_progress,
    )


def _strip(
    name: str,
    layouts: Mapping[str, ScreenLayout],
    families: Mapping[str, Family],
    studio: Studio,
    surroundings: Surroundings,
) -> Image.Image:
    palette = Palette(families, surroundings.fonts, surroundings.scripts)
    recipe = Recipe(palette, seed=0, n=SCREENS_A_STRIP, layouts=layouts)
    items = [item for index in range(SCREENS_A_STRIP) for item in render_screen(recipe, index, studio, layout=name)]
    screens = [outlined(item) for item in items if isinstance(item, Screenshot)]
    sheet = contact_sheet(screens, width_px=PREVIEW_WIDTH_PX, row_px=360, widest_px=480)
    return captioned(f"{name}  ·  {layouts[name].declared.about}", sheet)
