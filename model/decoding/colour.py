"""Colour spaces by curve and primaries, and samples in them brought to sRGB."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from base.arrays import Light, Pixels, Samples
from base.errors import ImageError

LightCurve = Callable[[Light], Light]
"""From a sample in 0 to 1 to light."""

Primaries = tuple[float, float, float, float, float, float, float, float]
"""x and y of white, red, green and blue."""

SRGB: Primaries = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)

_D50_SRGB = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
"""The columns of sRGB in the white of ICC profiles."""

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

USUAL_GAMMA = 2.2

NEAR = 0.05
"""The share by which a gamma may miss the usual one."""

ROWS = 256
"""Converted at a time: floats take eight times the room of the samples."""

ALIKE = 0.005
"""Light by which a matrix may miss sRGB's without being worth a conversion: the digits of a file are few."""


def srgb_curve(value: Light) -> Light:
    """Return the light of sRGB samples."""
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def power(exponent: float) -> LightCurve:
    """Return the curve of a gamma."""
    return lambda value: value**exponent


def gamma_curve(exponent: float) -> LightCurve:
    """Return the curve of the gamma that a file tells of: sRGB's where it tells of the usual one, as libpng has it."""
    return srgb_curve if abs(exponent / USUAL_GAMMA - 1) < NEAR else power(exponent)


def perceptual_quantizer(value: Light) -> Light:
    """Return the light of SMPTE ST 2084 samples; what is brighter than a sheet of paper, 203 cd/m2, is white."""
    root = value ** (1 / 78.84375)
    return np.minimum(
        1, 10_000 / 203 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    )


@dataclass(frozen=True)
class ColourSpace:
    """What samples mean: a curve for each channel, or one for all, and what red, green and blue are in sRGB's light."""

    curves: tuple[LightCurve, ...] = (srgb_curve,)
    matrix: Light | None = None


CURVES: Mapping[int, LightCurve] = {
    # What ITU-R BT.709 and its kin call for is a camera's curve; screens, and browsers with them, show it like sRGB.
    **dict.fromkeys((1, 2, 6, 13, 14, 15), srgb_curve),
    4: power(2.2),
    5: power(2.8),
    8: power(1.0),
    16: perceptual_quantizer,
}
"""By the code points of ITU-T H.273, which PNG's cICP and AVIF's nclx use."""

