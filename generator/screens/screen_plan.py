"""Plans: everything that decides how a screen will look, drawn before anything is rendered."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from base.seeds import rng_for
from generator.crops.recipe import Recipe, draw_display
from generator.families.family import Family
from generator.families.screen_layout import LayoutMatter, ScreenLayout
from generator.families.theme import Theme, script_of
from generator.rendering.sheet import host_html
from generator.rendering.studio import Display
from generator.sampling.box import Box
from generator.sampling.cell import Cell, in_other_states
from generator.sampling.degrade import CLEAN, REMOTE_BITS, Degradation
from generator.screens.composing import Composition, ScreenItem, compose_app
from generator.screens.kit import Kit, draw_kit
from generator.screens.page_html import fill_places

SIZES_PX = {
    (1024, 768): 3, (1280, 720): 3, (1280, 800): 3, (1366, 768): 3, (1440, 900): 2, (1920, 1080): 3, (2560, 1440): 0.5,
    (3840, 2160): 0.3, (800, 600): 2, (640, 480): 2, (768, 1024): 1, (320, 480): 1, (360, 640): 2, (390, 844): 3,
    (412, 915): 2, (414, 736): 1, (430, 932): 1,
}  # fmt: skip
"""Sizes that screens have, in CSS pixels, and how often."""

COMMON_SIZE = 0.5
"""How often a screen has one of them, where the layout takes it; otherwise any, small ones as often as large ones."""

SCREEN_SCALES = {1.0: 0.5, 1.25: 0.08, 1.5: 0.12, 2.0: 0.27, 3.0: 0.03}
PHONE_SCALES = {1.0: 0.12, 1.5: 0.08, 2.0: 0.4, 3.0: 0.4}
"""Device pixels a CSS pixel, and how often."""

MOST_PX, LONGEST_PX = 3840 * 2160, 3840
"""No picture has more pixels, and no side is longer."""

SCROLLED = 0.35
"""How often what is longer than the screen is scrolled."""

CUT = 0.14
"""How often a picture shows a part of the screen alone."""

DAMAGED = 0.3
"""How often a screen went through a remote desktop, a scaling or a lossy file."""

VEILED = 0.6
"""How often what a dialog stands over is darkened."""


@dataclass(frozen=True)
class ScreenPlan:
    """A screen before it is rendered; no randomness is left in it. Sizes are in CSS pixels.

    `body` is the HTML in which the items' places are marked. `fits` says that the picture is as large as what is on it,
    `scrolled` by what share of the way its containers are scrolled, and `cut` what part of it, in shares, is shown.
    """

    layout: str
    width_px: int
    height_px: int
    fits: bool
    display: Display
    theme: Theme
    body: str
    items: tuple[ScreenItem, ...]
    scrolled: float
    cut: Box
    degradation: Degradation


WHOLE_SCREEN = Box(0, 0, 1, 1)


def draw_screen(recipe: Recipe, index: int, *, layout: str | None = None) -> ScreenPlan:
    """Draw a screen: a layout, unless one is named, then its kit, then all that the layout asks for.

    Raises:
        TemplateError: the layout's template is broken.
    """
    rng = rng_for(recipe.seed, index, "plan")
    chosen = recipe.layouts[layout] if layout else _draw_layout(rng, recipe.layouts)
    declared = chosen.declared
    size, display = _draw_size(rng, declared, recipe.screen_size)
    kit = draw_kit(recipe.palette, declared, seed=recipe.seed, parts=(index,))
    screen = Composition(recipe, index)
    whole = compose_app(screen, chosen, size_px=size, kit=kit, parts=())
    behind = _draw_behind(rng, screen, declared)
    sized = recipe.screen_size is not None
    fits = declared.fits and behind is None
    if behind is not None:
        size, display = _draw_size(rng, behind.declared, recipe.screen_size)
        whole = _standing_over(rng, compose_app(screen, behind, size_px=size, kit=kit, parts=("behind",)), whole)
    return ScreenPlan(
        layout=chosen.name,
        width_px=size[0],
        height_px=size[1],
        fits=fits,
        display=display,
        theme=kit.theme,
        body=_screen_html(whole, size, kit, fits=fits),
        items=tuple(screen.items),
        scrolled=round(rng.random(), 3) if rng.random() < SCROLLED else 0.0,
        cut=_draw_cut(rng) if rng.random() < CUT and not (declared.fits or sized) else WHOLE_SCREEN,
        degradation=_draw_damage(rng, display.scale, sized=sized),
    )


def _draw_layout(rng: random.Random, layouts: Mapping[str, ScreenLayout]) -> ScreenLayout:
    return rng.choices(list(layouts.values()), [one.declared.weight for one in layouts.values()])[0]


def _draw_size(
    rng: random.Random, declared: LayoutMatter, wanted: tuple[int, int] | None
) -> tuple[tuple[int, int], Display]:
    """Draw a size within the layout's, and what it is shown on; the picture has no more than MOST_PX pixels.

    Where a size is wanted, a pixel of it is one of the picture.
    """
    if wanted:
        return wanted, draw_display(rng, 1.0)
    ranges = (declared.width_px, declared.height_px)
    common = [size for size in SIZES_PX if all(low <= px <= high for px, (low, high) in zip(size, ranges, strict=True))]
    if common and rng.random() < COMMON_SIZE:
        width, height = rng.choices(common, [SIZES_PX[size] for size in common])[0]
    else:
        drawn = (math.exp(rng.uniform(math.log(low), math.log(high))) for low, high in ranges)
        width, height = (max(4, round(px / 4) * 4) for px in drawn)  # whole at every scale
    scales = PHONE_SCALES if declared.phone else SCREEN_SCALES
    able = {
        scale: often
        for scale, often in scales.items()
        if width * height * scale**2 <= MOST_PX and max(width, height) * scale <= LONGEST_PX
    }
    scale = rng.choices(list(able), list(able.values()))[0]
    return (width, height), draw_display(rng, scale)


def _draw_behind(rng: random.Random, screen: Composition, declared: LayoutMatter) -> ScreenLayout | None:
    """Draw the layout that one that fits stands over, if it does."""
    able = [one for one in screen.others(fits=False) if one.declared.phone == declared.phone]
    if not able or rng.random() >= declared.over:
        return None
    return rng.choices(able, [one.declared.weight for one in able])[0]


def _standing_over(rng: random.Random, behind: str, front: str) -> str:
    """Return two applications' HTML on each other, the one behind darkened or not."""
    shade = rng.choice(("#0006", "#0008", "#000a", "#fff8", "#1238"))
    veil = f'<div class="whole" data-veil style="background:{shade}"></div>' if rng.random() < VEILED else ""
    left, top = (round(100 * rng.choice((0.5, 0.5, rng.random()))) for _ in range(2))
    place = f"left:{left}%;top:{top}%;transform:translate(-{left}%,-{top}%)"
    shadow = rng.choice(("0 8px 30px #0007", "0 2px 8px #0005", "0 0 0 1px #0006", "0 20px 60px #000a"))
    return (
        f'<div class="whole">{behind}</div>{veil}'
        f'<div style="position:absolute;width:max-content;max-width:100%;{place};box-shadow:{shadow}">{front}</div>'
    )


