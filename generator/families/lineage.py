"""Libraries: what a lineage of front-end packages declares, and the looks that its widgets stand on."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable

from pydantic import Field, ValidationError

from base.errors import TemplateError
from base.settings import Settings, flatten
from generator.families.theme import Theme, luminance, mix

DECLARATION = "library.toml"
HEX_COLOUR = r"^#[0-9a-f]{6}$"


class Look(Settings):
    """A ground that fits the library's widgets, the ink on it, and the attributes its <html> has there."""

    ground: str = Field(pattern=HEX_COLOUR)
    ink: str = Field(pattern=HEX_COLOUR)
    attributes: dict[str, str] = Field(default_factory=dict)
    weight: float = Field(default=1.0, gt=0)


class Declaration(Settings):
    """What library.toml holds: packages with exact versions, and what of them is needed, as paths in node_modules.

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
    looks: dict[str, Look] = Field(min_length=1)


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
