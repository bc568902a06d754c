"""How screens draw text: smooth, in subpixels, fitted to the grid of pixels, or without any smoothing."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

SMOOTH = "smooth"
"""What Chromium draws by itself, and what dense screens show."""

_SUBPIXEL = {"antialias": "true", "rgba": "rgb", "lcdfilter": "lcddefault"}
_HINTED = {"hinting": "true", "hintstyle": "hintfull"}

TEXT_RENDERINGS: dict[str, dict[str, str]] = {
    SMOOTH: {},
    "subpixel": _SUBPIXEL,
    "hinted": {"antialias": "true", "rgba": "none", **_HINTED},
    "hinted subpixel": {**_SUBPIXEL, **_HINTED},
    "aliased": {"antialias": "false", "rgba": "none", **_HINTED},
}
"""Name to properties of fontconfig; in its new headless mode, Chromium's `--font-render-hinting` changes no pixel."""

WITHOUT_FRINGES = tuple(name for name, properties in TEXT_RENDERINGS.items() if properties.get("rgba") != "rgb")
"""Those that a browser can draw too which takes its pictures apart from the window, as Firefox does."""

_BOOLEAN = ("antialias", "hinting")


def has_fringes(rendering: str) -> bool:
    """Tell whether text has coloured fringes, as most Windows screens show it."""
    return TEXT_RENDERINGS[rendering].get("rgba") == "rgb"


def font_settings(rendering: str) -> Path | None:
    """Return a fontconfig file for a rendering, a temporary one that ends with the process; none for smooth text.

    Raises:
        KeyError: there is no such rendering.
    """
    return _write_settings(rendering) if TEXT_RENDERINGS[rendering] else None


@functools.cache
def _write_settings(rendering: str) -> Path:
    edits = "".join(_edit(name, value) for name, value in TEXT_RENDERINGS[rendering].items())
    folder = Path(tempfile.mkdtemp(prefix="boxwright-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>\n'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f'<match target="font">{edits}</match></fontconfig>\n',
        encoding="utf-8",
    )
    return path


def _edit(name: str, value: str) -> str:
    kind = "bool" if name in _BOOLEAN else "const"
    return f'<edit name="{name}" mode="assign"><{kind}>{value}</{kind}></edit>'