def _screen_html(whole: str, size: tuple[int, int], kit: Kit, *, fits: bool) -> str:
    prefix = "max-" if fits else ""
    width = f"{prefix}width:{size[0]}px;{prefix}height:{size[1]}px"
    language = f'lang="{script_of(kit.theme).lang}" dir="{kit.theme.direction}"'
    classes = "screen fits" if fits else "screen"
    return f'<div class="{classes}" {language} style="{width};background:{escape(kit.theme.ground)}">{whole}</div>'


def _draw_cut(rng: random.Random) -> Box:
    width, height = rng.uniform(0.3, 0.85), rng.uniform(0.3, 0.85)
    return Box(
        round(rng.uniform(0, 1 - width), 3), round(rng.uniform(0, 1 - height), 3), round(width, 3), round(height, 3)
    )


def _draw_damage(rng: random.Random, scale: float, *, sized: bool) -> Degradation:
    """Draw what a screenshot goes through; what is small already is not made much smaller, what is sized stays so."""
    smallest = max(0.4, 0.85 / scale)
    resized = round(rng.uniform(smallest, 1.0 if scale > 1 else 1.3), 2) if rng.random() < 0.5 else 1.0
    enlarge_back = rng.random() < 0.25
    blur_px = round(rng.uniform(0.3, 0.8), 2) if rng.random() < 0.12 else 0.0
    colours = rng.choice((32, 64, 128, 256)) if rng.random() < 0.1 else None
    bits = rng.choice(REMOTE_BITS) if rng.random() < 0.14 else None
    jpeg = rng.randint(35, 95) if rng.random() < 0.55 else None
    damaged = rng.random() < DAMAGED
    vp8 = rng.randint(25, 85) if rng.random() < 0.1 else None
    if not damaged:
        return CLEAN
    if sized:
        resized, enlarge_back = min(1.0, resized), True
    return Degradation(resized, enlarge_back, blur_px, colours, bits, None if vp8 else jpeg, vp8)


def page_html(plan: ScreenPlan, families: Mapping[str, Family], *, hidden: frozenset[int] = frozenset()) -> str:
    """Return the body of the page that shows the screen; items of the numbers in `hidden` keep their room unseen."""

    def fill(number: int) -> str:
        item = plan.items[number]
        family = families[item.cell.family]
        cells = (item.cell, *other_cells(item, family))
        hosts = "".join(f"<span>{host_html(cell, family, cell.state)}</span>" for cell in cells)
        twin = "" if family.is_proven else " twin"
        unseen = ' style="visibility:hidden"' if number in hidden else ""
        return f'<span class="item{twin}" data-item="{number}"{unseen}>{hosts}</span>'

    return fill_places(plan.body, fill)


def other_cells(item: ScreenItem, family: Family) -> Sequence[Cell]:
    """Return the cells that an item is only compared with: in all states of a family that is not proven."""
    return () if family.is_proven else in_other_states(item.cell, family, shown=(item.cell.state,))


def variants(plan: ScreenPlan, families: Mapping[str, Family]) -> int:
    """Return how many pictures it takes to show every item in all states that must be compared."""
    return 1 + max((len(other_cells(item, families[item.cell.family])) for item in plan.items), default=0)
