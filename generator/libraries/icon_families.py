"""Families of icon sets: the templates that all sets share, with a set's icons for their parameters to choose from."""

import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources.abc import Traversable

from generator.families.family import SUFFIX, Family, Parameter, ParameterValue, parse_family, read_template
from generator.families.lineage import Library
from generator.libraries.icon_set import IconPair, IconSet

ICON_TEMPLATES = "icons"
ANY_ICON, ANY_PAIR = "any icon", "any pair"
"""What a template gives as the only choice of a parameter that is drawn from a set's icons, or from its widgets."""

INDETERMINATE = "indeterminate"
"""What a widget that is mixed is called where it is told from one that is on."""

MIXED_WEIGHT = 0.25
"""How often a widget that is mixed is drawn beside one that is on."""


@functools.cache
def icon_family_files() -> Mapping[str, Traversable]:
    """Return the templates that icon sets share, by name, sorted."""
    files = (importlib.resources.files("templates") / ICON_TEMPLATES).iterdir()
    found = {file.name.removesuffix(SUFFIX): file for file in files if file.name.endswith(SUFFIX)}
    return dict(sorted(found.items()))


def icon_set_families(library: Library, icons: IconSet) -> dict[str, Family]:
    """Return the families that the set has icons for, by names like `iconify-lucide/button`."""
    families = {}
    for file, template in icon_family_files().items():
        name = f"{library.name}/{file}"
        family = parse_family(name, read_template(template))
        offered = icons.others if family.declared.kind == "none" else icons.pairs_of(family.declared.kind)
        if offered:
            families[name] = replace(_filled(family, icons), library=library)
    return families


def _filled(family: Family, icons: IconSet) -> Family:
    others = Parameter(choice=icons.others or ("",))
    widgets = _pair_choice(icons.pairs_of(family.declared.kind))
    places: dict[tuple[ParameterValue, ...], Parameter] = {(ANY_ICON,): others, (ANY_PAIR,): widgets}
    params = {name: places.get(one.choice, one) if one.choice else one for name, one in family.declared.params.items()}
    mixed = [f"{pair.on} {pair.off}" for pair in icons.pairs_of(family.declared.kind) if pair.mixed]
    paired = next((name for name, one in family.declared.params.items() if one.choice == (ANY_PAIR,)), "")
    substates = {INDETERMINATE: f"{paired} in {mixed}"} if mixed and paired else {}
    return replace(family, declared=family.declared.model_copy(update={"params": params, "substates": substates}))


def _pair_choice(pairs: tuple[IconPair, ...]) -> Parameter:
    if not pairs:
        return Parameter(choice=("",))
    weights = tuple(MIXED_WEIGHT if pair.mixed else 1.0 for pair in pairs)
    return Parameter(choice=tuple(f"{pair.on} {pair.off}" for pair in pairs), weights=weights)
