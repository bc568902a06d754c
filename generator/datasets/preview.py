"""Previews: a row of crops for each family, with its name, on one picture."""

import io
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from base.errors import InputError
from base.files import atomic_open
from generator.crops.page import Crop, render_page
from generator.crops.recipe import Recipe
from generator.families.family import Family
from generator.formats.contact_sheet import contact_sheet, stack
from generator.rendering.studio import Studio, Surroundings, find_surroundings, with_studio
from generator.sampling.cell import Palette

CROPS_A_FAMILY = 14
PREVIEW_WIDTH_PX = 1500
CAPTION_PX = 22


def write_preview(
    families: Mapping[str, Family],
    out: Path,
    *,
    browser: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Render a dozen crops of each family, as `generate` would cut and degrade them, below its name, into a PNG file.

    Raises:
        InputError: `out` is not named like a PNG file.
        TemplateError: a template is broken.
        BrowserError: no browser starts, or it failed.
    """
    write_strips(
        out,
        families,
        lambda name, studio, surroundings: _draw(families[name], studio, surroundings),
        browser=browser,
        on_progress=on_progress,
    )


def write_strips(
    out: Path,
    names: Collection[str],
    draw: Callable[[str, Studio, Surroundings], Image.Image],
    *,
    browser: str | None,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Draw a strip for each name, one below the other, into a PNG file.

    Raises:
        InputError: `out` is not named like a PNG file.
        BrowserError: no browser starts, or it failed.
    """
    if out.suffix.lower() != ".png":
        raise InputError(f"{out}: a preview is a PNG file; give it that ending")
    choice, surroundings = find_surroundings(browser)

    def draw_all(studio: Studio) -> list[Image.Image]:
        strips = []
        for name in names:
            strips.append(draw(name, studio, surroundings))
            if on_progress:
                on_progress(len(strips), len(names))
        return strips

    strips = with_studio(choice, draw_all)
    with atomic_open(out) as file:
        stack(strips).save(file, "PNG")


def _draw(family: Family, studio: Studio, surroundings: Surroundings) -> Image.Image:
    palette = Palette({family.name: family}, surroundings.fonts, surroundings.scripts)
    items = list(render_page(Recipe(palette, seed=0, n=CROPS_A_FAMILY), 0, studio))
    crops: list[Image.Image] = [Image.open(io.BytesIO(item.png)) for item in items if isinstance(item, Crop)]
    alike = len(items) - len(crops)
    rejected = f"  ·  {alike} of {len(items)} left out: they look alike in two states" if alike else ""
    sheet = contact_sheet(crops, width_px=PREVIEW_WIDTH_PX, row_px=44, widest_px=240)
    return captioned(f"{family.name}  ·  {family.declared.kind}{rejected}", sheet)


def captioned(caption: str, sheet: Image.Image) -> Image.Image:
    """Return a sheet of PREVIEW_WIDTH_PX below a line of text."""
    strip = Image.new("RGB", (PREVIEW_WIDTH_PX, sheet.height + CAPTION_PX), "white")
    font = ImageFont.load_default(size=14)
    ImageDraw.Draw(strip).text((6, 2), caption, fill="#222222", font=font)
    strip.paste(sheet, (0, CAPTION_PX))
    return strip
