"""dataset.json: what a data set was drawn from, so that a run can be resumed and a crop rendered again."""

import hashlib
import importlib.metadata
import importlib.resources
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from base.errors import InputError, MissingError
from base.files import write_json
from base.plugins import name_providers, require_providers
from base.settings import Settings, flatten
from generator.crops.recipe import CHROMIUM_ALONE, Recipe
from generator.families.family import SUFFIX, Family
from generator.families.screen_layout import SCREENS, ScreenLayout
from generator.formats.crop_formats import CROP_FORMATS
from generator.libraries.installed import package_versions
from generator.rendering.browser import BrowserChoice
from generator.rendering.sheet import STYLE
from generator.sampling.cell import Palette
from generator.sampling.sampling_weights import ORDINARY, SamplingWeights
from generator.screens.page_html import SCREEN_STYLE

DESCRIPTION = "dataset.json"
PACKAGES = ("faker", "jinja2", "pillow")
"""Packages whose version decides bytes: words, compression, HTML and degradations."""

PAGE_SCRIPTS = ("stage.js", "show.js", "dress.js")
SCREEN_SCRIPTS = ("stage.js", "place.js", "dress.js")
"""What runs on the page of crops, and on that of a screen."""


NO_LAYOUTS: Mapping[str, ScreenLayout] = {}


class Description(Settings):
    """All that the bytes of a data set depend on, which a resumed run must agree with, and the command to type."""

    n: int = Field(gt=0)
    seed: int
    views: int = Field(gt=0)
    pairs: bool
    format: str
    command: str
    families: dict[str, str]
    shared: str
    browser: str
    fonts: tuple[str, ...]
    scripts: tuple[str, ...]
    versions: dict[str, str]
    layouts: dict[str, str] = Field(default={}, description="what screens are composed after, with a hash of each")
    screen_size: tuple[int, int] | None = Field(default=None, description="of every screen, px")
    painters: dict[str, float] = Field(default={}, description="the share of each painter, but of Chromium alone")
    weights: SamplingWeights | None = Field(default=None, description="what is drawn more often, of a recipe file")
    plugins: dict[str, str] = Field(default={}, description="the distribution of a format that is not built in")
    substates: tuple[str, ...] = Field(default=(), description="states within others that are classes of their own")

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON values; what earlier versions do not know only where there is any of it."""
        later = ("layouts", "screen_size", "painters", "weights", "plugins", "substates")
        return self.model_dump(mode="json", exclude={name for name in later if not getattr(self, name)})

    def recipe(self, families: Mapping[str, Family], layouts: Mapping[str, ScreenLayout] = NO_LAYOUTS) -> Recipe:
        """Return the recipe, given the catalogues with substates told apart.

        Their order is that of the first run, which decides what is drawn.
        """
        drawn = {name: families[name] for name in self.families}
        palette = Palette(drawn, self.fonts, self.scripts, self.weights or ORDINARY)
        slots = CROP_FORMATS[self.format].slots_a_page
        ordered = {name: layouts[name] for name in self.layouts}
        counts = (self.seed, self.n, self.views, self.pairs, slots)
        return Recipe(palette, *counts, ordered, self.screen_size, self.painters or CHROMIUM_ALONE)


def describe_dataset(
    recipe: Recipe, choices: Mapping[str, BrowserChoice], *, format_name: str, command: str
) -> Description:
    """Return the description of a data set that is about to be drawn."""
    palette = recipe.palette
    return Description(
        n=recipe.n,
        seed=recipe.seed,
        views=recipe.views,
        pairs=recipe.pairs,
        format=format_name,
        command=command,
        families=source_fingerprints(palette.families),
        shared=shared_fingerprint(screens=bool(recipe.layouts)),
        browser=", ".join(choices[name].version for name in recipe.painters),
        fonts=palette.fonts,
        scripts=palette.scripts,
        versions={name: importlib.metadata.version(name) for name in PACKAGES} | package_versions(palette.families),
        layouts=layout_fingerprints(recipe.layouts),
        screen_size=recipe.screen_size,
        painters={} if recipe.painters == CHROMIUM_ALONE else dict(recipe.painters),
        weights=palette.weights if palette.weights.changes_anything else None,
        plugins=name_providers([(CROP_FORMATS, format_name)]),
        substates=tuple(dict.fromkeys(name for family in palette.families.values() for name in family.substates)),
    )


def source_fingerprints(families: Mapping[str, Family]) -> dict[str, str]:
    """Return a short hash of each family's template and declaration, and of its library, by name."""
    libraries = {name: family.library for name, family in families.items()}
    return {
        name: _short_hash(
            repr(family)
            + (library.digest if (library := libraries[name]) else "")
            + (repr(family.substates) if family.substates else "")
        )
        for name, family in families.items()
    }


def layout_fingerprints(layouts: Mapping[str, ScreenLayout]) -> dict[str, str]:
    """Return a short hash of each layout's template and declaration, by name."""
    return {name: _short_hash(repr(layout)) for name, layout in layouts.items()}


def shared_fingerprint(*, screens: bool = False) -> str:
    """Return a short hash of what all families share, or all screens: macros, and the page they are shown on."""
    templates = importlib.resources.files("templates")
    folders = (templates, templates / SCREENS) if screens else (templates,)
    files = [file for folder in folders for file in folder.iterdir()]
    macros = sorted((file for file in files if file.name.startswith("_") and file.name.endswith(SUFFIX)), key=str)
    names = SCREEN_SCRIPTS if screens else PAGE_SCRIPTS
    scripts = [importlib.resources.files("generator.rendering").joinpath(name) for name in names]
    style = SCREEN_STYLE if screens else STYLE
    return _short_hash(style + "".join(file.read_text(encoding="utf-8") for file in (*macros, *scripts)))


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def settle_description(out: Path, description: Description) -> None:
    """Write the description into a data set that is begun; compare it with the one there in a data set resumed.

    Raises:
        InputError: the data set was begun with other settings, or its description is damaged.
    """
    if not (out / DESCRIPTION).exists():
        write_json(out / DESCRIPTION, description.to_dict())
        return
    begun = read_description(out)
    decisive = sorted(set(Description.model_fields) - {"command"})
    changed = [name for name in decisive if getattr(begun, name) != getattr(description, name)]
    if changed:
        raise InputError(
            f"{out} was begun with other settings ({', '.join(changed)}); "
            "resume with the same ones, or start again with --overwrite"
        )


def read_description(folder: Path) -> Description:
    """Read a data set's description.

    Raises:
        MissingError: there is none.
        InputError: it is damaged, and the message names the field; or what its format came with is not installed.
    """
    path = folder / DESCRIPTION
    if not path.exists():
        raise MissingError(f"no {DESCRIPTION} in {folder}; only data sets of `boxwright generate` have one")
    try:
        description = Description.model_validate(json.loads(path.read_text(encoding="utf-8")))
        require_providers([(CROP_FORMATS, description.format)], description.plugins)
    except ValidationError as error:
        raise InputError(flatten(error, str(path))) from error
    except ValueError as error:  # a PluginError too
        raise InputError(f"{path}: {error}") from error
    return description
