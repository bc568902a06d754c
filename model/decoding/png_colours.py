"""Which colours the samples of a PNG mean, by its chunks.

Source: Portable Network Graphics (third edition), W3C, sections 4.3 and 11.3.2.
"""

import struct
import zlib
from collections.abc import Mapping

import numpy as np
from PIL import Image

from base.errors import ImageError
from model.decoding.colour import (
    ColourSpace,
    LightCurve,
    gamma_curve,
    space_of,
    space_of_codes,
    srgb_curve,
    to_srgb,
)
from model.decoding.profiles import BROKEN, Profiled, convert_samples, plain_rgb

MOST_PROFILE = 16 << 20
"""Bytes of a profile when it is unpacked."""

MEANINGS = frozenset({b"cICP", b"iCCP", b"gAMA"})
"""Chunks that say which light samples mean."""


def bring_to_srgb(others: Mapping[bytes, bytes], *, grey: bool, deep: bool) -> Profiled:
    """Return what brings colours to sRGB, by the first that there is of cICP, iCCP, sRGB, and gAMA with cHRM.

    Raises:
        ImageError: they say what is not understood.
    """
    note = None
    if len(code := others.get(b"cICP", b"")) == 4:
        if code[2] or code[3] != 1:
            raise ImageError("has colours that are not understood (cICP of luma, or of a narrow range)")
        return _converted(space_of_codes(code[0], code[1]))
    if b"iCCP" in others:
        profile = _unpack_profile(others[b"iCCP"])
        profiled = convert_samples(profile, grey=grey, deep=deep) if profile else None
        if profiled is not None and profiled.note != BROKEN:
            return profiled
        note = BROKEN
    if b"sRGB" in others:
        return _converted(None, note)
    return _converted(_plain_space(others), note)


def _converted(space: ColourSpace | None, note: str | None = None) -> Profiled:
    if space is None:
        return Profiled(plain_rgb, note)
    return Profiled(lambda part: Image.fromarray(to_srgb(part, space)), note)


def _unpack_profile(chunk: bytes) -> bytes:
    """Return the profile in an iCCP chunk; nothing where it is damaged."""
    _, _, rest = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], MOST_PROFILE) if rest[:1] == b"\0" else b""
    except zlib.error:
        return b""


def _plain_space(others: Mapping[bytes, bytes]) -> ColourSpace | None:
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
