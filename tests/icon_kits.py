"""A tiny icon set for tests: its folder of templates, its package, and what is kept of it."""

import io
import json
import tarfile
from pathlib import Path

from generator.families.lineage import IconSource
from generator.libraries.bundle import Bundle, declaration_digest, write_bundle
from generator.libraries.icon_package import read_icons
from generator.libraries.icon_set import IconSet, write_icon_set
from generator.libraries.installed import load_libraries

ICON_DECLARATION = """
title = "Icon kit"
licence = "MIT"
[packages]
signs = "VERSION"
[icons]
collection = "signs/icons.json"
ambiguous = ["logo"]
"""

BOX = '<path fill="none" stroke="currentColor" stroke-width="2" d="M4 4h16v16H4z"/>'
RING = '<circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2"/>'
TRACK = '<rect x="1" y="6" width="22" height="12" rx="6" fill="none" stroke="currentColor" stroke-width="2"/>'
TICK = '<path fill="none" stroke="currentColor" stroke-width="2" d="M7 12l4 4 6-8"/>'

ICONS = {
    "check-square": BOX + TICK,
    "minus-square": BOX + '<path stroke="currentColor" stroke-width="3" d="M7 12h10"/>',
    "square": BOX,
    "square-fill": '<path fill="currentColor" d="M4 4h16v16H4z"/>',
    "check-square-fill": '<path fill="currentColor" fill-rule="evenodd" d="M4 4h16v16H4zM7 10h10v4H7z"/>',
    "radiobox-marked": RING + '<circle cx="12" cy="12" r="5" fill="currentColor"/>',
    "radiobox-blank": RING,
    "toggle-on": TRACK + '<circle cx="17" cy="12" r="4" fill="currentColor"/>',
    "toggle-off": TRACK + '<circle cx="7" cy="12" r="4" fill="currentColor"/>',
    "arrow": '<path fill="currentColor" d="M4 11h10V6l8 7-8 7v-5H4z"/>',
    "home": '<path fill="currentColor" d="M12 2L2 11h3v10h5v-6h4v6h5V11h3z"/>',
    "wave": '<path fill="none" stroke="currentColor" stroke-width="3" d="M1 12q5-12 11 0t11 0"/>',
    "bars": '<path fill="currentColor" d="M3 4h18v3H3zM3 11h18v3H3zM3 18h18v3H3z"/>',
    "fork": '<path fill="currentColor" d="M7 2h2v7h6V2h2v9h-4v11h-2V11H7z"/>',
    "check-circle": RING + TICK,
    "heart": '<path fill="currentColor" d="M12 21L3 11a5 5 0 0 1 9-5 5 5 0 0 1 9 5z"/>',
    "frame": BOX,
    "logo": TICK,
    "nothing": '<path fill="none" d="M0 0h1v1z"/>',
}
"""What the set holds, by name: `square-fill` is no box that is off, and `frame` looks like one that is."""

COLLECTION = {
    "prefix": "signs",
    "icons": {name: {"body": body} for name, body in ICONS.items()} | {"old": {"body": BOX, "hidden": True}},
    "width": 24,
    "height": 24,
}

OTHERS = ("arrow", "bars", "fork", "home", "wave")
"""What of them is no widget, and looks like none."""


def write_icon_kit(folder: Path, *, name: str = "signs", version: str = "1.0.0") -> Path:
    """Write the lineage `name` below `folder`, a folder of templates."""
    lineage = folder / "libraries" / name
    lineage.mkdir(parents=True)
    (lineage / "library.toml").write_text(ICON_DECLARATION.replace("VERSION", version), encoding="utf-8")
    return folder


def read_kit(modules: Path, collection: object = None) -> IconSet:
    """Return the set's icons as they are read from the package, which is written into `modules`."""
    (modules / "signs").mkdir(parents=True, exist_ok=True)
    (modules / "signs" / "icons.json").write_text(json.dumps(collection or COLLECTION), encoding="utf-8")
    return read_icons(IconSource(collection="signs/icons.json", ambiguous=("logo",)), modules)


def install_icon_kit(folder: Path, icons: IconSet, *, name: str = "signs") -> None:
    """Put the set into the cache, as `libraries add` would have when a browser compared `icons`."""
    library = load_libraries((name,), folder=folder)[name]
    write_icon_set(name, icons)
    bundle = Bundle(
        declaration=declaration_digest(library), packages={name: "1.0.0"}, css="", script="", icons=icons.digest
    )
    write_bundle(library, bundle)


def write_icon_package(folder: Path) -> Path:
    """Write the package as npm packs it; return the file."""
    path = folder / "signs-1.0.0.tgz"
    files = {"package.json": '{"name": "signs", "version": "1.0.0"}', "icons.json": json.dumps(COLLECTION)}
    with tarfile.open(path, "w:gz") as packed:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text.encode())
            packed.addfile(entry, io.BytesIO(text.encode()))
    return path
