"""The quick way to read plain PNG files, which is what screenshots are: libspng, without Pillow's detours."""

import re
import struct
from collections.abc import Iterator

import numpy as np
import pyspng
from PIL import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}
"""Channels by colour type, of the types that are read here."""

_PLAIN = frozenset({b"IHDR", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"cHRM", b"iCCP", b"pHYs", b"sBIT", b"bKGD", b"tIME"})
"""Chunks that do not change the picture that Pillow makes; Apple's iDOT is another."""

_TURNED = re.compile(
    rb"\x01\x12(?!\x00\x03\x00\x00\x00\x01\x00\x01)"  # the orientation's tag, big-endian, followed by another value
    rb"|\x12\x01(?!\x03\x00\x01\x00\x00\x00\x01\x00)"
)
_TEXT_TURNED = re.compile(rb"Raw profile|Orientation(?!=\"1\"|>1<)")


def decode_plain_png(content: bytes, *, most_pixels: int) -> Image.Image | None:
    """Return the RGB picture of an opaque 8-bit PNG that stands upright; None for any other, and any doubt.

    It is the picture that Pillow gives, in half the time.

    Args:
        content: the file's.
        most_pixels: a picture of more is not decoded.
    """
    header = content[16:29]
    if not content.startswith(_SIGNATURE) or len(header) < 13:
        return None
    width, height, depth, colour = struct.unpack(">IIBB", header[:10])
    if depth != 8 or colour not in _CHANNELS or not 0 < width * height <= most_pixels:
        return None
    if not all(_is_plain(name, chunk) for name, chunk in _chunks(content)):
        return None
    try:
        pixels = pyspng.load(content)
    except Exception:  # damaged in some way: Pillow finds the words, or is less strict
        return None
    if pixels.shape != (height, width, _CHANNELS[colour]) or pixels.dtype != np.uint8:
        return None
    if colour == 2:
        return Image.frombytes("RGB", (width, height), pixels, "raw", "RGB")
    if pixels[..., 3].min() < 255:
        return None
    return Image.frombytes("RGB", (width, height), pixels, "raw", "RGBX")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield names and data up to the end; one that is cut short has the name b""."""
    start, name = len(_SIGNATURE), b""
    while name != b"IEND":
        if len(content) < start + 12:
            yield b"", b""
            return
        (length,) = struct.unpack_from(">I", content, start)
        name = content[start + 4 : start + 8]
        yield name, b"" if name in _PLAIN else content[start + 8 : start + 8 + length]
        start += length + 12


def _is_plain(name: bytes, chunk: bytes) -> bool:
    if name == b"eXIf":
        return not _TURNED.search(chunk)
    if name in (b"tEXt", b"iTXt"):
        compressed = name == b"iTXt" and chunk.partition(b"\0")[2][:1] != b"\0"
        return not compressed and not _TEXT_TURNED.search(chunk)
    return name in _PLAIN or name == b"iDOT"
