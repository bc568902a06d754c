"""Whether the pixels of a QOI are all there: the format has no checksum, but an end that has to come after the last.

Source: the QOI specification, version 1.0, by Dominic Szablewski (qoiformat.org).
"""

from base.errors import ImageError

HEADER_BYTES = 14
END = b"\0\0\0\0\0\0\0\1"

_RGB, _RGBA, _LUMA, _RUN = 0xFE, 0xFF, 2, 3


def refuse_damaged_qoi(content: bytes) -> None:
    """Refuse a QOI that Pillow has read, whose end does not come after its last pixel.

    Raises:
        ImageError: it does not.
    """
    missing = int.from_bytes(content[4:8], "big") * int.from_bytes(content[8:12], "big")
    at, size = HEADER_BYTES, len(content)
    while missing > 0 and at < size:
        byte = content[at]
        kind = byte >> 6
        pixels, length = 1, 1
        if byte == _RGBA:
            length = 5
        elif byte == _RGB:
            length = 4
        elif kind == _LUMA:
            length = 2
        elif kind == _RUN:
            pixels = (byte & 63) + 1
        missing -= pixels
        at += length
    if missing or content[at : at + len(END)] != END:
        raise ImageError("is truncated or damaged (the end of the QOI does not come after its last pixel)")
