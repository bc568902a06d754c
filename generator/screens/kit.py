"""Kits: what one application has in common, its theme and the families and sizes of its widgets."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from base.seeds import rng_for
from generator.families.family import Family, Parameter, ParameterValue
from generator.families.lineage import on_look
from generator.families.screen_layout import LayoutMatter, ThemeWishes
from generator.families.theme import Theme, draw_theme, script_of
from generator.sampling.cell import LOOK, Palette

WIDGET_KINDS = ("checkbox", "radio", "switch")
"""The kinds that a layout can ask for, in the order in which their families are drawn."""

WISHED = 0.85
"""How often the families that a layout prefers are the only ones."""

RELATED = 0.8
"""How often radio_material comes with checkbox_material, where both are there."""

CONTRAST = 0.05
"""How often a screen is in the system's high contrast."""

CONTRAST_ACCENTS = ("#ffff00", "#1aebff", "#3ff23f", "#ffffff")

OLDER = 0.3
"""How often a program whose layout wishes for no families or colours is one of an older desktop."""

OLDER_FAMILIES = (
    *("*_win95", "*_xp", "*_bevel", "*_old_toolkit", "*_toolkit", "*_native", "*_sunken_fill", "*_slide_bevel"),
    *("*_bitmap", "*_desktop", "*_thick", "radio_square", "checkbox_grey_square", "checkbox_filled_square"),
)

OLDER_THEME = ThemeWishes(
    grounds=(
        *("#d4d0c8", "#c0c0c0", "#ece9d8", "#f0f0f0", "#dcdad5", "#d9d9d9", "#efebe7", "#aeb2c3", "#e7e5e4", "#bfbfbf"),
        *("#f6f5f4", "#cfd8dc", "#d6dde8", "#c8c093", "#9fb0a8", "#464646", "#33393b", "#2d3436", "#e8d8b8", "#ffffff"),
    ),
    font_sizes_px=(9, 10, 11, 11, 12, 12, 13, 13),
    radii_px=(0, 0, 2, 3),
)

LARGEST_FONT_PX = 16
"""The largest type of a screen that wants no other."""

SIZES_EM = {"size_px": (0.85, 1.75), "height_px": (0.95, 1.9)}
"""How large an indicator is beside the words of a screen, by the parameter that says so in most families."""

FREE_SIZE = 0.15
"""How often an indicator has any size that its family gives it."""

STAND_INS = {"checkbox": {"radio": 0.2, "switch": 0.08}, "switch": {"checkbox": 0.1, "radio": 0.06}}
"""How often an application has another kind where a layout asks for one, so that no kind is bound to some layouts."""

PLATES, PLATED = ("plate", "panel_px", "plate_px"), 0.15
"""Parameters of a ground of its own around an indicator, and how often such a ground is left on a screen."""

PASSING = {"hover": 0.2, "pressed": 0.2, "focus": 0.3, "focused": 0.3, "error": 0.3, "invalid": 0.3, "inactive": 0.3}
"""Parameters that one widget has and the next has not, and how often what they declare comes about on a screen."""

DISABLED, NO = "disabled", ("no", "none", "")
"""The parameter by which families draw what cannot be used, and what those say for no that have many ways of it."""

MIXED = ("mixed", "indeterminate")
"""Parameters by which families draw what is neither on nor off, of which `MIXED_SHARE` comes about."""

MIXED_SHARE = 0.4


@dataclass(frozen=True)
class KitMember:
    """A family as an application draws it: its parameters but for what differs from widget to widget."""

    family: Family
    params: Mapping[str, ParameterValue]


@dataclass(frozen=True)
class Kit:
    """A theme and what widgets are drawn with it, by the kind that a layout asks for.

    `share_on` is how many of them are on.
    """

    theme: Theme
    members: Mapping[str, KitMember]
    share_on: float


def draw_kit(palette: Palette, declared: LayoutMatter, *, seed: int, parts: Sequence[int | str]) -> Kit:
    """Draw what an application looks like; `parts` name it to the random generators."""
    declared = _of_its_age(declared, rng_for(seed, *parts, "age"))
    theme = _draw_screen_theme(palette, declared, rng_for(seed, *parts, "theme"))
    rng = rng_for(seed, *parts, "kit")
    members: dict[str, KitMember] = {}
    for kind in WIDGET_KINDS:
        family = _draw_family(rng, palette, kind, declared.families, members)
        if family is None:
            continue
        if family.dressed_by and not members:
            theme = _on_a_look(theme, family, rng)
        members[kind] = _draw_member(rng, family, theme, members)
    share_on = rng.choice((0.5, 0.5, 0.5, 0.25, 0.75))
    for kind, others in STAND_INS.items():
        [other] = rng.choices([kind, *others], [1 - sum(others.values()), *others.values()])
        if other in members and kind in members:
            members = members | {kind: members[other]}
    return Kit(theme, members, share_on)


def draws_an_indicator(family: Family) -> bool:
    """Tell whether a family can stand on a screen as a widget: one that draws its own words must mark its indicator."""
    marked = family.declared.label == "beside" or "data-indicator" in family.source
    worded = "data-box" in family.source and "data-label" in family.source
    return family.declared.kind in WIDGET_KINDS and (marked or worded)


