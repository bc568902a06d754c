"""Checking families: states can be told apart, parameters change pixels, and the widget's box holds its state."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from base.arrays import Pixels
from base.counting import counted
from base.seeds import rng_for
from generator.families.family import Family, ParameterValue
from generator.families.theme import script_of
from generator.rendering.difference import SMALLEST_CHANGE, changed_share, visible_change
from generator.rendering.sheet import sheet_html
from generator.rendering.studio import Display, Studio, Surroundings, find_surroundings, with_studio
from generator.sampling.box import Box, union
from generator.sampling.cell import Cell, Palette, draw_cell
from generator.sampling.degrade import CLEAN
from generator.sampling.placement import BARE, View, Window

DRAWS = 12
FIRST_DRAWS = 4
"""The styles in which each parameter is changed; the other styles are for those that changed nothing in these."""

CELLS_A_SHEET = 150
DISPLAY = Display(2.0)
MARGIN_PX = 12
"""Ground around the widget, in CSS pixels: room for its halo."""

SMALLEST_EFFECT = 0.001
"""The share of the widget's pixels that a parameter must change."""

CONTROLS = ("=", "==", "===")
"""Mark the style painted again, unchanged: what differs then is where on the sheet it stands."""

TOLERANCE_PX = 2
"""How far outside the box, in device pixels, a change still counts as inside."""

MOST_STRAY = 0.25
"""The largest share of a state's pixels that may lie outside the box: glows and halos do."""

WHOLE = View(Window(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX, label_share=1.0), CLEAN)