PRIMARIES: Mapping[int, Primaries] = {
    1: SRGB,
    2: SRGB,
    5: (0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (0.3127, 0.3290, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
"""Likewise."""


def space_of_codes(primaries: int, transfer: int) -> ColourSpace | None:
    """Return the space of two code points of ITU-T H.273; None where it is sRGB.

    Raises:
        ImageError: they are not known here, as hybrid log-gamma is not.
    """
    if primaries not in PRIMARIES or transfer not in CURVES:
        raise ImageError(f"has colours that are not understood (H.273 primaries {primaries}, transfer {transfer})")
    return space_of(CURVES[transfer], PRIMARIES[primaries])


def space_of(curve: LightCurve, primaries: Primaries = SRGB) -> ColourSpace | None:
    """Return the space of a curve and of primaries; None where it is sRGB."""
    matrix = np.linalg.inv(_columns(SRGB)) @ _columns(primaries)
    if np.abs(matrix - np.eye(3)).max() >= ALIKE:
        return ColourSpace((curve,), matrix)
    return None if curve is srgb_curve else ColourSpace((curve,))


def _columns(primaries: Primaries) -> Light:
    """Return red, green and blue as columns of XYZ, their white brought to that of sRGB."""
    white, *rest = (np.array([x / y, 1, (1 - x - y) / y]) for x, y in zip(primaries[::2], primaries[1::2], strict=True))
    columns = np.stack(rest, axis=1)
    columns = columns * np.linalg.solve(columns, white)
    target = np.array([SRGB[0] / SRGB[1], 1, (1 - SRGB[0] - SRGB[1]) / SRGB[1]])
    ratio = (_BRADFORD @ target) / (_BRADFORD @ white)
    adapted: Light = np.linalg.solve(_BRADFORD, np.diag(ratio) @ _BRADFORD) @ columns
    return adapted


def space_of_gammas(exponents: tuple[float, float, float], primaries: Primaries) -> ColourSpace | None:
    """Return the space of a gamma for each channel; None where it is sRGB."""
    space = space_of(srgb_curve, primaries)
    curves = tuple(map(gamma_curve, exponents))
    if space is None and all(curve is srgb_curve for curve in curves):
        return None
    return ColourSpace(curves, None if space is None else space.matrix)


def space_of_columns(curves: tuple[LightCurve, ...], columns: Light | None) -> ColourSpace:
    """Return the space of an ICC profile: its curves and its red, green and blue as columns of XYZ in D50."""
    return ColourSpace(curves, None if columns is None else np.linalg.solve(_D50_SRGB, columns))


def to_bytes(samples: Samples) -> Pixels:
    """Return samples with 8 bits each."""
    if samples.dtype == np.uint8:
        return samples.astype(np.uint8, copy=False)
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)  # 65535 / 257 is 255


def as_image(part: Image.Image | Samples) -> Image.Image:
    """Return grey or RGB as Pillow has it, 8 bits a sample: a picture as it is, an array (height, width, ...) else.

    Of four channels the last is of no use; Pillow's own form of RGB is like that.
    """
    if isinstance(part, Image.Image):
        return part
    levels = to_bytes(part)
    if levels.shape[2:] != (4,):
        return Image.fromarray(levels)
    size = levels.shape[1], levels.shape[0]
    return Image.frombytes("RGB", size, np.ascontiguousarray(levels), "raw", "RGBX")


def to_srgb(samples: Samples, space: ColourSpace) -> Pixels:
    """Return samples of a space as RGB pixels of sRGB; what lies outside it is clipped."""
    most = np.iinfo(samples.dtype).max
    steps = np.arange(most + 1) / most
    tables = [np.asarray(curve(steps), np.float32) for curve in space.curves]
    out = np.empty((*samples.shape[:2], 3), np.uint8)
    for start in range(0, len(samples), ROWS):
        part = samples[start : start + ROWS]
        if part.ndim == 2:
            light = np.repeat(tables[0][part][:, :, None], 3, axis=2)
        else:
            light = np.stack([tables[min(c, len(tables) - 1)][part[:, :, c]] for c in range(3)], axis=2)
            if space.matrix is not None:
                light = light @ space.matrix.T.astype(np.float32)
        out[start : start + ROWS] = _SRGB_LEVELS[np.rint(np.clip(light, 0, 1) * 65535).astype(np.uint16)]
    return out


def lab_to_srgb(lab: Pixels) -> Pixels:
    """Return CIE L*a*b* of D50 as pixels of sRGB; lightness goes up to 255, a and b are signed."""
    out = np.empty_like(lab)
    for start in range(0, len(lab), ROWS):
        part = lab[start : start + ROWS]
        signed = part.view(np.int8)
        middle = (part[:, :, 0] / 2.55 + 16) / 116
        roots = np.stack([middle + signed[:, :, 1] / 500, middle, middle - signed[:, :, 2] / 200], axis=2)
        ratios = np.where(roots > 6 / 29, roots**3, (roots - 4 / 29) * 3 * (6 / 29) ** 2)
        light = ratios @ (np.linalg.inv(_D50_SRGB) * _D50_SRGB.sum(axis=1)).T
        out[start : start + ROWS] = _SRGB_LEVELS[np.rint(np.clip(light, 0, 1) * 65535).astype(np.uint16)]
    return out


def _srgb_levels() -> Pixels:
    light = np.arange(65536) / 65535
    levels: Pixels = np.rint(
        255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    ).astype(np.uint8)
    return levels


_SRGB_LEVELS = _srgb_levels()
