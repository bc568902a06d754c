"""What was found of a browser and its fonts, kept in the user's cache for as long as both are the same.

A key names all that decides what would be found: the files that browsers would be started from, those of fonts and of
their configuration, as fontconfig's own programs list them, each with its size and time, and the environment. Where one
of these cannot be known, there is no key, and nothing is kept.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from base.cache import cache_folder
from base.files import write_text
from base.settings import Settings
from generator.rendering.browser import FLAGS, UNUSED_FEATURES, browser_candidates

KEPT_FORMAT = 1

BINARY_BYTES = 50 << 20
"""A browser's binary is larger. A script or a launcher is smaller, and stays the same while the browser changes."""

DECIDING = ("FONTCONFIG_", "FC_", "FREETYPE_", "LANG", "LC_", "XDG_", "HOME", "PLAYWRIGHT_", "CHROM")
"""What the names of environment variables begin with that may decide which browser starts, or what it draws."""

FONT_FILES = ("fc-list", "--format", "%{file}\\n")
FONT_CONFIGURATION = ("fc-conflist",)
TIMEOUT_S = 20

Stamp = tuple[str, str, int, int] | None


@dataclass(frozen=True)
class SurroundingsKey:
    """What names all that decides what is found, and how the first browser that is there is found."""

    digest: str
    how: str


class KeptSurroundings(Settings):
    """A browser that started and what pages look like in it; see `BrowserChoice` and `Surroundings`."""

    launch: dict[str, str]
    how: str
    version: str
    fonts: tuple[str, ...]
    scripts: tuple[str, ...]


def surroundings_key(wanted: str | None, probe: object) -> SurroundingsKey | None:
    """Return what names all that decides what a browser finds; None where that is not known.

    Args:
        wanted: the path of a browser; see `find_browser`.
        probe: what it is asked, as JSON values.
    """
    browsers = _browsers(wanted) if sys.platform == "linux" else None
    fonts = _fonts() if browsers else None
    if not browsers or fonts is None:
        return None
    environment = {name: value for name, value in os.environ.items() if name.startswith(DECIDING)}
    everything = (KEPT_FORMAT, FLAGS, UNUSED_FEATURES, os.geteuid() == 0, browsers, fonts, environment, probe)
    text = json.dumps(everything, sort_keys=True)
    return SurroundingsKey(hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest(), browsers[-1][0])


def read_kept(key: SurroundingsKey | None) -> KeptSurroundings | None:
    """Return what was kept by a key; None where nothing sound was."""
    if key is None:
        return None
    try:
        return KeptSurroundings.model_validate_json(_file(key).read_bytes())
    except (OSError, ValidationError):
        return None


def keep_found(key: SurroundingsKey | None, found: KeptSurroundings) -> None:
    """Keep what was found, unless a browser that comes first is there and did not start: one day it may."""
    if key is not None and key.how == found.how:
        try:
            write_text(_file(key), found.model_dump_json())
        except OSError:
            return


def _file(key: SurroundingsKey) -> Path:
    return cache_folder("surroundings") / f"{key.digest}.json"


def _browsers(wanted: str | None) -> list[tuple[str, list[Stamp]]]:
    """Return the browsers that would be tried, up to the first that is there, with their files.

    Nothing where there is none, or where its file does not change with the browser.
    """
    found = []
    for candidate in browser_candidates(wanted):
        stamps = [_stamp(path) for path in candidate.files]
        found.append((candidate.how, stamps))
        if any(stamps):
            path = candidate.launch.get("executable_path")
            return found if path is None or Path(path).stat().st_size >= BINARY_BYTES else []
    return []


def _fonts() -> list[Stamp] | None:
    """Return the files of fonts and of their configuration; None where fontconfig's programs are not there."""
    files = []
    for command in (FONT_FILES, FONT_CONFIGURATION):
        try:
            listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT_S).stdout
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return None
        files += sorted(_paths(listed.splitlines()))
    return [_stamp(path) for path in files]


def _paths(lines: Iterable[str]) -> Iterator[Path]:
    """Yield the files of lines as `/fonts/a.ttf`, and `+ /etc/fonts/a.conf: what it does`."""
    for line in lines:
        text = line.removeprefix("+ ").removeprefix("- ")
        yield Path(text.partition(": ")[0] if text != line else text)


def _stamp(path: Path) -> Stamp:
    """Return what changes with a file, or with what a folder has in it; None where it is not there."""
    try:
        state = path.stat()
    except OSError:
        return None
    return str(path), str(path.resolve()), state.st_size, state.st_mtime_ns
