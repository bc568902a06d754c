"""The endings of the kinds of pictures that are read: in folders, shards and archives no other file is one."""

import re
from collections.abc import Mapping
from pathlib import PurePath

LOOKED_AT = frozenset({".heic", ".heif", ".hif", ".dib"})
"""Of these the first bytes are looked at: HEIC needs a package, and what ends in `.dib` may be no whole BMP."""

ENDINGS: Mapping[str, tuple[str, ...]] = {
    "PNG": (".png", ".apng"),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "GIF": (".gif",),
    "WebP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "AVIF": (".avif", ".avifs"),
    "HEIC": (".heic", ".heif", ".hif"),
    "JPEG 2000": (".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
    "icon": (".ico",),
    "PNM": (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"),
    "QOI": (".qoi",),
    "PCX": (".pcx",),
    "SGI": (".sgi", ".rgb", ".rgba", ".bw"),
    "TGA": (".tga",),
}
"""By kind, each kind that `model.decoding.decode` reads; `.icb`, `.vda` and `.vst` mostly are no TGA."""

PICTURE_ENDINGS = frozenset(ending for endings in ENDINGS.values() for ending in endings)

TAKEN_AS_THEY_ARE = PICTURE_ENDINGS - LOOKED_AT
"""Files that end in these are pictures without a look; what is wrong with one will be said of it."""

_MORE = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(PICTURE_ENDINGS)))})(?=[^0-9a-z])(?P<more>.+)$", re.I)
"""What follows a picture's ending: `.bak`, `~`, `.part`, `.1`."""

_FOREIGN = re.compile(r"\.\w*[^\W\d_]\w*$|~$")
"""An ending: with a letter, or the numbers of `2026.05.01` would be one."""


def picture_ending(name: str) -> str:
    """Return the ending of a picture's name, in small letters; empty where it has none."""
    ending = PurePath(name).suffix.lower()
    return ending if ending in PICTURE_ENDINGS else ""


def foreign_ending(name: str) -> str:
    """Return the ending by which a file says that it is no picture, such as `.bak`; empty where it says nothing.

    A copy, a backup or half a download of `a.png` holds what that does, and is not meant.
    """
    last = PurePath(name).name
    if picture_ending(last):
        return ""
    if more := _MORE.search(last):
        return more["more"]
    found = _FOREIGN.search(last, 1)
    return found[0].lower() if found else ""
