"""BMP without packing: every depth, any masks, alpha that may be no alpha, and colour spaces of V4 and V5 headers.

Source: Microsoft's descriptions of BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from base.arrays import Opacity, Pixels
from base.errors import ImageError
from model.decoding.colour import Primaries, space_of_gammas, to_srgb
from model.decoding.profiles import Profiled, convert_samples
from model.decoding.raster import CheckSize, Raster, spans, whole_palette

SIGNATURE = b"BM"

RAW, RLE8, RLE4, MASKS, JPEG, PNG, MASKS_ALPHA = 0, 1, 2, 3, 4, 5, 6

NO_ALPHA = "alpha all 0: taken as opaque"

USUAL_MASKS = {16: (0x7C00, 0x3E0, 0x1F, 0), 24: (0xFF0000, 0xFF00, 0xFF, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}

FIXED = 65536
"""Gammas are 16.16 fixed point."""

END_POINT = 1 << 30
"""Primaries are 2.30 fixed point."""


@dataclass(frozen=True)
class _Header:
    size: int
    width: int
    height: int
    upside_down: bool
    bits: int
    packing: int
    colours: int
    masks: tuple[int, int, int, int]
    start: int
    table: int


def is_packed(content: bytes) -> bool:
    """Tell whether the pixels are run-length encoded, which is not read here."""
    return len(content) >= 34 and content[14] != 12 and content[30:34] in (b"\x01\0\0\0", b"\x02\0\0\0")


def read_bmp(content: bytes, check_size: CheckSize) -> Raster:
    """Return what a BMP file shows.

    Raises:
        ImageError: it is damaged, too large or of a kind that is not read; the text is a short reason.
    """
    try:
        header = _read_header(content)
    except struct.error as error:
        raise ImageError("is truncated") from error
    check_size(header.width, header.height)
    notes = list[str]()
    samples, colours, alpha = _unpack(_rows(content, header), content, header, notes)
    samples = samples[::-1] if header.upside_down else samples
    if alpha is not None and not any(alpha(samples[a:b]).any() for a, b in spans(header.height, header.width)):
        alpha = None  # screen grabbers leave the fourth byte as it is
        notes.append(NO_ALPHA)
    profiled = _in_srgb(content, header)
    notes += [profiled.note] if profiled.note else []
    return Raster(samples, lambda part: profiled.convert(colours(part)), alpha, notes=tuple(notes))


def _read_header(content: bytes) -> _Header:
    start, size = struct.unpack_from("<II", content, 10)
    if size == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", content, 18)
        packing = colours = 0
    elif size in (40, 52, 56, 64, 108, 124):
        width, height, _, bits, packing, _, _, _, colours = struct.unpack_from("<iiHHIIiiI", content, 18)
    else:
        raise ImageError(f"is a BMP of a kind that is not read (header of {size} bytes)")
    if bits not in (1, 2, 4, 8, 16, 24, 32) or width <= 0 or height == 0:
        raise ImageError(f"is damaged (BMP header of {width}x{height} px, {bits} bits)")
    masks, table = USUAL_MASKS.get(bits, (0, 0, 0, 0)), 14 + size
    if packing in (MASKS, MASKS_ALPHA) and bits in (16, 32):
        count = 4 if packing == MASKS_ALPHA or size >= 56 else 3
        given = struct.unpack_from(f"<{count}I", content, 54)  # behind the shortest header or in a longer one: the same
        masks = (*given, 0)[:4] if any(given) else masks
        table += 4 * count if size == 40 else 0
    elif packing != RAW:
        raise ImageError(f"is a BMP of a kind that is not read (packing {packing} of {bits} bits)")
    return _Header(size, width, abs(height), height > 0, bits, packing, colours, masks, start, table)


def _rows(content: bytes, header: _Header) -> npt.NDArray[np.uint8]:
    """Return the bytes of each row."""
    used = (header.width * header.bits + 7) // 8
    stride = (used + 3) // 4 * 4
    needed = stride * (header.height - 1) + used
    data = memoryview(content)[header.start : header.start + stride * header.height]
    if len(data) < needed:
        raise ImageError("is truncated")
    full = data if len(data) == stride * header.height else bytes(data).ljust(stride * header.height, b"\0")
    padded = np.frombuffer(full, np.uint8)
    return padded.reshape(header.height, stride)[:, :used]


def _unpack(
    rows: npt.NDArray[np.uint8], content: bytes, header: _Header, notes: list[str]
) -> tuple[npt.NDArray[Any], Callable[[Any], Pixels], Callable[[Any], Opacity] | None]:
    """Return samples, and what takes colours and opacity out of a part of them."""
    if header.bits <= 8:
        indices = _indices_in(rows, header)
        palette = whole_palette(_palette(content, header), indices, notes)
        return indices, lambda part: palette[part], None
    if header.bits == 24:
        return rows.reshape(len(rows), -1, 3), lambda part: np.ascontiguousarray(part[:, :, ::-1]), None
    numbers = np.ascontiguousarray(rows).view(f"<u{header.bits // 8}")
    *masks, alpha = header.masks
    return (
        numbers,
        lambda part: np.stack([_masked(part, mask) for mask in masks], axis=2),
        (lambda part: _masked(part, alpha)) if alpha else None,
    )


def _palette(content: bytes, header: _Header) -> Pixels:
    each = 3 if header.size == 12 else 4
    room = max(0, header.start - header.table) // each
    count = min(header.colours or 1 << header.bits, room, 1 << header.bits)
    return np.frombuffer(content, np.uint8, count * each, header.table).reshape(count, each)[:, 2::-1]


def _indices_in(rows: npt.NDArray[np.uint8], header: _Header) -> npt.NDArray[np.uint8]:
    if header.bits == 8:
        return rows
    places = (np.arange(8 // header.bits)[::-1] * header.bits).astype(np.uint8)
    apart = (rows[:, :, None] >> places) & np.uint8(2**header.bits - 1)
    return apart.reshape(len(rows), -1)[:, : header.width]


def _masked(numbers: npt.NDArray[np.unsignedinteger], mask: int) -> npt.NDArray[np.uint8]:
    """Return the bits under a mask as 8-bit levels."""
    if not mask:
        return np.zeros(numbers.shape, np.uint8)
    shift = (mask & -mask).bit_length() - 1
    most = mask >> shift
    values = (numbers.astype(np.uint64) & np.uint64(mask)) >> np.uint64(shift)
    return ((values * np.uint64(510) + np.uint64(most)) // np.uint64(2 * most)).astype(np.uint8)


def _in_srgb(content: bytes, header: _Header) -> Profiled:
    """Return what brings colours to sRGB by the colour space of a V4 or V5 header."""
    plain = Profiled(Image.fromarray)
    if header.size < 108:
        return plain
    space = content[70:74]
    if header.size == 124 and space == b"DEBM":  # "MBED" as a little-endian number
        offset, length = struct.unpack_from("<II", content, 126)
        return convert_samples(content[14 + offset : 14 + offset + length], grey=False, deep=False)
    if header.size == 124 and space == b"KNIL":
        return replace(plain, note="colour profile in another file ignored")
    if space != b"\0\0\0\0":
        return plain
    points = np.array(struct.unpack_from("<9i", content, 74), np.float64).reshape(3, 3) / END_POINT
    gammas = [each / FIXED for each in struct.unpack_from("<3I", content, 110)]
    if not points.sum(axis=1).all() or not all(0.1 < gamma < 10 for gamma in gammas):
        return plain  # all zero, as most writers leave it
    return _calibrated(points, gammas) or plain


def _calibrated(points: npt.NDArray[np.float64], gammas: list[float]) -> Profiled | None:
    """Return what brings colours to sRGB by their end points in XYZ and a gamma for each; None where nothing does."""
    white = points.sum(axis=0)
    chromaticities = [each[:2] / each.sum() for each in (white, *points)]
    primaries: Primaries = tuple(float(value) for pair in chromaticities for value in pair)  # type: ignore[assignment]  # eight
    try:
        space = space_of_gammas((gammas[0], gammas[1], gammas[2]), primaries)
    except (ZeroDivisionError, np.linalg.LinAlgError):
        return None
    return None if space is None else Profiled(lambda part: Image.fromarray(to_srgb(part, space)))
