"""PNG of all kinds: every depth, colour keys, palettes and colour spaces. Pixels are unpacked by libspng.

Source: Portable Network Graphics (third edition), W3C, sections 5, 9, 11 and 12.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyspng
from PIL import ExifTags, Image

from base.arrays import Opacity, Samples
from base.errors import ImageError
from model.decoding.colour import (
    ColourSpace,
    LightCurve,
    gamma_curve,
    space_of,
    space_of_codes,
    srgb_curve,
    to_bytes,
    to_srgb,
)
from model.decoding.low_bits import describe_low_bits, stretch, white_of_significant
from model.decoding.profiles import BROKEN, Profiled, apply_profile_to_samples
from model.decoding.raster import CheckSize, Raster, look_up

SIGNATURE = b"\x89PNG\r\n\x1a\n"

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6

DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGB_ALPHA: (8, 16)}

MOST_PROFILE = 16 << 20
"""Bytes of a profile when it is unpacked."""


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    depth: int
    kind: int
    interlaced: bool


@dataclass(frozen=True)
class _Chunks:
    """The chunks of a file that are used, the last of each name; the packed pixels in order; what is to be said."""

    header: _Header
    others: dict[bytes, bytes]
    pixels: list[bytes] = field(default_factory=list)
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
            chunks.others[name] = data
    if not chunks.pixels:
        raise ImageError("is truncated")
    colours, alpha = _unpack(content, chunks)
    colours = _in_full_range(colours, chunks)
    profiled = _in_srgb(colours, chunks)
    notes = [*chunks.notes, *([profiled.note] if profiled.note else [])]
    if len(chunks.others.get(b"acTL", b"")) >= 4 and struct.unpack(">I", chunks.others[b"acTL"][:4])[0] > 1:
        notes.append("moving: the first picture is taken")
    shown = None if alpha is None else Image.fromarray(alpha)
    return Raster(profiled.image, shown, _orientation(content, chunks.others), tuple(notes))


def _read_header(content: bytes) -> _Header:
    if len(content) < 33:
        raise ImageError("is truncated")
    length, name = struct.unpack_from(">I4s", content, 8)
    if (length, name) != (13, b"IHDR"):
        raise ImageError("is damaged (no PNG header)")
    width, height, depth, kind, _, _, interlace = struct.unpack_from(">IIBBBBB", content, 16)
    if depth not in DEPTHS.get(kind, ()) or interlace > 1 or not (0 < width < 1 << 31 and 0 < height < 1 << 31):
        raise ImageError(f"is damaged (PNG header of {width}x{height} px, depth {depth}, type {kind})")
    return _Header(width, height, depth, kind, bool(interlace))


_UNUSED = frozenset({b"fdAT", b"tEXt", b"zTXt"})


def _walk(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks up to the end, their checksums compared."""
    at, view = len(SIGNATURE), memoryview(content)
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
            yield name, content[at + 8 : end]
        at = end + 4


def _unpack(content: bytes, chunks: _Chunks) -> tuple[Samples, Opacity | None]:
    """Return the colours, grey or RGB in 8 or 16 bits, and the opacity."""
    header, key = chunks.header, chunks.others.get(b"tRNS")
    if header.depth == 8 and header.kind == RGB:
        colours: Samples = _spng(content, "RGB")
        return colours, _keyed(colours, struct.unpack(">3H", key[:6])) if key and len(key) >= 6 else None
    if header.depth == 8 and header.kind == RGB_ALPHA:
        return _split(_spng(content, "RGBA"))
    if header.kind == PALETTE:
        return _through_palette(_indices(chunks), chunks)
    if header.depth < 16:
        levels = _spng(_bare(chunks), "RGBA" if header.kind == GREY_ALPHA else "L")
        if header.kind == GREY_ALPHA:
            return levels[:, :, 0], levels[:, :, 3]
        step = 255 // (2**header.depth - 1)
        return levels, _keyed(levels, (struct.unpack(">H", key[:2])[0] * step,)) if key and len(key) >= 2 else None
    return _unpack_deep(chunks, key)


def _unpack_deep(chunks: _Chunks, key: bytes | None) -> tuple[Samples, Opacity | None]:
    """Return what is stored with 16 bits."""
    kind = chunks.header.kind
    if kind == GREY_ALPHA:  # libspng has no such output: two samples of 16 bits lie in the file like four of 8
        pairs = _spng(_bare(chunks, depth=8, kind=RGB_ALPHA), "RGBA").astype(np.uint16)
        grey, alpha = (pairs[:, :, first] * np.uint16(256) + pairs[:, :, first + 1] for first in (0, 2))
        return grey, _opacity(alpha)
    deep = _spng(_bare(chunks), None)
    if kind == RGB_ALPHA:
        return deep[:, :, :3], _opacity(deep[:, :, 3])
    colours = deep[:, :, 0] if kind == GREY else deep[:, :, :3]
    length = 1 if kind == GREY else 3
    if not key or len(key) < 2 * length:
        return colours, None
    return colours, _keyed(colours, struct.unpack(f">{length}H", key[: 2 * length]))


def _spng(content: bytes, form: str | None) -> npt.NDArray[np.uint8]:
    """Unpack with libspng, which knows when there are too few pixels; those missing would be black otherwise."""
    try:
        pixels: npt.NDArray[np.uint8] = pyspng.load(content, format=form)
    except (RuntimeError, ValueError) as error:
        text = str(error).rpartition(": ")[2]
        raise ImageError(
            "is truncated" if "short" in text or "eof" in text.lower() else f"is damaged ({text})"
        ) from error
    return pixels


