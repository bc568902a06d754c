"""Checking layouts: what a screen says of its widgets is what is seen on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from base.arrays import Mask
from generator.crops.recipe import Recipe
from generator.families.family import Family
from generator.families.screen_layout import ScreenLayout
from generator.rendering.difference import visible_change
from generator.rendering.photograph import Photograph
from generator.rendering.png import decode_png
from generator.rendering.studio import Display, Studio, Surroundings, find_surroundings, with_studio
from generator.sampling.box import Box
from generator.sampling.cell import Palette
from generator.screens.screen_plan import ScreenPlan, draw_screen
from generator.screens.screenshots import photograph_screen
from generator.screens.sightings import sightings

SCREENS_A_LAYOUT = 4
NEAR_PX = 3
"""How far from an indicator, in the picture's pixels, a change of its state may reach: focus, halos, a tick's tip."""

MOST_STRAY_CHANGE = 0.5
"""The largest share of such a change that may lie elsewhere on the screen: shadows and glows do."""


@dataclass(frozen=True)
class LayoutReport:
    """What `check_layout` found on `screens` screens with `widgets` widgets, by number of widgets or of screens.

    `outside` counts boxes that are not on the picture, `alike` widgets whose state cannot be seen in their box,
    `overlapping` boxes that lie on another one's, `empty` screens on which there is
    nothing at all; `stray` counts screens on which states are seen elsewhere than in boxes.
    """

    layout: str
    screens: int
    widgets: int
    outside: int = 0
    alike: int = 0
    stray: int = 0
    overlapping: int = 0
    empty: int = 0

    @property
    def good(self) -> bool:
        """Tell whether nothing is wrong."""
        return not (self.outside or self.alike or self.stray or self.overlapping or self.empty)

    def __str__(self) -> str:
        if self.good:
            return f"{self.layout}: good, {self.widgets} widgets on {self.screens} screens"
        wrong = {
            "boxes are not on the picture": self.outside,
            "widgets look alike in both states": self.alike,
            "screens show states elsewhere than in boxes": self.stray,
            "boxes lie on others": self.overlapping,
            "screens are empty": self.empty,
        }
        found = "; ".join(f"{count} {what}" for what, count in wrong.items() if count)
        return f"{self.layout}: {found}, of {self.widgets} widgets on {self.screens} screens"


def check_layouts(
    layouts: Mapping[str, ScreenLayout],
    families: Mapping[str, Family],
    *,
    names: tuple[str, ...] = (),
    browser: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[LayoutReport]:
    """Check each layout, or those in `names`, in order; the others may stand in their windows.

    Raises:
        TemplateError: a template is broken.
        BrowserError: no browser starts, or it failed.
    """
    choice, surroundings = find_surroundings(browser)
    wanted = names or tuple(layouts)

    def check_all(studio: Studio) -> list[LayoutReport]:
        reports = []
        for name in wanted:
            reports.append(check_layout(name, layouts, families, studio=studio, surroundings=surroundings))
            if on_progress:
                on_progress(len(reports), len(wanted))
        return reports

    return with_studio(choice, check_all)


def check_layout(
    name: str,
    layouts: Mapping[str, ScreenLayout],
    families: Mapping[str, Family],
    *,
    studio: Studio,
    surroundings: Surroundings,
    screens: int = SCREENS_A_LAYOUT,
    seed: int = 0,
) -> LayoutReport:
    """Draw some screens after the layout, each with its widgets in one state and in another, in the same places.

    Raises:
        TemplateError: a template is broken.
        BrowserError: the browser failed.
    """
    # What is not proven is drawn in all of its states.
    unproven = {name: replace(family, own=True) for name, family in families.items()}
    recipe = Recipe(Palette(unproven, surroundings.fonts, surroundings.scripts), seed, screens, layouts=layouts)
    counts = dict.fromkeys(("widgets", "outside", "alike", "stray", "overlapping", "empty"), 0)
    for index in range(screens):
        plan = replace(draw_screen(recipe, index, layout=name), display=Display(1.0))
        shot = photograph_screen(recipe, plan, studio, count=2)
        for what, count in _faults(plan, shot).items():
            counts[what] += count
    return LayoutReport(name, screens, **counts)


def _faults(plan: ScreenPlan, shot: Photograph) -> dict[str, int]:
    first, second, bare = (decode_png(picture) for picture in (*shot.pictures, shot.bare))
    height, width = first.shape[:2]
    seen = sightings(shot.items, first, bare, scale=1.0)
    widgets = [one for number, one in seen.items() if plan.items[number].cell.kind != "none" and not one.ignored]
    boxes = [one.box for one in widgets]
    changed = visible_change(first, second)
    elsewhere = changed.copy()
    for one in (*seen.values(), *sightings(shot.items, second, bare, scale=1.0).values()):
        _part(elsewhere, one.box, margin=NEAR_PX)[:] = False
    return {
        "widgets": len(widgets),
        "outside": sum(box.clipped(Box(0, 0, width, height)) != box for box in boxes),
        "alike": sum(not _part(changed, box).any() for box in boxes),
        "stray": int(elsewhere.sum() > MOST_STRAY_CHANGE * changed.sum()),
        "overlapping": sum(_overlap(one, two) for place, one in enumerate(boxes) for two in boxes[:place]),
        "empty": int(first.std() < 1),
    }


def _part(mask: Mask, box: Box, *, margin: int = 0) -> Mask:
    wide = Box(box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin).rounded()
    wide = wide.clipped(Box(0, 0, mask.shape[1], mask.shape[0]))
    part: Mask = mask[int(wide.y) : int(wide.bottom), int(wide.x) : int(wide.right)]
    return part


def _overlap(one: Box, two: Box) -> bool:
    """Tell whether two boxes share more than an edge."""
    shared = one.clipped(two)
    return min(shared.width, shared.height) > 1
