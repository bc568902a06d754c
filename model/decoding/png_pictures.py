"""PNG of all kinds: every depth, colour keys, palettes and colour spaces. Pixels are unpacked by libspng.

Source: Portable Network Graphics (third edition), W3C, sections 5, 9, 11 and 12.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyspng
from PIL import ExifTags, Image

from base.arrays import Opacity, Samples
from base.errors import ImageError
from model.decoding.colour import to_bytes
from model.decoding.low_bits import describe_low_bits, stretch, white_of_significant
from model.decoding.png_colours import MEANINGS, bring_to_srgb
from model.decoding.png_rows import (
    GREY,
    GREY_ALPHA,
    OUTPUTS,
    PALETTE,
    PNG_SIGNATURE,
    RGB,
    RGB_ALPHA,
    Packed,
    PngHeader,
    unpack_at_once,
    unpack_rows,
    write_png,
)
from model.decoding.raster import CheckSize, Raster, whole_palette

DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGB_ALPHA: (8, 16)}


@dataclass(frozen=True)
class _Chunks:
    """The chunks of a file that are used, the last of each name; the packed pixels in order; what is to be said."""

    header: PngHeader
    others: dict[bytes, bytes]
    pixels: list[Packed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_png(content: bytes, check_size: CheckSize) -> Raster:
    """Return what a PNG file shows: of a moving one, the picture that stands for it.

    Raises:
        ImageError: it is damaged or too large; the text is a short reason.
    """
    chunks = _Chunks(_read_header(content), {})
    check_size(chunks.header.width, chunks.header.height)
    for name, data in _walk(content):
        if name == b"IDAT":
            chunks.pixels.append(data)
        else:
            chunks.others[name] = bytes(data)
    if not chunks.pixels:
        raise ImageError("is truncated")
    unpacked = _in_full_range(_unpack(content, chunks), chunks)
    profiled = bring_to_srgb(chunks.others, grey=unpacked.grey, deep=unpacked.deep)
    notes = [*chunks.notes, *([profiled.note] if profiled.note else [])]
    if len(chunks.others.get(b"acTL", b"")) >= 4 and struct.unpack(">I", chunks.others[b"acTL"][:4])[0] > 1:
        notes.append("moving: the first picture is taken")
    return Raster(
        unpacked.samples,
        lambda part: profiled.convert(unpacked.colours(part)),
        unpacked.opacity,
        _orientation(content, chunks.others),
        tuple(notes),
    )


def _read_header(content: bytes) -> PngHeader:
    if len(content) < 33:
        raise ImageError("is truncated")
    length, name = struct.unpack_from(">I4s", content, 8)
    if (length, name) != (13, b"IHDR"):
        raise ImageError("is damaged (no PNG header)")
    width, height, depth, kind, _, _, interlace = struct.unpack_from(">IIBBBBB", content, 16)
    if depth not in DEPTHS.get(kind, ()) or interlace > 1 or not (0 < width < 1 << 31 and 0 < height < 1 << 31):
        raise ImageError(f"is damaged (PNG header of {width}x{height} px, depth {depth}, type {kind})")
    return PngHeader(width, height, depth, kind, bool(interlace))


_UNUSED = frozenset({b"fdAT", b"tEXt", b"zTXt"})


def _walk(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the chunks up to the end, their checksums compared."""
    at, view = len(PNG_SIGNATURE), memoryview(content)
    while at + 8 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 8 + length
        if end + 4 > len(content):
            raise ImageError("is truncated")
        if zlib.crc32(view[at + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            raise ImageError(f"is damaged (checksum of {name.decode('latin-1')})")
        if name == b"IEND":
            return
        if name not in _UNUSED:
            yield name, view[at + 8 : end]
        at = end + 4


@dataclass(frozen=True)
class _Unpacked:
    """Samples, and what takes the colours, grey or RGB in 8 or 16 bits, and the opacity out of a part of them."""

    samples: Image.Image | npt.NDArray[Any]
    colours: Callable[[Any], Samples | Image.Image]
    opacity: Callable[[Any], Opacity] | None = None
    grey: bool = False
    deep: bool = False


def _unpack(content: bytes, chunks: _Chunks) -> _Unpacked:
    """Return the samples, unpacked by libspng."""
    header, key = chunks.header, chunks.others.get(b"tRNS", b"")
    if header.depth == 8 and header.kind == RGB:
        if len(key) >= 6:
            return _Unpacked(_spng(chunks, content, "RGB"), _same, partial(_keyed, struct.unpack(">3H", key[:6])))
        return _Unpacked(_spng(chunks, content, "RGBA"), _same)  # four channels are Pillow's own RGB
    if header.depth == 8 and header.kind == RGB_ALPHA:
        return _seen_through(_spng(chunks, content, "RGBA"))
    if header.kind == PALETTE:
        return _through_palette(_indices(chunks), chunks)
    if header.depth < 16:
        levels = _spng(chunks, None, OUTPUTS[header.kind])
        if header.kind == GREY_ALPHA:
            return _Unpacked(levels, _first, _last, grey=True)
        levels = levels.reshape(levels.shape[:2])
        step = 255 // (2**header.depth - 1)
        opacity = partial(_keyed, (struct.unpack(">H", key[:2])[0] * step,)) if len(key) >= 2 else None
        return _Unpacked(levels, _same, opacity, grey=True)
    return _unpack_deep(chunks, key)


def _unpack_deep(chunks: _Chunks, key: bytes) -> _Unpacked:
    """Return what is stored with 16 bits."""
    kind = chunks.header.kind
    if kind == GREY_ALPHA:  # libspng has no such output: two samples of 16 bits lie in the file like four of 8
        four = replace(chunks, header=replace(chunks.header, depth=8, kind=RGB_ALPHA))
        pairs = np.ascontiguousarray(_spng(four, None, "RGBA")).view(">u2").astype(np.uint16)
        return _Unpacked(pairs, _first, _last, grey=True, deep=True)
    deep = _spng(chunks, None, None)
    if kind == RGB_ALPHA:
        return _Unpacked(deep, _three, _last, deep=True)
    length = 1 if kind == GREY else 3
    colours = _first if kind == GREY else _three
    opacity = None
    if len(key) >= 2 * length:
        one = struct.unpack(f">{length}H", key[: 2 * length])
        opacity = lambda part: _keyed(one, colours(part))  # noqa: E731
    return _Unpacked(deep, colours, opacity, grey=kind == GREY, deep=True)


def _same(part: npt.NDArray[Any]) -> Samples:
    return part


def _first(part: npt.NDArray[Any]) -> Samples:
    return np.ascontiguousarray(part[:, :, 0])


def _three(part: npt.NDArray[Any]) -> Samples:
    return np.ascontiguousarray(part[:, :, :3])


def _last(part: npt.NDArray[Any]) -> Opacity:
    return np.ascontiguousarray(to_bytes(part[:, :, -1]))


def _spng(chunks: _Chunks, content: bytes | None, form: str | None) -> npt.NDArray[Any]:
    """Unpack with libspng, which knows when there are too few pixels; those missing would be black otherwise.

    Where there is no `content` the file is taken with its pixels alone.
    """
    if (rows := unpack_rows(chunks.header, chunks.pixels)) is not None:
        return rows
    whole = unpack_at_once(chunks.header, chunks.pixels)
    if whole is None:  # libspng knows what is wrong
        whole = write_png(chunks.header, b"".join(chunks.pixels)) if content is None else content
    try:
        pixels: npt.NDArray[Any] = pyspng.load(whole, format=form)
    except (RuntimeError, ValueError) as error:
        text = str(error).rpartition(": ")[2]
        raise ImageError(
            "is truncated" if "short" in text or "eof" in text.lower() else f"is damaged ({text})"
        ) from error
    return pixels


def _seen_through(samples: npt.NDArray[Any]) -> _Unpacked:
    """Return colours with their opacity as Pillow has them, which takes them apart in a third of numpy's time."""
    if np.bitwise_and.reduce(samples.view("<u4"), axis=None) >> 24 == 255:  # a fifth of the time of Pillow's extrema
        return _Unpacked(samples, _same)
    image = Image.fromarray(samples)
    return _Unpacked(image, lambda part: part.convert("RGB"), lambda part: np.asarray(part.getchannel("A")))


def _keyed(key: tuple[int, ...], colours: Samples) -> Opacity:
    """Return the opacity of colours of which one is transparent."""
    same = colours == key[0] if colours.ndim == 2 else (colours == np.array(key)).all(axis=2)
    return np.where(same, np.uint8(0), np.uint8(255))


def _indices(chunks: _Chunks) -> npt.NDArray[np.uint8]:
    levels = _spng(replace(chunks, header=replace(chunks.header, kind=GREY)), None, "L")
    levels = levels.reshape(levels.shape[:2])
    step = 255 // (2**chunks.header.depth - 1)
    return levels if step == 1 else levels // np.uint8(step)


def _through_palette(indices: npt.NDArray[np.uint8], chunks: _Chunks) -> _Unpacked:
    table = np.frombuffer(chunks.others.get(b"PLTE", b""), np.uint8)
    palette = whole_palette(table[: len(table) // 3 * 3].reshape(-1, 3), indices, chunks.notes)
    opacity = np.full(256, 255, np.uint8)
    given = np.frombuffer(chunks.others.get(b"tRNS", b""), np.uint8)[: len(table) // 3]
    opacity[: len(given)] = given
    return _Unpacked(indices, lambda part: palette[part], (lambda part: opacity[part]) if len(given) else None)


def _in_full_range(unpacked: _Unpacked, chunks: _Chunks) -> _Unpacked:
    """Return samples that use all of their 16 bits, where the file says that it uses fewer; or say what may be."""
    if not unpacked.deep:
        return unpacked
    assert isinstance(unpacked.samples, np.ndarray)
    colours = unpacked.samples[:, :, 0] if unpacked.grey else unpacked.samples[:, :, :3]
    significant = chunks.others.get(b"sBIT", b"")[: 1 if unpacked.grey else 3]
    if significant and (white := white_of_significant(colours, max(significant))):
        return replace(unpacked, colours=lambda part: stretch(np.asarray(unpacked.colours(part)), white))
    # Linear light, of which a colour profile or a gamma tells, is small in the dark.
    if not significant and not MEANINGS & chunks.others.keys() and (note := describe_low_bits(colours)):
        chunks.notes.append(note)
    return unpacked


def _orientation(content: bytes, others: dict[bytes, bytes]) -> int:
    """Return what EXIF says, in a chunk of its own or, as older programs have it, in a text; or what XMP says."""
    try:
        exif = Image.Exif()
        if b"eXIf" in others:
            exif.load(others[b"eXIf"])
        elif b"Raw profile type" in content or b"tiff:Orientation" in content:
            with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
                exif = Image.Image.getexif(image)  # PNG's own would unpack the pixels first
        value = exif.get(ExifTags.Base.Orientation, 1)
    except (SyntaxError, ValueError, KeyError, TypeError, struct.error, OSError):
        return 1  # the camera's notes are damaged; the pixels are sound
    return value if value in range(1, 9) else 1
