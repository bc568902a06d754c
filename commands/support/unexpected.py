"""Errors that nobody foresaw: one line that says what to do, and the traceback in a file of the user's cache."""

import importlib.metadata
import platform
import re
import sys
import textwrap
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from base.cache import cache_folder
from base.files import write_text

FOLDER = "errors"
TRACEBACKS_KEPT = 20
"""Tracebacks in the cache; older ones are deleted."""

LONGEST = 300
"""Characters of the error's own words in the line; all of them are in the file."""

SECRETS = (
    (re.compile(r"(--token[= ])\S+"), r"\1…"),
    (re.compile(r"(://[^\s/@:]*):[^\s/@]*@"), r"\1:…@"),
    (re.compile(r"([?&]\w*pass\w*=)[^&\s]*", re.I), r"\1…"),
)
"""What must not stand in a file that is sent to others: the service's token, and passwords in addresses."""


def describe_unexpected(error: BaseException, words: Sequence[str]) -> str:
    """Keep an error's traceback, and return what to print: what happened, whose fault it is and what to do.

    Args:
        error: what was raised, here or in a worker process.
        words: those of the command line.
    """
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    happened = textwrap.shorten(f"{type(error).__name__}: {error}".rstrip(": ") + notes, LONGEST, placeholder=" …")
    versions = ", ".join(read_versions())
    report = f"{versions}\nboxwright {' '.join(words)}\n\n{''.join(traceback.format_exception(error))}"
    happened, report = _without_secrets(happened), _without_secrets(report)
    try:
        enclosed = f"{_keep(report)} ({versions})"
    except OSError as failure:
        enclosed = f"what follows, which could not be kept in a file ({failure})\n{report}"
    fault = "this is a fault of boxwright, not yours: please report it to its maintainers"
    return f"Error: {happened}; {fault}, with {enclosed}"


def read_versions() -> list[str]:
    """Return name and version of what an error may depend on; a package that is not loaded is left out."""
    found = [f"boxwright {boxwright_version()}", f"Python {platform.python_version()}", platform.platform()]
    return found + [f"{name} {importlib.metadata.version(name)}" for name in ("torch",) if name in sys.modules]


def boxwright_version() -> str:
    """Return the installed version, or `unknown` where the code runs without having been installed."""
    try:
        return importlib.metadata.version("boxwright")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _keep(report: str) -> Path:
    folder = cache_folder(FOLDER)
    path = folder / f"{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.txt"
    write_text(path, report)
    for old in sorted(folder.glob("*.txt"))[:-TRACEBACKS_KEPT]:
        old.unlink(missing_ok=True)
    return path


def _without_secrets(text: str) -> str:
    for secret, instead in SECRETS:
        text = secret.sub(instead, text)
    return text
