"""A tiny component library for tests: its folder of templates, its package, and what is kept of it."""

import io
import tarfile
from pathlib import Path

from generator.libraries.bundle import Bundle, declaration_digest, write_bundle
from generator.libraries.installed import load_libraries

DECLARATION = """
title = "Kit"
licence = "MIT"
css = ["kit/kit.css"]
[packages]
kit = "VERSION"
[looks]
light = {ground = "#ffffff", ink = "#000000"}
dark = {ground = "#101010", ink = "#f0f0f0", attributes = {class = "dark", data-tone = "low"}}
"""

CHECKBOX = """+++
kind = "checkbox"
states = ["checked", "unchecked"]
[params]
mixed = {chance = 0.3}
+++
<input type="checkbox" class="kit" data-box {{ ("data-indeterminate" if mixed else "checked") if on }}>
"""

SWITCH = """+++
kind = "switch"
states = ["checked", "unchecked"]
+++
<div class="switch" data-box aria-checked="{{ "true" if on else "false" }}" role="switch"></div>
"""

NOTE = """+++
kind = "none"
states = ["other"]
label = "inside"
[params]
caption = {words = [1, 2]}
+++
<p class="note" data-box>{{ caption }}</p>
"""

CSS = """
:root { --ring: #0000ff } html.dark { --ring: #ff0000 }
html, body { min-height: 100vh; background: #00ff00; padding: 50px }
.kit { appearance: none; margin: 0; width: 20px; height: 20px; border: 3px solid var(--ring) }
.kit:checked, .kit:indeterminate { background: var(--ring) }
.switch { display: block; width: 40px; height: 20px; background: #999 }
.switch[aria-checked=true] { background: var(--ring) }
[data-tone="low"] .note { text-decoration: underline } .note { margin: 0; border: 1px solid }
"""

EMPTY_WHEN_MIXED = CSS.replace(", .kit:indeterminate", "")
"""The style sheet of a library that knows no mixed state: it draws an empty box for it."""

FILES = {"checkbox.html": CHECKBOX, "switch.html": SWITCH, "note.html": NOTE}


def write_kit(folder: Path, *, name: str = "kit", version: str = "1.0.0", **files: str) -> Path:
    """Write the lineage `name` below `folder`, a folder of templates; `files` replace its files, by stem."""
    lineage = folder / "libraries" / name
    lineage.mkdir(parents=True)
    (lineage / "library.toml").write_text(DECLARATION.replace("VERSION", version), encoding="utf-8")
    for file, text in (FILES | {f"{stem}.html": text for stem, text in files.items()}).items():
        (lineage / file).write_text(text, encoding="utf-8")
    return folder


def install_kit(folder: Path, *, name: str = "kit", css: str = CSS, script: str = "") -> None:
    """Put the lineage's bundle into the cache, as npm would have."""
    library = load_libraries((name,), folder=folder)[name]
    bundle = Bundle(declaration=declaration_digest(library), packages={name: "1.0.0"}, css=css, script=script)
    write_bundle(library, bundle)


def write_package(folder: Path) -> Path:
    """Write the package as npm packs it; return the file."""
    path = folder / "kit-1.0.0.tgz"
    files = {"package.json": '{"name": "kit", "version": "1.0.0"}', "kit.css": CSS + 'i { background: url("dot.svg") }'}
    with tarfile.open(path, "w:gz") as packed:
        for name, text in (files | {"dot.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>"}).items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text.encode())
            packed.addfile(entry, io.BytesIO(text.encode()))
    return path
