"""Settings: a model's defaults, then boxwright.toml, then flags, validated once after merging."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from base.errors import InputError, MissingError

FILE_NAME = "boxwright.toml"


class Settings(BaseModel):
    """Base of every settings model: frozen, and unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_SettingsT = TypeVar("_SettingsT", bound=Settings)


def load_settings(
    model: type[_SettingsT], section: str, flags: dict[str, Any], *, file: Path | None = None
) -> _SettingsT:
    """Merge `[section]` of `file` (default ./boxwright.toml where present) with the flags that are not None.

    Raises:
        InputError: the file is not TOML, or a value is unknown or out of range.
    """
    path = Path(FILE_NAME) if file is None else file
    values = _read_section(path, section) if path.exists() else {}
    values |= {name: value for name, value in flags.items() if value is not None}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InputError(flatten(error, f"{path} [{section}]" if path.exists() else section)) from error


def read_toml(path: Path, *, what: str = "file", needed: str = "a TOML file is needed") -> dict[str, Any]:
    """Return the tables of a TOML file.

    Args:
        path: the file.
        what: it should be, for the message where it is not there.
        needed: what to say where it is a folder.

    Raises:
        MissingError: it is not there.
        InputError: it is a folder, or no TOML.
    """
    if not path.exists():
        raise MissingError(f"no {what} {path}")
    if path.is_dir():
        raise InputError(f"{path} is a folder; {needed}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no TOML file: {error}") from error


def require_section(path: Path | None, section: str) -> None:
    """Do nothing where no file was named, or one that has `[section]`.

    Raises:
        MissingError: the file is not there.
        InputError: it is no TOML, or has no such table.
    """
    tables = {section: {}} if path is None else read_toml(path)
    if section not in tables:
        raise InputError(f"{path} has no table [{section}]; it has {', '.join(tables) or 'nothing'}")


def _read_section(path: Path, section: str) -> dict[str, Any]:
    table = read_toml(path).get(section, {})
    if not isinstance(table, dict):
        raise InputError(f"{path}: {section}: expected a table, got {type(table).__name__}")
    return table


def flatten(error: ValidationError, where: str) -> str:
    """Return pydantic's findings as `where: field: message`, one a line; our own messages are as we wrote them."""
    return "\n".join(f"{where}: {_place(item['loc'])}: {_message(item['msg'])}" for item in error.errors())


def _place(parts: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in parts) or "value"


def _message(text: str) -> str:
    return text.removeprefix("Value error, ")
