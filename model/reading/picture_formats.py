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


def is_picture_file(path: Path) -> bool:
    """Tell by its content whether a regular file is a picture; False also where it cannot be read."""
    try:
        if not path.is_file():  # a named pipe would block for ever
            return False
        with path.open("rb") as file:
            return bool(_identify(file))
    except OSError:
        return False


def has_picture_ending(name: str) -> bool:
    """Tell whether a file's name ends as the files of pictures do."""
    return Image.registered_extensions().get(Path(name).suffix.lower(), "PDF") not in ("PDF", "MPEG", "HDF5", "EPS")


def _identify(file: BinaryIO) -> str:
    """Return Pillow's name of a format; empty for what is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(file) as image:
                return image.format or ""
        except Exception:
            return ""
