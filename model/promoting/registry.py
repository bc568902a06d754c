"""Changing a registry: versions come in whole and checked, names move, and all that happened is kept."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from base.errors import InputError, MissingError, ModelError, unknown_choice
from base.files import MARKER, locked_file, write_bytes, write_text
from model.networks.model_folders import PRETRAINED, STATE_FILE, WEIGHTS, run_folder
from model.networks.registry_file import (
    REGISTRY_FILE,
    VERSION_NAME,
    RegisteredVersion,
    RegistryContent,
    RegistryEvent,
    is_registry,
    read_registry,
)
from model.networks.trained_model import load_model

ALIAS_NAME = re.compile(r"[a-z][a-z0-9_-]*")

LOCK = ".lock"
"""The file by which processes that change a registry wait for each other."""

NOT_COPIED = (MARKER, STATE_FILE, "README.md")
"""Of a run folder: what marks an output, what a training goes on from, and the card of the model in the box."""


def utc_now() -> str:
    """Return this moment, in UTC, as registries write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def add_version(root: Path, model: Path) -> str:
    """Copy a model's run folder into a registry as its next version, whole or not at all, and return its name.

    The copy is read again and compared with what was read, and its model is loaded, before it gets its name. A model
    that the registry has already is not copied again.

    Raises:
        MissingError, ModelError: there is no such model, or it is damaged.
        InputError: `root` is a file, or a folder that holds something else.
    """
    fingerprint = load_model(model).fingerprint
    require_registry(root)
    if known := _version_of(root, fingerprint):
        check_version(root, known)
        return known
    root.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
    try:
        files = _copy(run_folder(model), part)
        if load_model(part).fingerprint != fingerprint:
            raise ModelError(f"{model} changed while it was copied; try again")
        part.chmod(0o755)
        with locked_file(root / LOCK):
            content = read_registry(root)
            name = _next_name(root, content)
            part.rename(root / name)
            version = RegisteredVersion(fingerprint=fingerprint, source=str(model), added_at=utc_now(), files=files)
            write_registry(root, content.model_copy(update={"versions": {**content.versions, name: version}}))
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return name


def check_version(root: Path, version: str) -> None:
    """Do nothing where a version is what came in.

    Raises:
        InputError: there is no such version.
        ModelError: a file is missing or is not what it was.
    """
    versions = read_registry(root).versions
    if version not in versions:
        raise unknown_choice("version", version, versions)
    for name, digest in versions[version].files.items():
        path = root / version / name
        if not path.is_file():
            raise ModelError(f"{path} is missing; {version} is not what was registered")
        if _digest(path) != digest:
            raise ModelError(f"{path} is not what was registered")
    found = load_model(root / version).fingerprint
    if found != versions[version].fingerprint:
        raise ModelError(f"{root / version} holds model {found}; {versions[version].fingerprint} was registered")


def move_alias(root: Path, event: RegistryEvent) -> None:
    """Let a name stand for a version from now on, and keep the event; `event.before` is what it must stand for.

    Raises:
        InputError: the name cannot be one, there is no such version, or somebody else has moved the name meanwhile.
        ModelError: the version is damaged.
    """
    require_alias(event.alias)
    check_version(root, event.version)
    with locked_file(root / LOCK):
        content = read_registry(root)
        found = content.aliases.get(event.alias)
        if found != event.before:
            was = event.before or "nothing"
            raise InputError(f"{event.alias} was {was} and has become {found} meanwhile; nothing was changed")
        aliases = {**content.aliases, event.alias: event.version}
        write_registry(root, content.model_copy(update={"aliases": aliases, "events": (*content.events, event)}))


def note_event(root: Path, event: RegistryEvent) -> None:
    """Keep an event that moves no name."""
    with locked_file(root / LOCK):
        content = read_registry(root)
        write_registry(root, content.model_copy(update={"events": (*content.events, event)}))


