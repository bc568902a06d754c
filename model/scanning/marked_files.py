"""Marked screens as files: each below a folder where it lay below its own, and none in the place of another's."""

import glob
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from PIL import Image, PngImagePlugin

from base.errors import BoxwrightError, ImageError
from base.files import atomic_open
from model.reading.images import decode_bytes
from model.reading.picture_reference import PictureReference
from model.scanning.marking import mark_widgets
from model.scanning.screen_rows import ScannedScreen

CONTENT_KEY = "boxwright-screen"
"""The name of the text, in a PNG file, that is the SHA-256 of the screen that it shows."""

QUICK = 3
"""How hard a PNG is packed."""


def draw_marked(
    row: ScannedScreen, picture: PictureReference, folder: Path, *, sources: Sequence[str], states: Sequence[str]
) -> ScannedScreen:
    """Write the screen with its widgets marked, and return the row with the file, or with why there is none.

    Where a file of its name is there that shows another screen, the name gets the content's hash; one of the same
    screen is written anew.

    Raises:
        OSError: it cannot be written.
    """
    if row.reading.widgets is None:
        return row
    try:
        content = picture.read_again(row.content, since="scanned")
        marked = mark_widgets(decode_bytes(content).image, row.widgets, states)
    except ImageError as error:
        return replace(row, problem=f"cannot be drawn: {error}")
    target = _free_name(folder / place_below(picture.name, sources), row.content)
    text = PngImagePlugin.PngInfo()
    text.add_text(CONTENT_KEY, row.content)
    with atomic_open(target) as file:
        marked.save(file, "PNG", pnginfo=text, compress_level=QUICK)
    return replace(row, file=target)


def place_below(name: str, sources: Sequence[str]) -> PurePosixPath:
    """Return where what is made of a picture belongs, ending in .png.

    Below a folder, a pattern, an archive or an address it is where the picture lay there; a file that was named itself
    is as it was named, or by its name alone where that leads elsewhere.
    """
    for source in sources:
        root = _fixed_part(source)
        if root and name.startswith(root) and name != root:
            return _tidy(name[len(root) :])
    is_elsewhere = PurePosixPath(name).is_absolute() or "://" in name or ".." in PurePosixPath(name).parts
    return _tidy(name.rpartition("/")[2] if is_elsewhere else name)


def _fixed_part(source: str) -> str:
    """Return what all pictures of a source begin with, up to a slash or a double colon; nothing for a single file."""
    if "::" in source:
        return source.partition("::")[0] + "::"
    if glob.has_magic(source) and not Path(source).exists():
        parts = source.split("/")
        fixed = next(place for place, part in enumerate(parts) if glob.has_magic(part))
        return "/".join(parts[:fixed]) + "/" if fixed else ""
    return source.rstrip("/") + ("::" if Path(source).is_file() else "/")


def _tidy(rest: str) -> PurePosixPath:
    parts = [part for part in rest.replace("::", "/").split("/") if part not in ("", ".", "..")]
    place = PurePosixPath(*parts)
    return place if place.suffix.lower() == ".png" else place.with_name(place.name + ".png")


def _free_name(target: Path, content: str) -> Path:
    """Return the target, or a name beside it where that is another screen's, or was not drawn here at all."""
    number, name = 1, target
    while name.exists() and _shown_content(name) != content:
        more = "" if number == 1 else f"-{number}"
        name = target.with_name(f"{target.stem}-{content[:16]}{more}{target.suffix}")
        number += 1
    return name


def _shown_content(path: Path) -> str | None:
    try:
        with Image.open(path, formats=("PNG",)) as image:
            found = image.info.get(CONTENT_KEY)
    except (OSError, ValueError, SyntaxError, BoxwrightError):
        return None
    return found if isinstance(found, str) else None
