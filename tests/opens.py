"""Counts how often files are opened to be read, by the audit events of the interpreter: nothing is patched."""

import contextlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

_lock = threading.Lock()
_watching: list[Callable[[str], None]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or not _watching:
        return
    name, _, flags = arguments
    writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
    if isinstance(name, str | bytes) and not writes:
        with _lock:
            for note in tuple(_watching):
                note(os.path.abspath(os.fsdecode(name)))  # noqa: PTH100  links count as what they are called


sys.addaudithook(_note)  # it stays as long as the process, and does nothing while nobody counts


@contextlib.contextmanager
def on_open(note: Callable[[str], None]) -> Iterator[None]:
    """Call `note` with the name of each file just before it is opened to be read, in any thread."""
    _watching.append(note)
    try:
        yield
    finally:
        _watching.remove(note)


@contextlib.contextmanager
def counted_opens(folder: Path) -> Iterator[Counter[str]]:
    """Count by name, relative to the folder, how often the files below it are opened."""
    counts: Counter[str] = Counter()
    root = f"{folder.absolute()}{os.sep}"

    def note(name: str) -> None:
        if name.startswith(root):
            counts[name.removeprefix(root)] += 1

    with on_open(note):
        yield counts
