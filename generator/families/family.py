"""Families: template files with TOML front matter that declares kind, states and parameters."""

import importlib.resources
import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from base.errors import MissingError, TemplateError, unknown_choice
from base.settings import Settings, flatten
from generator.families.family_kinds import Kind
from generator.families.lineage import Library
from generator.families.words import Script, draw_words

ParameterValue = str | int | float | bool
SUFFIX = ".html"
STATE = re.compile(r"[\w-](?:[\w -]*[\w-])?")
"""States become folders: nothing that could lead out of the data set."""

RESERVED = ("on", "state", "t")
"""Names that templates get besides their parameters."""


class Parameter(Settings):
    """One declared factor of a family; exactly one of the fields says how its value is drawn."""

    range: tuple[float, float] | None = None
    choice: tuple[ParameterValue, ...] | None = None
    weights: tuple[float, ...] | None = None
    chance: float | None = Field(default=None, ge=0, le=1)
    words: tuple[int, int] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Parameter":
        given = [name for name in ("range", "choice", "chance", "words") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of range, choice, chance and words, not {given or 'none'}")
        if self.weights is not None and len(self.weights) != len(self.choice or ()):
            raise ValueError("weights must be as many as the choices")
        if self.range is not None and self.range[0] > self.range[1]:
            raise ValueError(f"range {list(self.range)} is upside down")
        return self

    def draw(self, rng: random.Random, script: Script) -> ParameterValue:
        """Draw a value; a range of whole numbers gives whole numbers, words are of the theme's script."""
        if self.range is not None:
            low, high = self.range
            if low == int(low) and high == int(high):
                return rng.randint(int(low), int(high))
            return round(rng.uniform(low, high), 2)
        if self.choice is not None:
            return rng.choices(self.choice, weights=self.weights)[0]
        if self.words is not None:
            return draw_words(rng, script, *self.words)
        return rng.random() < (self.chance or 0)


class FrontMatter(Settings):
    """What a template file declares between its two +++ lines.

    `compared` asks that every style be drawn in all states, and left out where two of them look alike. `substates` are
    conditions on the parameters, as Jinja expressions, under which the first state shows more than its name says.
    """

    kind: Kind
    states: tuple[str, ...] = Field(min_length=1)
    label: Literal["beside", "inside"] = "beside"
    weight: float = Field(default=1.0, gt=0)
    compared: bool = False
    substates: dict[str, str] = Field(default_factory=dict, repr=False)
    params: dict[str, Parameter] = Field(default_factory=dict)

    @field_validator("states")
    @classmethod
    def _are_folder_names(cls, states: tuple[str, ...]) -> tuple[str, ...]:
        for state in states:
            if not STATE.fullmatch(state):
                raise ValueError(
                    f"'{state}' cannot name a class: letters, digits, spaces, '-' and '_', no space at the ends"
                )
        if len(set(states)) < len(states):
            raise ValueError("a state is named twice")
        return states

    @field_validator("substates")
    @classmethod
    def _are_other_names(cls, substates: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for name in substates:
            if not STATE.fullmatch(name) or name in info.data.get("states", ()):
                raise ValueError(f"'{name}' cannot name a substate: it names a class, and is no state of the family")
        return substates

    @field_validator("params")
    @classmethod
    def _are_free_names(cls, params: dict[str, Parameter]) -> dict[str, Parameter]:
        for name in params:
            if name in RESERVED or not name.isidentifier():
                raise ValueError(f"'{name}' cannot name a parameter: an identifier other than {', '.join(RESERVED)}")
        return params


@dataclass(frozen=True)
class Family:
    """A template and its declaration; the first state is the one that templates see as `on`.

    `library` is the lineage whose style sheets it is drawn with, if any. `own` says that the user brought the file.
    `substates` are those of the declared ones that are told apart, each a state then.
    """

    name: str
    declared: FrontMatter
    source: str
    library: Library | None = field(default=None, repr=False)
    own: bool = field(default=False, repr=False)
    substates: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_proven(self) -> bool:
        """Tell whether its states are known to look different in every style, as those of the catalogue are."""
        return self.library is None and not self.own and not self.declared.compared

    @property
    def dressed_by(self) -> Library | None:
        """Return the component library whose style sheets and looks it needs; icons go with any look."""
        return None if self.library is None or self.library.is_icon_set else self.library

    def is_on(self, state: str) -> bool:
        """Tell whether templates see a state as `on`: the first one, and what it is more closely."""
        return state == self.declared.states[0] or state in self.substates

    def draw_params(self, rng: random.Random, script: Script) -> dict[str, ParameterValue]:
        """Draw every declared parameter, in the order of declaration."""
        return {name: parameter.draw(rng, script) for name, parameter in self.declared.params.items()}


def parse_family(name: str, text: str) -> Family:
    """Read one template file's text.

    Raises:
        TemplateError: the front matter is missing, is not TOML, or declares what no family can have.
    """
    values, source = split_front_matter(name, text)
    try:
        declared = FrontMatter.model_validate(values)
    except ValidationError as error:
        raise TemplateError(flatten(error, f"{name}{SUFFIX}")) from error
    return Family(name, declared, source)


def split_front_matter(name: str, text: str) -> tuple[dict[str, Any], str]:
    """Return what stands between a template's two +++ lines, and its source.

    Raises:
        TemplateError: there are no such lines, or no TOML between them.
    """
    parts = text.split("+++\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise TemplateError(f"{name}{SUFFIX}: front matter between two +++ lines is missing")
    try:
        values = tomllib.loads("\n" + parts[1])
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{name}{SUFFIX}: front matter: {error}") from error
    # Blank lines in place of the front matter keep the line numbers of template errors true.
    return values, "\n" * (parts[1].count("\n") + 2) + parts[2]


def load_families(names: tuple[str, ...] = (), *, folder: Path | None = None) -> Mapping[str, Family]:
    """Load the catalogue and `folder`'s own templates (which win), sorted by name, or only those in `names`.

    Raises:
        MissingError: `folder` does not exist.
        InputError: a name is not in the catalogue.
        TemplateError: a template file does not parse.
    """
    files = template_files(folder)
    own = {file.name for file in folder.iterdir()} if folder else set()
    families = {
        name: replace(parse_family(name, read_template(file)), own=file.name in own) for name, file in files.items()
    }
    require_families(names, families)
    return {name: family for name, family in families.items() if not names or name in names}


def template_files(folder: Path | None = None) -> dict[str, Traversable]:
    """Return the files of the catalogue and of `folder` (which win) by the name of the family, sorted; none is read.

    Raises:
        MissingError: `folder` does not exist.
    """
    files = {file.name: file for file in importlib.resources.files("templates").iterdir()}
    if folder is not None:
        if not folder.is_dir():
            raise MissingError(f"no template folder {folder}")
        files |= {file.name: file for file in folder.iterdir()}
    names = sorted(name for name in files if name.endswith(SUFFIX) and not name.startswith("_"))
    return {name.removesuffix(SUFFIX): files[name] for name in names}


def require_families(names: tuple[str, ...], catalogue: Mapping[str, Family]) -> None:
    """See that all names are in the catalogue.

    Raises:
        InputError: one is not.
    """
    for name in names:
        if name not in catalogue:
            raise unknown_choice("family", name, catalogue)


def read_template(file: Traversable) -> str:
    """Return a template file's text.

    Raises:
        TemplateError: it is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(f"{file.name}: not UTF-8 text: {error}") from error
