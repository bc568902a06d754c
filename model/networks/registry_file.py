"""A registry of models: numbered run folders that never change, and one small file that says which has which name."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from base.errors import ModelError
from base.settings import Settings, flatten

REGISTRY = Path("models")
"""The registry that is meant where none is named."""

REGISTRY_FILE = "registry.json"
REGISTRY_FORMAT = 1
"""The version of the registry's layout; raised when a reader of the old layout would go wrong."""

CURRENT = "current"
"""The name of the version that is at work, where no other is given."""

VERSION_NAME = re.compile(r"v[1-9]\d*")


class RegisteredVersion(Settings):
    """A version as it came in: its model's fingerprint, where from, and the SHA-256 of each of its files."""

    fingerprint: str
    source: str
    added_at: str
    files: Mapping[str, str]


class RegistryEvent(Settings):
    """What happened to a name: it begins, is promoted, refused or rolled back, or was set by hand.

    `version` is what the name stands for from then on, `before` what it stood for until then, None where it was new;
    `model` is what was tried, as it was named, and `reason` what came of it.
    """

    at: str
    action: str
    alias: str
    version: str
    before: str | None = None
    model: str = ""
    reason: str = ""


class RegistryContent(Settings):
    """What registry.json holds: versions, names, and all that happened, oldest first."""

    format: int = REGISTRY_FORMAT
    aliases: Mapping[str, str] = {}
    versions: Mapping[str, RegisteredVersion] = {}
    events: tuple[RegistryEvent, ...] = ()


def read_registry(root: Path) -> RegistryContent:
    """Return what a registry says; an empty one where there is none yet.

    Raises:
        ModelError: the file is damaged, or was written by a newer version.
    """
    path = root / REGISTRY_FILE
    try:
        content = RegistryContent.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return RegistryContent()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise ModelError(flatten(error, str(path)).splitlines()[0]) from error
    if content.format != REGISTRY_FORMAT:
        raise ModelError(
            f"{path}: format {content.format}, but this version of boxwright reads format {REGISTRY_FORMAT}"
        )
    return content


def is_registry(root: Path) -> bool:
    """Tell whether a folder is one."""
    return (root / REGISTRY_FILE).is_file()


def registered_folder(name: Path) -> Path | None:
    """Return the folder of a version that a name stands for; None where no registry knows it.

    A plain name, as `current` or `v3`, is looked for in the registry of the working folder, `models/`; one with a
    folder, as `shelf/current`, in that folder.

    Raises:
        ModelError: the registry's file is damaged.
    """
    root = REGISTRY if len(name.parts) == 1 else name.parent
    if not is_registry(root):
        return None
    content = read_registry(root)
    version = content.aliases.get(name.name, name.name)
    return root / version if version in content.versions else None


def registered_names(root: Path = REGISTRY) -> Iterator[str]:
    """Yield the names and versions of a registry, names first.

    Raises:
        ModelError: the registry's file is damaged.
    """
    content = read_registry(root)
    yield from sorted(content.aliases)
    yield from content.versions
