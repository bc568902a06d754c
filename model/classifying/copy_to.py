"""Copying pictures into a folder for each class, which never replaces anything."""

import re
from collections.abc import Sequence
from pathlib import Path

from base.errors import InputError
from model.classifying.columns import HASH_DIGITS, ClassifiedRow
from model.reading.images import content_hash
from model.reading.picture_reference import PictureReference
from model.tables.output import check_beside

_ENDINGS = (
    (re.compile(rb"\x89PNG"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"GIF8"), ".gif"),
    (re.compile(rb"RIFF....WEBP", re.S), ".webp"),
    (re.compile(rb"BM"), ".bmp"),
    (re.compile(rb"II\*\0|MM\0\*"), ".tif"),
    (re.compile(rb"....ftypavi[fs]", re.S), ".avif"),
)
"""What pictures without a name of their own are called, by their first bytes."""


def check_copies(folder: Path, classes: Sequence[str], searched: Sequence[str | Path]) -> None:
    """Refuse a folder whose copies would be taken for new pictures, and classes that are no names of folders.

    Raises:
        InputError: it is a file, lies in a folder that is searched, or a class has a name that leads elsewhere.
    """
    check_beside(folder, searched)
    for name in classes:
        if name in (".", "..") or "/" in name or "\\" in name or "\0" in name:
            raise InputError(f"class {name!r} cannot be the name of a folder")


def copy_picture(picture: PictureReference, row: ClassifiedRow, folder: Path) -> Path:
    """Copy a picture into the folder of its prediction, and return where it is.

    Where a file of its name is there with another content, the copy's name gets the content's hash; one of the same
    content is left as it is. So copying twice changes nothing.

    Raises:
        ImageError: the picture cannot be read again, or is not what was classified.
        OSError: the copy cannot be written.
    """
    content = picture.read_again(row.content, since="classified")
    place = folder / (row.prediction or "")
    name = Path(picture.file_name if "." in picture.file_name else picture.file_name + content_ending(content))
    target = place / name
    number = 1
    while target.exists() and content_hash(target) != row.content:
        more = "" if number == 1 else f"-{number}"
        target = place / f"{name.stem}-{row.content[:HASH_DIGITS]}{more}{name.suffix}"
        number += 1
    if not target.exists():
        place.mkdir(parents=True, exist_ok=True)
        part = place / f".{row.content[:HASH_DIGITS]}.part"
        part.write_bytes(content)
        part.replace(target)
    return target


def content_ending(content: bytes) -> str:
    """Return what a picture's name would end with, by its first bytes; nothing where they do not tell."""
    return next((ending for pattern, ending in _ENDINGS if pattern.match(content)), "")
