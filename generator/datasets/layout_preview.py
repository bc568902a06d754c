"""Previews of layouts: some screens of each, with their boxes, on one picture."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from base.errors import InputError
from base.files import atomic_open
from generator.crops.recipe import Recipe
from generator.datasets.preview import CAPTION_PX, PREVIEW_WIDTH_PX
from generator.families.family import Family
from generator.families.screen_layout import ScreenLayout
from generator.formats.contact_sheet import contact_sheet, stack
from generator.rendering.studio import Studio, Surroundings, find_surroundings, with_studio
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
    if out.suffix.lower() != ".png":
        raise InputError(f"{out}: a preview is a PNG file; give it that ending")
    choice, surroundings = find_surroundings(browser)
    wanted = names or tuple(layouts)

    def draw_all(studio: Studio) -> list[Image.Image]:
        strips = []
        for name in wanted:
            strips.append(_strip(name, layouts, families, studio, surroundings))
            if on_progress:
                on_progress(len(strips), len(wanted))
        return strips

    strips = with_studio(choice, draw_all)
    with atomic_open(out) as file:
        stack(strips).save(file, "PNG")


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
    strip = Image.new("RGB", (PREVIEW_WIDTH_PX, sheet.height + CAPTION_PX), "white")
    caption = f"{name}  ·  {layouts[name].declared.about}"
    ImageDraw.Draw(strip).text((6, 2), caption, fill="#222222", font=ImageFont.load_default(size=14))
    strip.paste(sheet, (0, CAPTION_PX))
    return strip