def roll_back(root: Path, alias: str) -> RegistryEvent:
    """Let a name stand for what it stood for before; again and again, one step each time. Return what was done.

    Raises:
        MissingError: there is no registry.
        InputError: there is no such name, or nothing before.
        ModelError: the version before is damaged.
    """
    content = opened_registry(root)
    if alias not in content.aliases:
        raise unknown_choice("name", alias, content.aliases)
    present, *earlier = _stack(content, alias)
    if not earlier:
        raise InputError(f"{alias} stands for {present}, and there was nothing before; name a version instead")
    event = RegistryEvent(at=utc_now(), action="roll-back", alias=alias, version=earlier[0], before=present)
    move_alias(root, event)
    return event


def set_alias(root: Path, alias: str, version: str) -> RegistryEvent:
    """Let a name stand for a version, or for what another name stands for now, and return what was done.

    Raises:
        MissingError: there is no registry.
        InputError: the name cannot be one, or there is no such version.
        ModelError: the version is damaged.
    """
    content = opened_registry(root)
    chosen = content.aliases.get(version, version)
    event = RegistryEvent(at=utc_now(), action="alias", alias=alias, version=chosen, before=content.aliases.get(alias))
    move_alias(root, event)
    return event


def opened_registry(root: Path) -> RegistryContent:
    """Return what a registry says that must be there.

    Raises:
        MissingError: there is none.
        ModelError: its file is damaged.
    """
    if not is_registry(root):
        raise MissingError(f"no registry {root}; `boxwright promote` makes one")
    return read_registry(root)


def write_registry(root: Path, content: RegistryContent) -> None:
    """Write registry.json, whole or not at all."""
    write_text(root / REGISTRY_FILE, content.model_dump_json(indent=2) + "\n")


def require_alias(alias: str) -> None:
    """Do nothing where a name can be one of a registry.

    Raises:
        InputError: it cannot.
    """
    if not ALIAS_NAME.fullmatch(alias) or VERSION_NAME.fullmatch(alias) or alias == PRETRAINED:
        raise InputError(
            f"{alias!r} cannot be a name: small letters, digits, - and _ are expected, no version and not {PRETRAINED}"
        )


def require_registry(root: Path) -> None:
    """Do nothing where a folder is a registry or can become one.

    Raises:
        InputError: it is a file, or holds something else.
    """
    if root.exists() and not root.is_dir():
        raise InputError(f"{root} is a file; a registry is a folder")
    if root.is_dir() and not is_registry(root) and any(_is_foreign(each.name) for each in root.iterdir()):
        raise InputError(f"{root} is no registry and holds something else; name another folder with --registry")


def _stack(content: RegistryContent, alias: str) -> list[str]:
    """Return what a name stands for, and before that, newest first; what was rolled back is gone."""
    stack: list[str] = []
    for event in content.events:
        if event.alias != alias or event.action == "refused":
            continue
        if event.action == "roll-back":
            del stack[-1:]
        elif stack[-1:] != [event.version]:
            stack.append(event.version)
    return stack[::-1]


def _version_of(root: Path, fingerprint: str) -> str | None:
    versions = read_registry(root).versions
    return next((name for name, each in versions.items() if each.fingerprint == fingerprint), None)


def _next_name(root: Path, content: RegistryContent) -> str:
    taken = {*content.versions, *(each.name for each in root.iterdir())}
    numbers = [int(name[1:]) for name in taken if VERSION_NAME.fullmatch(name)]
    return f"v{max(numbers, default=0) + 1}"


def _copy(source: Path, target: Path) -> Mapping[str, str]:
    """Copy the files of a run folder, not those of folders in it; return their hashes."""
    files = {}
    for path in sorted(source.iterdir()):
        if not path.is_file() or path.name in NOT_COPIED or path.name.endswith(".part"):
            continue
        content = path.read_bytes()
        write_bytes(target / path.name, content)
        files[path.name] = hashlib.sha256(content).hexdigest()
        if _digest(target / path.name) != files[path.name]:
            raise ModelError(f"{target / path.name} is not what was written; is the disk sound?")
    if WEIGHTS not in files:
        raise ModelError(f"{source} has no {WEIGHTS}")
    return files


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_foreign(name: str) -> bool:
    """Tell whether neither a registry nor somebody who is about to write a first version puts such a name there."""
    return not name.startswith(".") and not VERSION_NAME.fullmatch(name)