def item_params(member: KitMember, rng: random.Random, theme: Theme) -> dict[str, ParameterValue]:
    """Return a member's parameters, anew those that differ from widget to widget: words, disabled, focus and such."""
    params = dict(member.params)
    for name, parameter in member.family.declared.params.items():
        if parameter.words is not None or name == DISABLED:
            params[name] = parameter.draw(rng, script_of(theme))
        elif name in PASSING or name in MIXED:
            share = MIXED_SHARE if name in MIXED else PASSING[name]
            drawn, denied = parameter.draw(rng, script_of(theme)), _denied(parameter)
            if denied is not None:
                params[name] = drawn if rng.random() < share else denied
    return params


def is_enabled(params: Mapping[str, ParameterValue]) -> bool:
    """Tell whether a widget with these parameters is drawn as one that can be used."""
    return params.get(DISABLED, False) in (False, *NO)


def as_wanted(member: KitMember, name: str, *, wanted: bool) -> dict[str, ParameterValue]:
    """Return a parameter such as `disabled` with its value for yes or no; nothing where the family has none."""
    parameter = member.family.declared.params.get(name)
    if parameter is None:
        return {}
    denied = _denied(parameter)
    others = [value for value in parameter.choice or (True,) if value != denied]
    return {name: others[0]} if wanted else {} if denied is None else {name: denied}


def _denied(parameter: Parameter) -> ParameterValue | None:
    """Return the value by which a parameter such as `disabled` says no, if it has one."""
    if parameter.chance is not None:
        return False
    return next((value for value in parameter.choice or () if value in (*NO, 0)), None)


def _of_its_age(declared: LayoutMatter, rng: random.Random) -> LayoutMatter:
    """Return what is declared, or the wishes of an older desktop: small type, edges that light and shadow draw."""
    wished = declared.phone or declared.families or declared.theme.grounds
    if wished or rng.random() >= OLDER:
        return declared
    return declared.model_copy(update={"families": OLDER_FAMILIES, "theme": OLDER_THEME})


def _draw_screen_theme(palette: Palette, declared: LayoutMatter, rng: random.Random) -> Theme:
    wishes = declared.theme
    ground = rng.choice(wishes.grounds) if wishes.grounds else None
    theme = draw_theme(rng, fonts=palette.fonts, scripts=palette.scripts, ground=ground)
    font_px = rng.choice(wishes.font_sizes_px) if wishes.font_sizes_px else min(theme.font_size_px, LARGEST_FONT_PX)
    weight = 400 if rng.random() < 0.7 else theme.font_weight
    theme = replace(theme, font_size_px=font_px, font_weight=weight)
    if wishes.fonts and theme.script == "latin":
        theme = replace(theme, font=", ".join(f"'{name}'" for name in wishes.fonts) + ", " + theme.font)
    if wishes.radii_px:
        theme = replace(theme, radius_px=rng.choice(wishes.radii_px))
    if not wishes.grounds and rng.random() < CONTRAST:
        black, white = "#000000", "#ffffff"
        accent = rng.choice(CONTRAST_ACCENTS)
        theme = replace(theme, ground=black, surface=black, ink=white, muted=white, line=white, faint="#333333")
        return replace(theme, mode="contrast", dark=True, accent=accent, on_accent=black)
    return theme


def _on_a_look(theme: Theme, family: Family, rng: random.Random) -> Theme:
    looks = family.dressed_by.looks if family.dressed_by else {}
    name = rng.choices(list(looks), [look.weight for look in looks.values()])[0]
    return replace(on_look(theme, looks[name]), mode=name)


def _draw_family(
    rng: random.Random,
    palette: Palette,
    kind: str,
    patterns: Iterable[str],
    members: Mapping[str, KitMember],
) -> Family | None:
    """Draw a family of the kind, of the same library as those that are there, and of the same style where it can be."""
    able = [one for one in palette.families.values() if one.declared.kind == kind and draws_an_indicator(one)]
    if members:
        first = next(iter(members.values())).family
        able = [one for one in able if one.dressed_by == first.dressed_by]
        style = first.name.partition("_")[2]
        related = [one for one in able if one.name.partition("_")[2] == style and not first.dressed_by]
        able = related if related and rng.random() < RELATED else able
    if rng.random() < WISHED:
        able = [one for one in able if any(fnmatchcase(one.name, pattern) for pattern in patterns)] or able
    return rng.choices(able, [one.declared.weight for one in able])[0] if able else None


def _draw_member(rng: random.Random, family: Family, theme: Theme, members: Mapping[str, KitMember]) -> KitMember:
    params = family.draw_params(rng, script_of(theme))
    if rng.random() >= PLATED:
        params |= _without_plate(family)
    if family.dressed_by:
        return KitMember(family, params | {LOOK: theme.mode})
    if rng.random() >= FREE_SIZE:
        for name, reach in SIZES_EM.items():
            declared = family.declared.params.get(name)
            if declared and declared.range:
                low, high = declared.range
                wanted = rng.uniform(*reach) * theme.font_size_px
                params[name] = round(min(max(wanted, low), high))
    return KitMember(family, params)


def _without_plate(family: Family) -> dict[str, ParameterValue]:
    """Return the parameters by which a family that has a ground of its own around the indicator leaves that away."""
    declared = family.declared.params
    denied = {name: _denied(declared[name]) for name in PLATES if name in declared}
    return {name: value for name, value in denied.items() if value is not None}
