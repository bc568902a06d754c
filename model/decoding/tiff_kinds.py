"""Kinds of TIFF: which of them Pillow reads rightly, and what the samples of the others mean.

Source: TIFF Revision 6.0, Adobe, 1992; TIFF Technical Note 1 (CIE L*a*b*).
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import TiffImagePlugin

from base.errors import ImageError

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_BITS, _PACKING, _PHOTOMETRIC, _PALETTE, _FORMAT = 258, 259, 262, 320, 339
_MOST, _MOST_OF_KIND = 281, 341
_PLANES, _INKS, _SUBSAMPLING, _REFERENCE = 284, 332, 530, 532

WHITE_IS_ZERO = 0
YCBCR = 6

JPEGS = (6, 7)

FORMATS = {1: "unsigned", 2: "signed", 3: "float", 4: "untyped", 5: "complex", 6: "complex float"}

PHOTOMETRICS = {
    0: "grey (white is 0)",
    1: "grey",
    2: "RGB",
    3: "palette",
    4: "mask",
    5: "CMYK",
    6: "YCbCr",
    8: "CIELAB",
    9: "ICC LAB",
    10: "ITU LAB",
    32803: "camera raw",
    32844: "LogL",
    32845: "LogLuv",
}


@dataclass(frozen=True)
class DeepGrey:
    """How deep grey samples are meant: which is white if the file says so, and whether 0 is white.

    `declared_most` is the largest sample of which the file tells.
    """

    white: float | None = None
    inverted: bool = False
    unsigned: bool = False
    declared_most: int | None = None


def refuse_tiff(tags: Mapping[int, Any]) -> None:
    """Refuse what Pillow would open and read wrongly, by the tags of the first page.

    Raises:
        ImageError: with the kind that it is.
    """
    formats = set(_numbers(tags, _FORMAT, 1))
    if 2 in formats:
        raise ImageError("has signed samples, of which nobody says what is black; save it with unsigned ones")
    packing, planes = _numbers(tags, _PACKING, 1)[0], _numbers(tags, _PLANES, 1)[0]
    if planes == 2 and packing == 1 and max(bits_of(tags)) > 8:  # Pillow takes two of their bytes for two samples
        raise ImageError("has separate planes of more than 8 bits that are not packed; save it with one plane")
    if tags.get(_PHOTOMETRIC) == 5 and _numbers(tags, _INKS, 1)[0] != 1:
        raise ImageError("has inks that are not CMYK")
    if tags.get(_PHOTOMETRIC) == YCBCR and packing not in JPEGS:
        usual = [0, 255, 128, 255, 128, 255]
        if [float(each) for each in _numbers(tags, _REFERENCE, *usual)] != usual:
            raise ImageError("has YCbCr samples with a black and a white of their own")
        if packing == 1 and list(_numbers(tags, _SUBSAMPLING, 2, 2)) != [1, 1]:
            raise ImageError("has subsampled YCbCr samples that are not packed")


def deep_grey(tags: Mapping[int, Any]) -> DeepGrey:
    """Return how deep grey samples are meant."""
    bits, kind = _numbers(tags, _BITS, 1)[0], _numbers(tags, _FORMAT, 1)[0]
    white = 2**bits - 1 if bits <= 16 and kind == 1 else None
    return DeepGrey(white, tags.get(_PHOTOMETRIC, 0) == WHITE_IS_ZERO, bits == 32 and kind == 1, declared_most(tags))


def declared_most(tags: Mapping[int, Any]) -> int | None:
    """Return the largest sample that there is by MaxSampleValue or SMaxSampleValue; None where they are not there."""
    found = [each for code in (_MOST, _MOST_OF_KIND) for each in _numbers(tags, code)]
    numbers = [int(each) for each in found if isinstance(each, int | float) and each == int(each)]
    return max(numbers, default=None)


def small_palette(tags: Mapping[int, Any]) -> list[int] | None:
    """Return the palette of a writer that took 255 for the most where it is 65535; libtiff knows them likewise."""
    colours = list(_numbers(tags, _PALETTE, 0))
    return colours if 0 < max(colours) < 256 else None


def kind_of_tiff(content: bytes) -> str:
    """Return in words of what kind a file is that Pillow cannot open; empty where its tags cannot be read either."""
    try:
        tags = _read_tags(content)
        bits, formats = _numbers(tags, _BITS, 1), _numbers(tags, _FORMAT, 1)
        photometric = tags.get(_PHOTOMETRIC)
    except Exception:
        return ""
    if photometric is None and _BITS not in tags:
        return ""
    colours = PHOTOMETRICS.get(photometric or 0, f"photometric {photometric}")
    kinds = "/".join(sorted({FORMATS.get(each, f"format {each}") for each in formats}))
    return f"TIFF of {colours}, {len(bits)} x {max(bits)} bits, {kinds}"


def _read_tags(content: bytes) -> Mapping[int, Any]:
    file = io.BytesIO(content)
    header = file.read(8)
    if header[2:4] in (b"+\0", b"\0+"):
        header += file.read(8)
    tags = TiffImagePlugin.ImageFileDirectory_v2(header)
    file.seek(tags.next)
    tags.load(file)
    return tags


def _numbers(tags: Mapping[int, Any], code: int, *default: float) -> tuple[Any, ...]:
    value = tags.get(code, default)
    return value if isinstance(value, tuple) else (value,)


def bits_of(tags: Mapping[int, Any]) -> tuple[int, ...]:
    """Return how many bits the samples have."""
    return _numbers(tags, _BITS, 1)
