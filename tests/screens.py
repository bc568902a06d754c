"""Small screens for tests: layouts of a line or two, drawn and looked at."""

from dataclasses import replace
from typing import Any

from generator.crops.recipe import Recipe
from generator.families.family import Family
from generator.families.screen_layout import ScreenLayout, parse_layout
from generator.rendering.studio import Display, Studio
from generator.sampling.box import Box
from generator.sampling.degrade import CLEAN
from generator.screens.screen_plan import WHOLE_SCREEN, ScreenPlan, draw_screen
from generator.screens.screenshots import PaintedScreen, paint_screen
from generator.screens.sightings import SeenWidget
from tests.families import family, palette

MATTER = 'about = "a test"\nwidth_px = [300, 300]\nheight_px = [200, 200]\n[theme]\ngrounds = ["#ffffff"]\n'


def layout(body: str, *, matter: str = MATTER, name: str = "mine") -> ScreenLayout:
    return parse_layout(name, f"+++\n{matter}+++\n{body}")


def recipe_of(*layouts: ScreenLayout, families: tuple[Family, ...] = (), seed: int = 0, n: int = 1) -> Recipe:
    return Recipe(palette(*(families or (family(),))), seed, n, layouts={one.name: one for one in layouts})


def plain_plan(recipe: Recipe, index: int = 0, **changes: Any) -> ScreenPlan:
    """Return a plan at one pixel a pixel, of which nothing is cut off, scrolled or damaged."""
    quiet: dict[str, Any] = {"display": Display(1.0), "cut": WHOLE_SCREEN, "degradation": CLEAN, "scrolled": 0.0}
    return replace(draw_screen(recipe, index), **quiet | changes)


def paint(body: str, studio: Studio, *, families: tuple[Family, ...] = (), **changes: Any) -> PaintedScreen:
    recipe = recipe_of(layout(body), families=families)
    return paint_screen(recipe, plain_plan(recipe, **changes), studio, {})


def only(painted: PaintedScreen) -> SeenWidget:
    [one] = painted.seen.values()
    return one


def corners(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.right, box.bottom
