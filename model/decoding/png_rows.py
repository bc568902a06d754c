"""Large PNGs unpacked some rows at a time, so that other threads run meanwhile: libspng lets none run while it works.

Rows refer to the one above them; so some rows are a PNG of their own when that one is put before them, unpacked.
"""

import contextlib
import importlib
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyspng

fast_zlib: Any = zlib
"""What packs and unpacks: ISA-L's, but on processors that it is not built for."""
with contextlib.suppress(ImportError):
    fast_zlib = importlib.import_module("isal.isal_zlib")

DAMAGED: tuple[type[Exception], ...] = (zlib.error, fast_zlib.error)
UNREADABLE: tuple[type[Exception], ...] = (*DAMAGED, RuntimeError, ValueError)

Packed = bytes | memoryview

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6

CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}

OUTPUTS = {GREY: "L", RGB: "RGB", GREY_ALPHA: "RGBA", RGB_ALPHA: "RGBA"}
"""What libspng is asked for where samples have 8 bits."""

AT_ONCE_BYTES = 1 << 19
"""Unpacked at a time: some milliseconds."""

FED_BYTES = 1 << 16

MOST_STORED = 0xFFFF
"""Bytes of a block of zlib that is not packed."""


@dataclass(frozen=True)
class PngHeader:
    """What stands in the header of a PNG; `kind` is its colour type."""

    width: int
    height: int
    depth: int
    kind: int
    interlaced: bool

    @property
    def row_bytes(self) -> int:
        """Return the bytes of a row, the one that names its filter with them."""
        return 1 + (self.width * CHANNELS[self.kind] * self.depth + 7) // 8


def write_png(header: PngHeader, packed: bytes) -> bytes:
    """Return a PNG of packed pixels."""
    first = struct.pack(
        ">IIBBBBB", header.width, header.height, header.depth, header.kind, 0, 0, int(header.interlaced)
    )
    return PNG_SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", fast_zlib.crc32(data, fast_zlib.crc32(name)))
        for name, data in ((b"IHDR", first), (b"IDAT", packed), (b"IEND", b""))
    )


def store(rows: bytes) -> bytes:
    """Return rows as a stream of zlib that is not packed, which libspng takes as it is.

    Source: RFC 1950 and RFC 1951, section 3.2.4.
    """
    starts = range(0, len(rows), MOST_STORED)
    view = memoryview(rows)
    parts: list[Packed] = [b"\x78\x01"]
    for start in starts:
        block = view[start : start + MOST_STORED]
        length = len(block)
        parts += [struct.pack("<BHH", start == starts[-1], length, length ^ 0xFFFF), block]
    return b"".join([*parts, struct.pack(">I", fast_zlib.adler32(rows))])


def unpack_at_once(header: PngHeader, packed: Iterable[Packed]) -> bytes | None:
    """Return the file with its rows unpacked, not packed again; None where something is odd about them.

    What unpacks here takes half the time of what is in libspng, and lets other threads run meanwhile.
    """
    if header.interlaced:
        return None
    size = header.row_bytes * header.height
    stream = fast_zlib.decompressobj()
    try:
        rows = stream.decompress(b"".join(packed), size + 1)
    except DAMAGED:
        return None
    return write_png(header, store(rows)) if len(rows) == size and stream.eof and not stream.unused_data else None


def unpack_rows(header: PngHeader, packed: Iterable[Packed]) -> npt.NDArray[Any] | None:
    """Return the samples (height, width, channels); None where it is to be done at once.

    That is where it is small, where rows do not follow one another, and where something is wrong of which libspng
    gives the reason.
    """
    if header.interlaced or header.depth < 8 or header.row_bytes * header.height <= AT_ONCE_BYTES:
        return None
    channels = CHANNELS[header.kind]
    samples = np.empty((header.height, header.width, channels), np.uint8 if header.depth == 8 else np.uint16)
    step, first, above = max(1, AT_ONCE_BYTES // header.row_bytes), 0, b""
    try:
        for rows in _inflate(packed, step * header.row_bytes, header.row_bytes * header.height):
            count = len(rows) // header.row_bytes
            found = _unpack(header, above + rows)
            samples[first : first + count] = found[-count:]
            first += count
            last = found[-1] if header.depth == 8 else found[-1].astype(">u2")
            above = b"\0" + last.tobytes()
    except UNREADABLE:
        return None
    return samples if first == header.height else None


def _unpack(header: PngHeader, rows: bytes) -> npt.NDArray[Any]:
    """Return the samples of rows that refer to no others."""
    alone = PngHeader(header.width, len(rows) // header.row_bytes, header.depth, header.kind, interlaced=False)
    form = OUTPUTS[header.kind] if header.depth == 8 else None
    found: npt.NDArray[Any] = pyspng.load(write_png(alone, store(rows)), format=form)
    found = found.reshape(alone.height, alone.width, -1)
    if header.kind == GREY_ALPHA and header.depth == 8:
        return found[:, :, 0::3]
    return found[:, :, : CHANNELS[header.kind]]


def _inflate(packed: Iterable[Packed], size: int, total: int) -> Iterator[bytes]:
    """Yield the first `total` bytes of what is packed, `size` at a time; less where there is less."""
    stream = fast_zlib.decompressobj()
    parts, wanted = list[bytes](), min(size, total)
    for piece in _pieces(packed):
        fed = piece
        while part := stream.decompress(fed, wanted):
            fed = stream.unconsumed_tail
            parts.append(part)
            wanted -= len(part)
            if wanted:
                break  # all was fed
            yield b"".join(parts)
            total -= size
            if total <= 0:
                return
            parts, wanted = [], min(size, total)


def _pieces(packed: Iterable[Packed]) -> Iterator[Packed]:
    """Yield what is packed in small pieces: of each, what is left of it is copied again and again."""
    for data in packed:
        for start in range(0, len(data), FED_BYTES):
            yield data[start : start + FED_BYTES]
