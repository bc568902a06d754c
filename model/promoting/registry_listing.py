"""What a registry holds and what happened to it, as rows of words."""

from collections.abc import Iterator
from pathlib import Path

from base.errors import ModelError
from model.promoting.registry import check_version, opened_registry


def list_versions(root: Path) -> Iterator[tuple[str, ...]]:
    """Yield a row for each version: itself, its names, fingerprint, since when, where from, and what is wrong with it.

    Raises:
        MissingError: there is no registry.
    """
    content = opened_registry(root)
    for version, known in content.versions.items():
        names = ", ".join(sorted(name for name, target in content.aliases.items() if target == version))
        yield version, names or "-", known.fingerprint, known.added_at, known.source, _state(root, version)


def list_events(root: Path) -> Iterator[tuple[str, ...]]:
    """Yield a row for each event, the oldest first: when, what, name, before and after, what was tried, and why.

    Raises:
        MissingError: there is no registry.
    """
    for event in opened_registry(root).events:
        moved = f"{event.before or '-'} → {event.version}" if event.before != event.version else event.version
        yield event.at, event.action, event.alias, moved, event.model or "-", event.reason or "-"


def _state(root: Path, version: str) -> str:
    try:
        check_version(root, version)
    except ModelError as error:
        return f"damaged: {error}"
    return "sound"
