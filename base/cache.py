"""The user's cache: what can be made again, kept because making it takes long."""

import os
import sys
from pathlib import Path

VARIABLE = "BOXWRIGHT_CACHE"


def cache_folder(part: str) -> Path:
    """Return where `part` of the cache lies, below $BOXWRIGHT_CACHE or what the system has for caches."""
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE]) / part
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "boxwright" / part
