"""What format a picture's bytes are in, and the ending that says so."""

import io
import warnings
from pathlib import Path
from typing import BinaryIO

from PIL import Image

PREFERRED = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif", "DIB": ".bmp", "JPEG2000": ".jp2"}
"""Where a format has several endings, the one that most programs know."""


def ending_of_content(content: bytes) -> str:
    """Return the ending of the format that bytes are in, as ".png"; empty where they are no picture."""
    name = _identify(io.BytesIO(content))
    return PREFERRED.get(name, f".{name.lower()}") if name else ""


USUAL = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
"""Endings that every reader of pictures looks for, and opens by the content."""


def with_ending(name: str, content: bytes) -> str:
    """Return a file's name, with the ending of its content behind it where it has none that readers look for.

    It stays as it is where it says the format already, and where the content is no picture.
    """
    suffix = Path(name).suffix.lower()
    ending = "" if suffix in USUAL else ending_of_content(content)
    same = Image.registered_extensions().get(suffix) == Image.registered_extensions().get(ending)
    return name if not ending or same else name + ending


def _identify(file: BinaryIO) -> str:
    """Return Pillow's name of a format; empty for what is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(file) as image:
                return image.format or ""
        except Exception:
            return ""
