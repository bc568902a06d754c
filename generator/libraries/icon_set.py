"""Icon sets: what is kept of a package of icons: drawings, which stand for widgets, and what is left out and why."""

import functools
import hashlib
import json
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from base.cache import cache_folder
from base.errors import InputError
from base.files import write_text
from base.settings import Settings, flatten

WidgetKind = Literal["checkbox", "radio", "switch"]


class Drawing(Settings):
    """An icon: its viewBox (left, top, width, height) and what is inside its <svg>."""

    box: tuple[float, float, float, float]
    body: str


class IconPair(Settings):
    """Two icons of one set that are one widget on and off."""

    kind: WidgetKind
    on: str
    off: str
    mixed: bool = False


class IconSet(Settings):
    """A set's icons; those in `others` are no widgets, and `left_out` says why an icon is neither."""

    drawings: dict[str, Drawing]
    others: tuple[str, ...]
    pairs: tuple[IconPair, ...]
    left_out: dict[str, str]
    coloured: bool

    @property
    def digest(self) -> str:
        """Return a short hash of all of it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def pairs_of(self, kind: str) -> tuple[IconPair, ...]:
        """Return the widgets of a kind."""
        return tuple(pair for pair in self.pairs if pair.kind == kind)


def icon_set_path(name: str) -> Path:
    """Return the file of that set's icons; they lie apart from the bundle, which is read for every list."""
    return cache_folder("icons") / f"{name}.json"


def write_icon_set(name: str, icons: IconSet) -> None:
    """Keep the set's icons, whole or not at all."""
    write_text(icon_set_path(name), icons.model_dump_json())


def read_icon_set(name: str) -> IconSet:
    """Return the icons of an installed set.

    Raises:
        InputError: it is not installed, or its file is damaged.
    """
    path = icon_set_path(name)
    if not path.exists():
        raise InputError(f"the icons of {name} are not in the cache; run `boxwright libraries add {name}`")
    return _parsed(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _parsed(path: Path, _modified_ns: int) -> IconSet:
    try:
        return IconSet.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise InputError(flatten(error, str(path))) from error
    except ValueError as error:
        raise InputError(f"{path}: {error}; run `boxwright libraries add {path.stem}`") from error
