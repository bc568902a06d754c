"""Libraries: what a lineage of front-end packages declares, and the looks that its widgets stand on."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable

from pydantic import Field, ValidationError, model_validator

from base.errors import TemplateError
from base.settings import Settings, flatten
from generator.families.theme import Theme, luminance, mix

DECLARATION = "library.toml"
HEX_COLOUR = r"^#[0-9a-f]{6}$"
ICONIFY = "iconify-"
"""What names of Iconify's sets begin with, whether they are declared or not."""


class Look(Settings):
    """A ground that fits the library's widgets, the ink on it, and the attributes its <html> has there."""

    ground: str = Field(pattern=HEX_COLOUR)
    ink: str = Field(pattern=HEX_COLOUR)
    attributes: dict[str, str] = Field(default_factory=dict)
    weight: float = Field(default=1.0, gt=0)


class IconSource(Settings):
    """Where a package has its icons: an Iconify collection's JSON, or SVG files by a pattern, as paths in node_modules.

    `ambiguous` are names of icons that look like a widget, or like a state of one, though no word of them says so.
    """

    collection: str = ""
    files: str = ""
    ambiguous: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _exactly_one(self) -> "IconSource":
        if bool(self.collection) == bool(self.files):
            raise ValueError("give exactly one of collection and files")
        return self


class Declaration(Settings):
    """What library.toml holds: packages with exact versions, and what of them is needed, as paths in node_modules.

    `icons` makes it an icon set, which stands on any ground; component libraries have looks.
    `style` is CSS that the library's own script would add to a page.
    `script` is an ES module's source: its imports are bundled with esbuild, which must then be among the packages.
    `rem_px` is the font size of the library's <html>.
    """

    title: str
    licence: str
    packages: dict[str, str] = Field(min_length=1)
    css: tuple[str, ...] = ()
    style: str = ""
    script: str = ""
    rem_px: float = Field(default=16, gt=0)
    looks: dict[str, Look] = Field(default_factory=dict)
    icons: IconSource | None = None

    @model_validator(mode="after")
    def _components_or_icons(self) -> "Declaration":
        if self.icons and (self.looks or self.css or self.style or self.script):
            raise ValueError("an icon set has neither looks nor css, style and script")
        if not self.icons and not self.looks:
            raise ValueError("give at least one of looks, or icons")
        return self


@dataclass(frozen=True)
class Library:
    """A declared lineage; `digest` is that of what is installed of it, and empty where nothing is."""

    name: str
    declared: Declaration
    digest: str = ""

    @property
    def looks(self) -> Mapping[str, Look]:
        """Return the looks by name."""
        return self.declared.looks

    @property
    def is_icon_set(self) -> bool:
        """Tell whether it is a set of icons, drawn in the colours of any theme, and not a library of components."""
        return self.declared.icons is not None


def read_library(folder: Traversable, name: str) -> Library:
    """Read a lineage's folder.

    Raises:
        TemplateError: library.toml is not TOML, or declares what no library can have.
    """
    where = f"{name}/{DECLARATION}"
    try:
        values = tomllib.loads((folder / DECLARATION).read_text(encoding="utf-8"))
        return Library(name, Declaration.model_validate(values))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TemplateError(f"{where}: {error}") from error
    except ValidationError as error:
        raise TemplateError(flatten(error, where)) from error


def iconify_library(name: str) -> Library:
    """Return the lineage of an icon set that nobody declared, `iconify-NAME`: the newest package of Iconify's."""
    package = f"@iconify-json/{name.removeprefix(ICONIFY)}"
    return Library(
        name,
        Declaration(
            title=f"{name.removeprefix(ICONIFY)}, of Iconify",
            licence="see the package",
            packages={package: "latest"},
            icons=IconSource(collection=f"{package}/icons.json"),
        ),
    )


def on_look(theme: Theme, look: Look) -> Theme:
    """Return the theme with the look's ground and ink, and the quiet colours that lie between them."""
    return replace(
        theme,
        mode="library",
        dark=luminance(look.ground) < luminance(look.ink),
        ground=look.ground,
        surface=look.ground,
        ink=look.ink,
        muted=mix(look.ground, look.ink, 0.6),
        line=mix(look.ground, look.ink, 0.25),
        faint=mix(look.ground, look.ink, 0.07),
    )
