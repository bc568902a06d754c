"""The gallery: every family as `boxwright families --preview` draws it, on pages by kind."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from boxwright import BrowserError, Family, choose_families, write_preview
from website.pages import ROOT

FOLDER = "gallery"
ON_A_SHEET = 10
TITLES = {
    "checkbox": "Checkboxes",
    "radio": "Radio buttons",
    "switch": "Switches",
    "icon": "Icons with two states",
    "none": "Other things",
}


def families_by_kind() -> dict[str, dict[str, Family]]:
    """Return the families of each kind by name."""
    kinds: dict[str, dict[str, Family]] = {}
    for name, family in choose_families(()).items():
        kinds.setdefault(family.declared.kind, {})[name] = family
    return {kind: kinds[kind] for kind in sorted(kinds, key=lambda kind: list(TITLES).index(kind))}


def gallery_pages(folder: Path, cache: Path, *, most: int | None = None) -> dict[str, str]:
    """Return the gallery's pages by file; up to `most` families of a kind are drawn, all where it is None.

    Sheets are drawn once, kept in the cache and copied beside the pages, into `folder`.
    """
    kinds = families_by_kind()
    pages = {}
    for kind, families in kinds.items():
        every = list(families)[:most]
        shown = "" if len(every) == len(families) else f", {len(every)} of them here"
        lines = [f"# {TITLES[kind]}", "", f"{len(families)} families{shown}. {_EXPLAINED}", ""]
        for names in (every[start : start + ON_A_SHEET] for start in range(0, len(every), ON_A_SHEET)):
            sheet = draw_sheet({name: families[name] for name in names}, cache)
            if sheet is None:
                lines += [f"{', '.join(f'`{name}`' for name in names)}: not drawn, because no browser was found.", ""]
                continue
            folder.mkdir(parents=True, exist_ok=True)
            (folder / sheet.name).write_bytes(sheet.read_bytes())
            lines += [f"```{{image}} {sheet.name}", ":class: sheet", ":loading: lazy", f":alt: {', '.join(names)}"]
            lines += [f":target: ../_images/{sheet.name}", "```", ""]
        pages[f"{FOLDER}/{kind}.md"] = "\n".join(lines)
    return {f"{FOLDER}.md": _overview(kinds), **pages}


_EXPLAINED = (
    "A row a family, drawn by the tool itself: crops as `boxwright generate` writes them, damaged as they are there. "
    "The line above a row is the family's name and kind."
)


def draw_sheet(families: Mapping[str, Family], cache: Path) -> Path | None:
    """Return the picture of some families, drawn again where any code or template changed; None without a browser."""
    file = cache / f"families-{_fingerprint()}-{_digest(','.join(families).encode())}.webp"
    if file.exists():
        return file
    cache.mkdir(parents=True, exist_ok=True)
    drawn, part = file.with_suffix(".png"), file.with_suffix(".part")
    try:
        write_preview(families, drawn)
    except BrowserError:
        return None
    with Image.open(drawn) as opened:
        opened.save(part, "WEBP", quality=80, method=4)
    drawn.unlink()
    part.replace(file)
    return file


def _overview(kinds: Mapping[str, Mapping[str, Family]]) -> str:
    lines = [
        "# Gallery",
        "",
        "What the generator draws without any component library, family by family. A checkbox is a family of its own",
        "where its shape is; colours, sizes, fonts, words, surroundings and damage are drawn anew for each crop.",
        "`boxwright families --preview FILE` draws the same, and [Writing a family](families.md) adds to it.",
        "",
        "| kind | families |",
        "| --- | ---: |",
    ]
    lines += [f"| [{TITLES[kind]}]({FOLDER}/{kind}.md) | {len(families)} |" for kind, families in kinds.items()]
    pages = "\n".join(f"{FOLDER}/{kind}" for kind in kinds)
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", "", pages, "```", ""])


def _fingerprint() -> str:
    """Return a hash of all that the pictures depend on in the repository."""
    files = sorted([*(ROOT / "templates").rglob("*.*"), *(ROOT / "generator").rglob("*.py")])
    return _digest(b"".join(file.read_bytes() for file in files if file.is_file() and file.suffix != ".pyc"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
