"""Layouts of screens: template files with TOML front matter that declares sizes, frames, colours and parameters."""

import importlib.resources
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from base.errors import MissingError, TemplateError, unknown_choice
from base.settings import Settings, flatten
from generator.families.family import SUFFIX, Parameter, read_template, split_front_matter
from generator.families.lineage import HEX_COLOUR

SCREENS = "screens"
"""The folder of layouts among the templates."""

Frame = Literal["none", "browser", "window", "classic", "phone"]
"""What may stand around a layout: nothing, a browser, a window of today or of yesterday, the bars of a phone."""


class ThemeWishes(Settings):
    """What a layout wants of its theme; a list names choices, of which one is drawn, and an empty one wants nothing."""

    grounds: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    font_sizes_px: tuple[int, ...] = ()
    radii_px: tuple[int, ...] = ()

    @field_validator("grounds")
    @classmethod
    def _are_colours(cls, grounds: tuple[str, ...]) -> tuple[str, ...]:
        for ground in grounds:
            if not re.fullmatch(HEX_COLOUR, ground):
                raise ValueError(f"'{ground}' is no colour; write it as #rrggbb, in small letters")
        return grounds


class LayoutMatter(Settings):
    """What a layout's file declares between its two +++ lines. `px` are CSS pixels.

    `fits` says that the picture ends where the layout does, so that the sizes are the room it has at most; `over` is
    how often such a one stands above another layout. `families` are patterns of names, of which widgets are mostly.
    """

    about: str = Field(min_length=1)
    width_px: tuple[int, int]
    height_px: tuple[int, int]
    fits: bool = False
    over: float = Field(default=0.0, ge=0, le=1)
    phone: bool = False
    frames: dict[Frame, float] = Field(default={"none": 1.0}, min_length=1)
    families: tuple[str, ...] = ()
    theme: ThemeWishes = ThemeWishes()
    weight: float = Field(default=1.0, gt=0)
    params: dict[str, Parameter] = Field(default_factory=dict)

    @field_validator("width_px", "height_px")
    @classmethod
    def _is_a_range(cls, sizes: tuple[int, int]) -> tuple[int, int]:
        if not SMALLEST_PX <= sizes[0] <= sizes[1] <= LARGEST_PX:
            raise ValueError(f"{list(sizes)} is no range of sizes between {SMALLEST_PX} and {LARGEST_PX} px")
        return sizes

    @field_validator("params")
    @classmethod
    def _are_identifiers(cls, params: dict[str, Parameter]) -> dict[str, Parameter]:
        for name in params:
            if name in LAYOUT_NAMES or not name.isidentifier():
                raise ValueError(f"'{name}' cannot name a parameter: an identifier that layouts do not have already")
        return params

    def takes(self, size: tuple[int, int]) -> bool:
        """Say whether a screen of that width and height can be composed after it."""
        ranges = (self.width_px, self.height_px)
        return not self.fits and all(low <= px <= high for px, (low, high) in zip(size, ranges, strict=True))

    @model_validator(mode="after")
    def _only_what_fits_stands_over_another(self) -> "LayoutMatter":
        if self.over and not self.fits:
            raise ValueError("only a layout with fits = true can stand over another")
        return self


SMALLEST_PX, LARGEST_PX = 60, 3840

LAYOUT_NAMES = (
    *("t", "width", "height", "widget", "any_widget", "group", "tri_state", "thing", "app", "has"),
    *("pick", "chance", "choose", "shuffled", "words", "sentence", "paragraph", "number", "datum", "shade"),
)
"""Names that layouts get besides their parameters."""


@dataclass(frozen=True)
class ScreenLayout:
    """A template of a whole screen and its declaration. `own` says that the user brought the file."""

    name: str
    declared: LayoutMatter
    source: str
    own: bool = field(default=False, repr=False)


def parse_layout(name: str, text: str, *, own: bool = False) -> ScreenLayout:
    """Read one layout file's text.

    Raises:
        TemplateError: the front matter is missing, is not TOML, or declares what no layout can have.
    """
    values, source = split_front_matter(name, text)
    try:
        return ScreenLayout(name, LayoutMatter.model_validate(values), source, own)
    except ValidationError as error:
        raise TemplateError(flatten(error, f"{SCREENS}/{name}{SUFFIX}")) from error


def load_layouts(
    names: tuple[str, ...] = (), *, without: tuple[str, ...] = (), folder: Path | None = None
) -> Mapping[str, ScreenLayout]:
    """Load the layouts that come along and those in `folder/screens` (which win), sorted by name; or those in `names`.

    Raises:
        MissingError: `folder` does not exist.
        InputError: a name is not in the catalogue.
        TemplateError: a layout's file does not parse.
    """
    files = layout_files(folder)
    for name in (*names, *without):
        if name not in files:
            raise unknown_choice("layout", name, files)
    own = {file.name for file in _folder_files(folder)}
    return {
        name: parse_layout(name, read_template(file), own=file.name in own)
        for name, file in files.items()
        if (not names or name in names) and name not in without
    }


def layout_files(folder: Path | None = None) -> dict[str, Traversable]:
    """Return the files of all layouts by name, sorted; none is read.

    Raises:
        MissingError: `folder` does not exist.
    """
    if folder is not None and not folder.is_dir():
        raise MissingError(f"no template folder {folder}")
    ours = (importlib.resources.files("templates") / SCREENS).iterdir()
    files = {file.name: file for file in (*ours, *_folder_files(folder))}
    names = sorted(name for name in files if name.endswith(SUFFIX) and not name.startswith("_"))
    return {name.removesuffix(SUFFIX): files[name] for name in names}


def _folder_files(folder: Path | None) -> list[Path]:
    screens = folder / SCREENS if folder else None
    return list(screens.iterdir()) if screens and screens.is_dir() else []
