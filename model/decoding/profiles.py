"""ICC profiles: pictures in the colours of a profile brought to sRGB."""

import functools
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from base.arrays import Light
from base.errors import ImageError
from model.decoding.colour import ColourSpace, LightCurve, as_image, lab_to_srgb, power, space_of_columns, to_srgb
from model.decoding.few_colours import Convert, convert_each_once

MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""Pillow's mode of each kind of profile that a picture can have."""

UNSEEN = 2
"""Levels by which a profile may move colours and still be taken for sRGB: its makers round differently."""

COARSE = 4
"""Levels to which a profile may spread the darkest two of 256; more, and 8 bits are too few for it."""

BROKEN = "broken colour profile ignored"


@dataclass(frozen=True)
class Profiled:
    """What makes a part of a picture RGB in sRGB, and what is to be said of its profile."""

    convert: Callable[[Any], Image.Image]
    note: str | None = None


def convert_images(mode: str, profile: bytes, *, was_deep: bool = False) -> Profiled:
    """Return what brings a mode (RGB, L, CMYK or LAB) to sRGB; a profile that does not fit is left out, with a note.

    LAB is what it is whatever a profile says.

    Raises:
        ImageError: it `was_deep`, of 16 bits, and the profile needs them.
    """
    if mode == "LAB":
        return Profiled(plain_rgb)
    kind, convert, spread = _conversion(profile)
    wanted = MODES.get(kind)
    if wanted is None:
        return Profiled(plain_rgb, BROKEN if not kind else f"colour profile for {kind.strip()} ignored")
    from_grey = wanted == "RGB" and mode == "L"  # a grey JPEG often has the profile of its camera
    if wanted != mode and not from_grey:
        return Profiled(plain_rgb, f"colour profile for {kind.strip()} ignored: the pixels are {mode}")
    if was_deep and spread > COARSE:
        raise ImageError(
            "has 16 bits and a nearly linear colour profile, and would lose its dark tones; save it as PNG"
        )
    if from_grey:
        return Profiled(lambda part: convert(as_image(part).convert("RGB")))
    if wanted == "L" and convert is not plain_rgb and (space := _space(profile, grey=True)) is not None:
        # LittleCMS's table for 8-bit grey is too coarse for the dark end of a steep curve: 9 levels off were seen
        return Profiled(lambda part: Image.fromarray(to_srgb(np.asarray(part), space)))
    return Profiled(convert)


def plain_rgb(part: Any) -> Image.Image:  # noqa: ANN401  see `as_image`
    """Return a picture without a profile as RGB."""
    image = as_image(part)
    if image.mode == "LAB":  # LittleCMS's table for 8 bits is up to 18 levels off at the edge of sRGB
        return Image.fromarray(lab_to_srgb(np.asarray(image)))
    return image if image.mode == "RGB" else image.convert("RGB")


@functools.lru_cache(maxsize=64)
def _conversion(profile: bytes) -> tuple[str, Convert, int]:
    """Return the kind of a profile, what converts from it and how far its darkest step goes; no kind if broken."""
    try:
        parsed = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        kind = str(parsed.profile.xcolor_space)
        mode = MODES.get(kind)
        if mode is None:
            return kind, plain_rgb, 0
        apply = _apply(parsed, mode)
        convert: Convert = partial(convert_each_once, convert=apply) if mode == "RGB" else apply
        probe = _probe(mode)
        shown = np.asarray(convert(probe)).astype(int)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return "", plain_rgb, 0
    if mode in ("RGB", "L") and np.abs(shown - np.asarray(probe.convert("RGB"))).max() <= UNSEEN:
        return kind, plain_rgb, 0
    return kind, convert, int(shown[0, 1].max() - shown[0, 0].max()) if mode in ("RGB", "L") else 0


def _apply(profile: ImageCms.ImageCmsProfile, mode: str) -> Convert:
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
    assert isinstance(transform, ImageCms.ImageCmsTransform)

    def convert(part: Any) -> Image.Image:  # noqa: ANN401  see `as_image`
        image = as_image(part)
        converted = Image.new("RGB", image.size)
        # Pillow's own call writes sRGB's profile out for each picture, which takes longer than converting a small one.
        transform.transform.apply(image.getim(), converted.getim())
        return converted

    return convert


def _probe(mode: str) -> Image.Image:
    """Return colours that tell a profile; the first two are the darkest."""
    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    if mode != "RGB":
        return Image.new(mode, (2, 1))
    steps = np.linspace(0, 255, 6).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    return Image.fromarray(np.concatenate([np.array([[0, 0, 0], [1, 1, 1]], np.uint8), grid])[None])


def convert_samples(profile: bytes, *, grey: bool, deep: bool) -> Profiled:
    """Return what brings samples to sRGB, those of 16 bits without loss where the profile is a matrix and curves."""
    if deep and (space := _space(profile, grey=grey)) is not None and _conversion(profile)[2]:
        return Profiled(lambda part: Image.fromarray(to_srgb(part, space)))
    return convert_images("L" if grey else "RGB", profile)


def _space(profile: bytes, *, grey: bool) -> ColourSpace | None:
    """Return the space of a profile that is a matrix and curves; None where it is something else.

    Source: ICC.1:2022, sections 7, 10.6 and 10.18.
    """
    try:
        kind = profile[16:20]
        tags = {name: profile[start : start + size] for name, start, size in _tag_table(profile)}
        if b"A2B0" in tags or kind != (b"GRAY" if grey else b"RGB "):
            return None
        if grey:
            return space_of_columns((_curve(tags[b"kTRC"]),), None)
        columns = np.array([struct.unpack(">3i", tags[name][8:20]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]).T / 65536
        return space_of_columns(tuple(_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")), columns)
    except (struct.error, KeyError, ValueError, IndexError):
        return None


def _tag_table(profile: bytes) -> list[tuple[bytes, int, int]]:
    (count,) = struct.unpack_from(">I", profile, 128)
    return [struct.unpack_from(">4sII", profile, 132 + 12 * row) for row in range(min(count, 100))]


def _curve(tag: bytes) -> LightCurve:
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        points = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
        if count < 2:
            return power(float(points[0]) / 256 if count else 1.0)
        return lambda value: np.interp(value, np.linspace(0, 1, len(points)), points / 65535)
    if tag[:4] != b"para":
        raise ValueError("neither a table nor a formula")
    (form,) = struct.unpack_from(">H", tag, 8)
    length = (1, 3, 4, 5, 7)[form]
    numbers = [each / 65536 for each in struct.unpack_from(f">{length}i", tag, 12)]
    return functools.partial(_formula, form, numbers)


def _formula(form: int, numbers: list[float], value: Light) -> Light:
    """Return the light of samples by ICC's parametric curve of a form."""
    g, a, b, c, d, e, f = (*numbers, *[0.0] * (7 - len(numbers)))
    if form == 0:
        return value**g
    bent = np.maximum(a * value + b, 0) ** g
    if form in (1, 2):
        return np.where(value >= -b / a, bent + c, c)
    return np.where(value >= d, bent + e, c * value + f)