@dataclass(frozen=True)
class FamilyReport:
    """What `check_family` found over `draws` styles.

    `hidden` counts the styles in which two states look the same; `ineffective` are the parameters that, changed alone,
    changed the picture in no style; `stray` is the share of the pixels by which states differ that lie outside the
    widget's box, on average.
    """

    family: str
    draws: int
    hidden: int
    ineffective: tuple[str, ...]
    stray: float

    @property
    def good(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.hidden and not self.ineffective and self.stray <= MOST_STRAY

    def __str__(self) -> str:
        if self.good:
            return f"{self.family}: good"
        hidden = f"states look alike in {self.hidden} of {counted(self.draws, 'style')}" if self.hidden else ""
        idle = f"no effect of {', '.join(self.ineffective)}" if self.ineffective else ""
        stray = f"{self.stray:.0%} of what tells the states apart is outside the box; mark it with data-box"
        parts = (hidden, idle, stray if self.stray > MOST_STRAY else "")
        return f"{self.family}: " + "; ".join(part for part in parts if part)


def check_families(
    families: Mapping[str, Family],
    *,
    browser: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[FamilyReport]:
    """Check each family, in order.

    Raises:
        TemplateError: a template is broken.
        BrowserError: no browser starts, or it failed.
    """
    choice, surroundings = find_surroundings(browser)

    def check_all(studio: Studio) -> list[FamilyReport]:
        reports = []
        for family in families.values():
            reports.append(check_family(family, studio, surroundings))
            if on_progress:
                on_progress(len(reports), len(families))
        return reports

    return with_studio(choice, check_all)


def check_family(family: Family, studio: Studio, surroundings: Surroundings, *, seed: int = 0) -> FamilyReport:
    """Render the family in a dozen styles, in each state, and in some of them with each parameter changed alone.

    What is wrong must be so in two paintings: on a busy machine one control was once painted otherwise than the style
    that it repeats, which hid the effects of three parameters.

    Raises:
        TemplateError: the template is broken.
        BrowserError: the browser failed.
    """
    report = _paint_and_compare(family, studio, surroundings, seed=seed)
    return report if report.good else _paint_and_compare(family, studio, surroundings, seed=seed)


def _paint_and_compare(family: Family, studio: Studio, surroundings: Surroundings, *, seed: int) -> FamilyReport:
    palette = Palette({family.name: family}, surroundings.fonts, surroundings.scripts)
    styles = [
        replace(draw_cell(palette, seed=seed, style=style), layout=BARE, views=(WHOLE,)) for style in range(DRAWS)
    ]
    first, later = styles[:FIRST_DRAWS], styles[FIRST_DRAWS:]
    idle = tuple(name for name in family.declared.params if not _is_alone(family, name))
    # The later styles are on the first sheet as they are: a second is painted only where something has had no effect.
    sheet = [*_variants(family, first, idle, seed), *_variants(family, later, (), seed)]
    shown = _paint(sheet, palette.families, studio)
    idle = _without_effect(family, shown, first, idle)
    if idle:
        shown |= _paint(list(_variants(family, later, idle, seed)), palette.families, studio)
        idle = _without_effect(family, shown, later, idle)
    hidden = sum(_looks_alike(family, shown, style.style) for style in styles)
    stray = sum(_stray(family, shown, style.style) for style in styles) / DRAWS
    return FamilyReport(family.name, DRAWS, hidden, idle, stray)


@dataclass(frozen=True)
class _Picture:
    """A cell as painted, and the widget's box in it."""

    pixels: Pixels
    box: Box


@dataclass(frozen=True)
class _Variant:
    """A style in one state; `changed` names the parameter that differs, or is one of CONTROLS, or empty."""

    changed: str
    cell: Cell


def _variants(family: Family, styles: Sequence[Cell], names: Sequence[str], seed: int) -> Iterator[_Variant]:
    """Yield each style in each state, and with each of these parameters changed."""
    for style in styles:
        for state in family.declared.states:
            yield _Variant("", replace(style, state=state))
            for control in CONTROLS if names else ():
                yield _Variant(control, replace(style, state=state))
            for name in names:
                params = dict(style.params) | {name: _other_value(family, style, name, seed)}
                yield _Variant(name, replace(style, state=state, params=params))


def _is_alone(family: Family, name: str) -> bool:
    """Tell whether the parameter is the only icon that its set has for the family, which nothing can be put for."""
    is_icon_set = family.library is not None and family.library.is_icon_set
    return is_icon_set and len(family.declared.params[name].choice or ()) == 1


def _other_value(family: Family, style: Cell, name: str, seed: int) -> ParameterValue:
    """Draw until the value differs from the style's; a parameter that cannot differ comes back as it was."""
    rng = rng_for(seed, style.style, "other", name)
    parameter = family.declared.params[name]
    if parameter.chance is not None:
        return not style.params[name]
    for _ in range(50):
        value = parameter.draw(rng, script_of(style.theme))
        if value != style.params[name]:
            return value
    return style.params[name]


def _paint(variants: Sequence[_Variant], families: Mapping[str, Family], studio: Studio) -> "dict[_Key, _Picture]":
    """Return each variant's cell as painted, by its style, what is changed in it and its state."""
    shown = {}
    for start in range(0, len(variants), CELLS_A_SHEET):
        some = variants[start : start + CELLS_A_SHEET]
        html = sheet_html([(variant.cell,) for variant in some], families, whole=True)
        [capture] = studio.capture(html, count=len(some), display=DISPLAY)
        for variant, placed in zip(some, capture.placed, strict=True):
            box = placed.cell.scaled(DISPLAY.scale, DISPLAY.scale).rounded()
            pixels = capture.pixels[int(box.y) : int(box.bottom), int(box.x) : int(box.right)]
            widget = placed.widget.scaled(DISPLAY.scale, DISPLAY.scale).moved(-box.x, -box.y)
            shown[variant.cell.style, variant.changed, variant.cell.state] = _Picture(pixels, widget)
    return shown


_Key = tuple[int, str, str]
_Shown = Mapping[_Key, _Picture]


def _pairs(family: Family, shown: _Shown, style: int) -> Iterator[tuple[_Picture, _Picture]]:
    """Yield the style's pictures in any two states."""
    for one, two in itertools.combinations(family.declared.states, 2):
        yield shown[style, "", one], shown[style, "", two]


def _looks_alike(family: Family, shown: _Shown, style: int) -> bool:
    pairs = _pairs(family, shown, style)
    return any(_difference(one, two) < SMALLEST_CHANGE for one, two in pairs)


def _stray(family: Family, shown: _Shown, style: int) -> float:
    """Return the largest share of the pixels that tell two states apart which lies outside both boxes."""
    return max((_stray_of(*pair) for pair in _pairs(family, shown, style)), default=0.0)


def _stray_of(one: _Picture, two: _Picture) -> float:
    if one.pixels.shape != two.pixels.shape:
        return 0.0
    changed = visible_change(one.pixels, two.pixels)
    total = changed.sum()
    box = union([one.box, two.box]).rounded()
    left, top = max(0, int(box.x) - TOLERANCE_PX), max(0, int(box.y) - TOLERANCE_PX)
    changed[top : int(box.bottom) + TOLERANCE_PX, left : int(box.right) + TOLERANCE_PX] = False
    return float(changed.sum() / max(1, total))


def _without_effect(family: Family, shown: _Shown, styles: Sequence[Cell], names: Sequence[str]) -> tuple[str, ...]:
    """Return the parameters that, changed alone, change the picture of none of these styles by more than noise."""
    noise = [max(_change(family, shown, style.style, each) for each in CONTROLS) for style in styles] if names else []
    changes = {name: [_change(family, shown, style.style, name) for style in styles] for name in names}
    return tuple(name for name in names if not _is_effect(changes[name], noise))


def _is_effect(changes: Sequence[float], noise: Sequence[float]) -> bool:
    """Tell whether a parameter that changes the picture by so much in each style changes it by more than noise.

    Either in one of the styles by more than twice the noise of any, or in half of them by more than twice their own.
    """
    if max(changes) > max(SMALLEST_EFFECT, 2 * max(noise)):
        return True
    clear = sum(change > max(SMALLEST_EFFECT, 2 * own) for change, own in zip(changes, noise, strict=True))
    return 2 * clear >= len(changes)


def _change(family: Family, shown: _Shown, style: int, changed: str) -> float:
    """Return by how much the picture of some state, or its box, differs from the style's own, at most."""
    pairs = [(shown[style, "", state], shown[style, changed, state]) for state in family.declared.states]
    return max(1.0 if _moved(one.box, two.box) else _difference(one, two) for one, two in pairs)


def _moved(one: Box, two: Box) -> bool:
    """Tell whether boxes differ by more than a pixel: some parameters decide what the crop is cut around."""
    return any(abs(getattr(one, side) - getattr(two, side)) > 1 for side in ("x", "y", "width", "height"))


def _difference(one: _Picture, two: _Picture) -> float:
    """Return the visibly different pixels as a share of the widget's box; 1 where the sizes differ."""
    return changed_share(one.pixels, two.pixels, area=one.box.width * one.box.height)