def _bare(chunks: _Chunks, *, depth: int | None = None, kind: int | None = None) -> bytes:
    """Return the file with its pixels alone, which may be said to be of another kind."""
    header = chunks.header
    fields = (header.width, header.height, depth or header.depth, header.kind if kind is None else kind)
    first = struct.pack(">IIBBBBB", *fields, 0, 0, int(header.interlaced))
    parts = ((b"IHDR", first), (b"IDAT", b"".join(chunks.pixels)), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def _split(pixels: npt.NDArray[np.uint8]) -> tuple[Samples, Opacity | None]:
    image = Image.fromarray(pixels)  # which takes channels apart in a third of numpy's time
    alpha = image.getchannel("A")
    colours: npt.NDArray[np.uint8] = np.asarray(image.convert("RGB"))
    return colours, None if alpha.getextrema()[0] == 255 else np.asarray(alpha)


def _opacity(samples: Samples) -> Opacity | None:
    levels = to_bytes(samples)
    return None if levels.min() == 255 else np.ascontiguousarray(levels)


def _keyed(colours: Samples, key: tuple[int, ...]) -> Opacity | None:
    """Return the opacity of a picture of which one colour is transparent."""
    same = colours == key[0] if colours.ndim == 2 else (colours == np.array(key)).all(axis=2)
    return _opacity(np.where(same, 0, 255).astype(np.uint8))


def _indices(chunks: _Chunks) -> npt.NDArray[np.uint8]:
    levels = _spng(_bare(chunks, kind=GREY), "L")
    return levels // np.uint8(255 // (2**chunks.header.depth - 1))


def _through_palette(indices: npt.NDArray[np.uint8], chunks: _Chunks) -> tuple[Samples, Opacity | None]:
    table = np.frombuffer(chunks.others.get(b"PLTE", b""), np.uint8)
    palette = table[: len(table) // 3 * 3].reshape(-1, 3)
    opacity = np.full(256, 255, np.uint8)
    given = np.frombuffer(chunks.others.get(b"tRNS", b""), np.uint8)[: len(palette)]
    opacity[: len(given)] = given
    return look_up(indices, palette, chunks.notes), _opacity(opacity[indices])


def _in_full_range(colours: Samples, chunks: _Chunks) -> Samples:
    """Return samples that use all of their 16 bits, where the file says that it uses fewer; or say what may be."""
    if colours.dtype != np.uint16:
        return colours
    significant = chunks.others.get(b"sBIT", b"")[: 1 if colours.ndim == 2 else 3]
    if significant and (white := white_of_significant(colours, max(significant))):
        return stretch(colours, white)
    # Linear light, of which a colour profile or a gamma tells, is small in the dark.
    if not significant and not MEANINGS & chunks.others.keys() and (note := describe_low_bits(colours)):
        chunks.notes.append(note)
    return colours


MEANINGS = frozenset({b"cICP", b"iCCP", b"gAMA"})
"""Chunks that say which light samples mean."""


def _in_srgb(colours: Samples, chunks: _Chunks) -> Profiled:
    """Bring colours to sRGB by the first that there is of cICP, iCCP, sRGB, and gAMA with cHRM."""
    others = chunks.others
    note = None
    if len(code := others.get(b"cICP", b"")) == 4:
        if code[2] or code[3] != 1:
            raise ImageError("has colours that are not understood (cICP of luma, or of a narrow range)")
        return _converted(colours, space_of_codes(code[0], code[1]))
    if b"iCCP" in others:
        profile = _unpack_profile(others[b"iCCP"])
        profiled = apply_profile_to_samples(colours, profile) if profile else None
        if profiled is not None and profiled.note != BROKEN:
            return profiled
        note = BROKEN
    if b"sRGB" in others:
        return _converted(colours, None, note)
    return _converted(colours, _plain_space(others), note)


def _converted(colours: Samples, space: ColourSpace | None, note: str | None = None) -> Profiled:
    if space is None:
        image = Image.fromarray(to_bytes(colours))
        return Profiled(image if image.mode == "RGB" else image.convert("RGB"), note)
    return Profiled(Image.fromarray(to_srgb(colours, space)), note)


def _unpack_profile(chunk: bytes) -> bytes:
    """Return the profile in an iCCP chunk; nothing where it is damaged."""
    _, _, rest = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], MOST_PROFILE) if rest[:1] == b"\0" else b""
    except zlib.error:
        return b""


def _plain_space(others: dict[bytes, bytes]) -> ColourSpace | None:
    """Return the space that gAMA and cHRM tell of; None where it is sRGB."""
    if b"gAMA" not in others and b"cHRM" not in others:
        return None
    gamma, numbers = others.get(b"gAMA", b""), others.get(b"cHRM", b"")
    return space_of_gamma(
        int.from_bytes(gamma, "big") / 100_000 if len(gamma) == 4 else None,
        tuple(each / 100_000 for each in struct.unpack(">8I", numbers)) if len(numbers) == 32 else None,
    )


def space_of_gamma(gamma: float | None, chromaticities: tuple[float, ...] | None) -> ColourSpace | None:
    """Return the space of gAMA and cHRM, where they are there; None where it is sRGB."""
    curve: LightCurve = gamma_curve(1 / gamma) if gamma else srgb_curve
    if chromaticities is None or len(chromaticities) != 8:
        return space_of(curve)
    wx, wy, rx, ry, gx, gy, bx, by = chromaticities
    try:
        return space_of(curve, (wx, wy, rx, ry, gx, gy, bx, by))
    except (ZeroDivisionError, np.linalg.LinAlgError):
        return space_of(curve)  # colours that span no space say nothing


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
