"""The labeller's settings: which key does what, how pictures are drawn, and whether suggestions are hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from pydantic import Field, field_validator

from base.counting import counted
from base.errors import InputError, unknown_choice
from base.settings import Settings

GRAPHICS = ("auto", "halfblocks", "quadrants", "kitty", "iterm2", "sixel", "none")
"""How a picture can be drawn; `none` shows its path only."""

COMMANDS = {
    "accept": "space",
    "suggestion": "?",
    "why": "w",
    "skip": "s",
    "discard": "d",
    "no_widget": "/",
    "wrong_box": "#",
    "flag": "f",
    "note": "n",
    "undo": "backspace",
    "back": "left",
    "forward": "right",
    "zoom": "z",
    "zoom_out": "-",
    "quit": "q",
}
"""The commands, and the key of each where `[label.keys]` names no other."""

PLACE_COMMANDS = ("no_widget", "wrong_box")
"""What can only be said of a crop that was cut out of a screenshot."""

SYNONYMS = {"ctrl+h": "backspace", "+": "z", "=": "z"}
"""What some terminals send, or hands expect, for a key."""

CLASS_KEYS = "1234567890" + ascii_lowercase


class LabelSettings(Settings):
    """How to label; `keys` maps commands to keys and `classes` maps classes to keys, others keep their defaults."""

    graphics: str = "auto"
    suggest: bool = False
    keys: Mapping[str, str] = Field(default_factory=dict)
    classes: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("graphics")
    @classmethod
    def _known_graphics(cls, name: str) -> str:
        if name not in GRAPHICS:
            raise unknown_choice("graphics", name, GRAPHICS)
        return name

    @field_validator("keys")
    @classmethod
    def _known_commands(cls, keys: Mapping[str, str]) -> Mapping[str, str]:
        for command in keys:
            if command not in COMMANDS:
                raise unknown_choice("command", command, COMMANDS)
        return keys

    @field_validator("keys", "classes")
    @classmethod
    def _lower(cls, keys: Mapping[str, str]) -> Mapping[str, str]:
        if empty := [name for name, key in keys.items() if not key.strip()]:
            raise InputError(f"no key for {empty[0]}; the space bar is called space")
        return {name: key.lower() for name, key in keys.items()}  # caps lock does not matter


@dataclass(frozen=True)
class KeyMap:
    """What each key does: key to command, and key to class."""

    commands: Mapping[str, str]
    classes: Mapping[str, str]

    def key_of(self, command: str) -> str:
        """Return the key of a command."""
        return next(key for key, name in self.commands.items() if name == command)


def key_map(classes: Sequence[str], settings: LabelSettings) -> KeyMap:
    """Give each command and each class a key: those of the settings, then digits and letters that are free.

    Raises:
        InputError: a key is given twice, to a class that is not there, or there are more classes than keys.
    """
    given = {**COMMANDS, **settings.keys}
    for name in settings.classes:
        if name not in classes:
            raise unknown_choice("class", name, classes)
    taken: dict[str, str] = {}
    for name, key in [*given.items(), *settings.classes.items()]:
        if key in taken:
            raise InputError(f"key {key} is given to both {taken[key]} and {name}; see [label] in boxwright.toml")
        taken[key] = name
    free = [key for key in CLASS_KEYS if key not in taken]
    unnamed = [name for name in classes if name not in settings.classes]
    if len(unnamed) > len(free):
        raise InputError(
            f"{counted(len(classes), 'class', 'classes')}, but only "
            f"{counted(len(free) + len(settings.classes), 'key')} to label them with"
        )
    chosen = {**settings.classes, **dict(zip(unnamed, free, strict=False))}
    return KeyMap({key: name for name, key in given.items()}, {chosen[name]: name for name in classes})
