"""A picture is the same picture in every encoding: as its plain RGB PNG, or refused with the reason."""

import contextlib
import io
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from base.errors import ImageError
from model.classifying.classifier import load_classifier
from model.reading.images import decode_bytes, decode_opened
from tests.crops import LABELS, draw_crop
from tests.encodings import (
    Samples,
    encode_bmp,
    encode_png,
    encode_profile,
    encode_tiff,
    save,
    save_tiff,
    to_depth,
)

Pixels = npt.NDArray[np.uint8]

Light = npt.NDArray[np.float64]

SRGB_COLUMNS = ((0.4360747, 0.2225045, 0.0139322), (0.3850649, 0.7168786, 0.0971045), (0.1430804, 0.0606169, 0.7141733))
P3_COLUMNS = ((0.515102, 0.241182, -0.001049), (0.291965, 0.692236, 0.041882), (0.157153, 0.066582, 0.784378))
"""Red, green and blue in XYZ of D50, as in Apple's Display P3."""

TO_SRGB = np.linalg.inv(np.array(SRGB_COLUMNS).T) @ np.array(P3_COLUMNS).T


def draw(seed: int) -> Pixels:
    """Draw a small smooth picture with marks like text."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(9, 28), rng.integers(9, 40)
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    low, high, slope = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3), rng.uniform(0, 1)
    share = (slope * across + (1 - slope) * down)[:, :, None]
    pixels = low * (1 - share) + high * share
    for _ in range(4):
        top, left = rng.integers(0, height - 3), rng.integers(0, width - 2)
        pixels[top : top + rng.integers(2, 8), left : left + 2] = rng.uniform(0, 255, 3)
    return np.round(pixels).astype(np.uint8)


def grey(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def as_grey(pixels: Pixels) -> Pixels:
    return np.repeat(grey(pixels)[:, :, None], 3, axis=2)


def same(pixels: Pixels) -> Pixels:
    return pixels


def rounded_to(depth: int, show: Callable[[Pixels], Pixels] = as_grey) -> Callable[[Pixels], Pixels]:
    return lambda pixels: np.round(to_depth(show(pixels), depth) * (255 / (2**depth - 1))).astype(np.uint8)


@dataclass(frozen=True)
class Encoding:
    """How a picture is written, what it then shows, and within how many levels of it, at most and on the mean."""

    write: Callable[[Pixels], bytes]
    shows: Callable[[Pixels], Pixels] = same
    within: float = 0
    mean: float = 1.5


def to_light(levels: Light) -> Light:
    share = levels / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def to_levels(light: Light) -> Pixels:
    light = light.clip(0, 1)
    share = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * share).astype(np.uint8)


@dataclass(frozen=True)
class Space:
    """A colour space: a matrix to sRGB's light, and the exponent from samples to light."""

    gamma: float
    matrix: Light

    def samples(self, pixels: Pixels, depth: int = 8) -> Samples:
        light = to_light(pixels.astype(float))
        if light.ndim == 3:
            light = light @ np.linalg.inv(self.matrix).T
        share = light.clip(0, 1) ** (1 / self.gamma)
        return np.round(share * (2**depth - 1)).astype(np.uint32)

    def shows(self, pixels: Pixels, depth: int = 8) -> Pixels:
        light = (self.samples(pixels, depth) / (2**depth - 1)) ** self.gamma
        return to_levels(light @ self.matrix.T if light.ndim == 3 else np.repeat(light[:, :, None], 3, axis=2))


P3_LINEAR, P3, SRGB_LINEAR = Space(1.0, TO_SRGB), Space(2.2, TO_SRGB), Space(1.0, np.eye(3))
P3_PROFILE, P3_LINEAR_PROFILE = encode_profile(P3_COLUMNS, 2.2), encode_profile(P3_COLUMNS, 1.0)
GREY_PROFILE = encode_profile(None, 1.0)
SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def iccp(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"x\0\0" + zlib.compress(profile)


def gama(exponent: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(100_000 / exponent))


P3_CHRM = (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
SRGB_CHRM = (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
SRGB_CHUNK = (b"sRGB", b"\0")


def with_alpha(pixels: Pixels, level: int = 255) -> Pixels:
    return np.dstack([pixels, np.full(pixels.shape[:2], level, np.uint8)])


def keyed_grey(depth: int, *, interlaced: bool = False) -> Encoding:
    """A grey picture with one value transparent: white or what else it is laid over shows there."""

    def write(pixels: Pixels) -> bytes:
        samples = mark_corner(to_depth(grey(pixels), depth))
        key = struct.pack(">H", int(samples[0, 0]))
        return encode_png(samples, "grey", depth=depth, chunks=[(b"tRNS", key)], interlaced=interlaced)

    def shows(pixels: Pixels) -> Pixels:
        samples = mark_corner(to_depth(grey(pixels), depth))
        levels = np.round(samples * (255 / (2**depth - 1)))
        return np.repeat(np.where(samples == samples[0, 0], 255, levels)[:, :, None], 3, axis=2).astype(np.uint8)

    return Encoding(write, shows, 1)


def mark_corner(samples: Samples) -> Samples:
    """Make one value that of the first pixel alone, so that nearly all stays opaque."""
    key = samples[0, 0]
    marked = np.where(samples == key, key - 1 if key else key + 1, samples)
    marked[0, 0] = key
    return marked


def palette_of(pixels: Pixels, colours: int) -> tuple[Pixels, Pixels]:
    reduced = Image.fromarray(pixels).quantize(colours, dither=Image.Dither.NONE)
    table = np.array(reduced.getpalette(), np.uint8).reshape(-1, 3)
    return np.asarray(reduced), table[: int(np.asarray(reduced).max()) + 1]


def through_palette(colours: int) -> Callable[[Pixels], Pixels]:
    def shows(pixels: Pixels) -> Pixels:
        indices, table = palette_of(pixels, colours)
        return table[indices]

    return shows


def png_palette(depth: int, *, opacity: bytes = b"", interlaced: bool = False) -> Encoding:
    def write(pixels: Pixels) -> bytes:
        indices, table = palette_of(pixels, 2**depth)
        chunks = [(b"PLTE", table.tobytes()), *([(b"tRNS", opacity)] if opacity else [])]
        return encode_png(indices, "palette", depth=depth, chunks=chunks, interlaced=interlaced)

    return Encoding(write, through_palette(2**depth))


def in_png(space: Space, *chunks: tuple[bytes, bytes], depth: int = 8, within: float = 1) -> Encoding:
    return Encoding(
        lambda pixels: encode_png(space.samples(pixels, depth), "rgb", depth=depth, chunks=chunks),
        lambda pixels: space.shows(pixels, depth),
        within,
    )


def grey_in_png(space: Space, *chunks: tuple[bytes, bytes], depth: int = 8) -> Encoding:
    return Encoding(
        lambda pixels: encode_png(space.samples(grey(pixels), depth), "grey", depth=depth, chunks=chunks),
        lambda pixels: space.shows(grey(pixels), depth),
        1,
    )


def plain(*chunks: tuple[bytes, bytes], last: tuple[tuple[bytes, bytes], ...] = ()) -> Encoding:
    return Encoding(lambda pixels: encode_png(pixels, "rgb", chunks=chunks, last=last))


PNG_KINDS: dict[str, Encoding] = {
    "plain": plain(),
    "interlaced": Encoding(lambda p: encode_png(p, "rgb", interlaced=True)),
    "rgba": Encoding(lambda p: encode_png(with_alpha(p), "rgb alpha")),
    "rgba interlaced": Encoding(lambda p: encode_png(with_alpha(p), "rgb alpha", interlaced=True)),
    "rgb 16": Encoding(lambda p: encode_png(to_depth(p, 16), "rgb", depth=16), within=1),
    "rgba 16": Encoding(lambda p: encode_png(to_depth(with_alpha(p), 16), "rgb alpha", depth=16), within=1),
    "grey alpha 8": Encoding(lambda p: encode_png(with_alpha(grey(p)), "grey alpha"), as_grey),
    "grey alpha 16": Encoding(
        lambda p: encode_png(to_depth(with_alpha(grey(p)), 16), "grey alpha", depth=16), as_grey, 1
    ),
    "grey alpha 16 interlaced": Encoding(
        lambda p: encode_png(to_depth(with_alpha(grey(p)), 16), "grey alpha", depth=16, interlaced=True), as_grey, 1
    ),
    **{
        f"grey {depth}{' interlaced' * interlaced}": Encoding(
            lambda p, d=depth, i=interlaced: encode_png(to_depth(grey(p), d), "grey", depth=d, interlaced=i),
            rounded_to(depth),
            1,
        )
        for depth in (1, 2, 4, 8, 16)
        for interlaced in (False, True)
    },
    **{f"palette {depth}": png_palette(depth) for depth in (1, 2, 4, 8)},
    "palette interlaced": png_palette(4, interlaced=True),
    "palette with opacity": png_palette(4, opacity=b"\xff\xff"),
    **{f"grey key {depth}": keyed_grey(depth) for depth in (4, 8, 16)},
    "grey key interlaced": keyed_grey(8, interlaced=True),
    "sRGB profile": plain(iccp(SRGB_PROFILE)),
    "broken profile": plain((b"iCCP", b"x\0\0nonsense")),
    "profile of nonsense": plain(iccp(b"nonsense" * 40)),
    "sRGB over gamma": plain(SRGB_CHUNK, gama(1.0), P3_CHRM),
    "usual gamma": plain((b"gAMA", struct.pack(">I", 45455)), SRGB_CHRM),
    "cICP of sRGB over all": plain((b"cICP", bytes([1, 13, 0, 1])), iccp(P3_LINEAR_PROFILE), SRGB_CHUNK, gama(1.0)),
    "P3 profile": in_png(P3, iccp(P3_PROFILE), within=2),
    "P3 profile over sRGB": in_png(P3, iccp(P3_PROFILE), SRGB_CHUNK, gama(1.0), within=2),
    "linear P3 profile": in_png(P3_LINEAR, iccp(P3_LINEAR_PROFILE), within=3),
    "linear P3 profile 16": in_png(P3_LINEAR, iccp(P3_LINEAR_PROFILE), depth=16, within=1),
    "cICP of linear P3": in_png(P3_LINEAR, (b"cICP", bytes([12, 8, 0, 1]))),
    "linear gamma": in_png(SRGB_LINEAR, gama(1.0)),
    "linear gamma 16": in_png(SRGB_LINEAR, gama(1.0), depth=16),
    "gamma 1.8": in_png(Space(1.8, np.eye(3)), gama(1.8)),
    "linear gamma of P3": in_png(P3_LINEAR, gama(1.0), P3_CHRM),
    "linear grey gamma": grey_in_png(SRGB_LINEAR, gama(1.0)),
    "linear grey gamma 16": grey_in_png(SRGB_LINEAR, gama(1.0), depth=16),
    "linear grey profile": grey_in_png(SRGB_LINEAR, iccp(GREY_PROFILE)),
    "linear grey profile 16": grey_in_png(SRGB_LINEAR, iccp(GREY_PROFILE), depth=16),
}


def bgr(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[:, :, ::-1])


def bgra(pixels: Pixels, alpha: int) -> Pixels:
    return with_alpha(bgr(pixels), alpha)


def packed(bits: tuple[int, int, int]) -> Callable[[Pixels], Samples]:
    """Return what puts red, green and blue of so many bits into one number."""

    def pack(pixels: Pixels) -> Samples:
        red, green, blue = (to_depth(pixels[:, :, c], bits[c]) for c in range(3))
        return red << (bits[1] + bits[2]) | green << bits[2] | blue

    return pack


def in_bits(*bits: int) -> Callable[[Pixels], Pixels]:
    return lambda p: np.dstack([rounded_to(bits[c], same)(p[:, :, c]) for c in range(3)])


def bmp_palette(bits: int, colours: int | None = None, **options: Any) -> Encoding:
    count = colours or 2**bits

    def write(pixels: Pixels) -> bytes:
        indices, table = palette_of(pixels, count)
        return encode_bmp(indices, bits=bits, palette=table, **options)

    return Encoding(write, through_palette(count))


def black_and_white(pixels: Pixels) -> Pixels:
    return np.where(as_grey(pixels) < 128, 0, 255).astype(np.uint8)


def calibrated(pixels: Pixels) -> bytes:
    """Write a V4 header's end points of sRGB with a gamma of 1."""
    columns = np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    points = [round(value * (1 << 30)) for value in columns.ravel()]
    colours = struct.pack("<I9i3I", 0, *points, *[65536] * 3)
    return encode_bmp(bgr(SRGB_LINEAR.samples(pixels).astype(np.uint8)), header="v4", colours=colours)


def with_bmp_profile(pixels: Pixels) -> bytes:
    colours = struct.pack("<I", 0x4D424544) + bytes(48)
    samples = P3.samples(pixels).astype(np.uint8)
    return encode_bmp(bgr(samples), header="v5", colours=colours, profile=P3_PROFILE)


BMP_KINDS: dict[str, Encoding] = {
    **{
        f"24 {header}": Encoding(lambda p, h=header: encode_bmp(bgr(p), header=h))
        for header in ("core", "info", "v4", "v5")
    },
    "24 top down": Encoding(lambda p: encode_bmp(bgr(p), upside_down=False)),
    **{
        f"32 {header} alpha {alpha}": Encoding(
            lambda p, h=header, a=alpha: encode_bmp(bgra(p, a).view("<u4")[:, :, 0], header=h, bits=32, masks="8888")
        )
        for header in ("v3", "v4", "v5")
        for alpha in (0, 255)
    },
    "32 info": Encoding(lambda p: encode_bmp(bgra(p, 0), bits=32)),
    "16 555": Encoding(lambda p: encode_bmp(packed((5, 5, 5))(p), bits=16, masks="555"), in_bits(5, 5, 5), 1),
    "16 565": Encoding(lambda p: encode_bmp(packed((5, 6, 5))(p), bits=16, masks="565"), in_bits(5, 6, 5), 1),
    "16 565 v4": Encoding(
        lambda p: encode_bmp(packed((5, 6, 5))(p), header="v4", bits=16, masks="565"), in_bits(5, 6, 5), 1
    ),
    **{f"palette {bits}": bmp_palette(bits) for bits in (1, 2, 4, 8)},
    "palette of a core header": bmp_palette(8, header="core"),
    "two colours in 8 bits": Encoding(
        lambda p: encode_bmp(
            (grey(p) >= 128).astype(np.uint8), bits=8, palette=np.array([[0] * 3, [255] * 3], np.uint8)
        ),
        black_and_white,
    ),
    "calibrated": Encoding(calibrated, SRGB_LINEAR.shows, 1),
    "profile": Encoding(with_bmp_profile, P3.shows, 2),
    "run lengths": Encoding(lambda p: _run_lengths(*palette_of(p, 16)), through_palette(16)),
}


def _run_lengths(indices: Pixels, table: Pixels) -> bytes:
    """Write a BMP in which each pixel is a run of one."""
    rows = b"".join(b"".join(bytes([1, index]) for index in row) + b"\0\0" for row in indices[::-1]) + b"\0\1"
    height, width = indices.shape
    palette = np.pad(table[:, ::-1], ((0, 0), (0, 1))).tobytes()
    start = 54 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(rows), 0, 0, len(table), 0)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + info + palette + rows


def tiff_grey(depth: int, photometric: int, order: str) -> Encoding:
    def write(pixels: Pixels) -> bytes:
        samples = to_depth(grey(pixels), depth)
        return encode_tiff(
            samples if photometric else 2**depth - 1 - samples, photometric=photometric, depth=depth, order=order
        )

    return Encoding(write, rounded_to(depth), 1)


def tiff_palette(depth: int, most: int) -> Encoding:
    def write(pixels: Pixels) -> bytes:
        indices, table = palette_of(pixels, 2**depth)
        full = np.zeros((2**depth, 3), np.uint32)
        full[: len(table)] = table.astype(np.uint32) * most // 255
        return encode_tiff(indices, photometric=3, depth=depth, tags=[(320, "H", full.T.ravel().tolist())])

    return Encoding(write, through_palette(2**depth))


def oriented(pixels: Pixels, orientation: int) -> Pixels:
    """Return a picture as it has to lie for an orientation to set it upright."""
    turns: dict[int, Callable[[Pixels], Pixels]] = {
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: np.rot90,
        7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
        8: lambda p: np.rot90(p, -1),
    }
    return np.ascontiguousarray(turns[orientation](pixels))


WHITE_D50 = np.array([0.9642, 1.0, 0.8249])


def cie_lab(pixels: Pixels) -> Light:
    """Return CIE L*a*b* as TIFF's 8 bits have it: lightness up to 255, a and b signed."""
    ratio = to_light(pixels.astype(float)) @ np.array(SRGB_COLUMNS) / WHITE_D50
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    lightness = 116 * root[:, :, 1] - 16
    colours = [500 * (root[:, :, 0] - root[:, :, 1]), 200 * (root[:, :, 1] - root[:, :, 2])]
    return np.round(np.dstack([lightness * 2.55, *colours])).clip(-128, 255)


def through_lab(pixels: Pixels) -> Pixels:
    lab = cie_lab(pixels)
    middle = (lab[:, :, 0] / 2.55 + 16) / 116
    root = np.dstack([middle + lab[:, :, 1] / 500, middle, middle - lab[:, :, 2] / 200])
    ratio = np.where(root > 6 / 29, root**3, (root - 4 / 29) * 3 * (6 / 29) ** 2)
    return to_levels(ratio * WHITE_D50 @ np.linalg.inv(np.array(SRGB_COLUMNS)))


def tiff(write: Callable[[Pixels], bytes], show: Callable[[Pixels], Pixels] = same, within: float = 0) -> Encoding:
    return Encoding(write, show, within)


def cmyk(pixels: Pixels) -> Pixels:
    return np.dstack([255 - pixels, np.zeros(pixels.shape[:2], np.uint8)])


TIFF_KINDS: dict[str, Encoding] = {
    **{
        f"grey {depth}{order} {'white is 0' if not photometric else ''}": tiff_grey(depth, photometric, order)
        for depth in (1, 2, 4, 8, 16)
        for photometric in (0, 1)
        for order in "<>"
        if (depth, photometric, order) != (16, 0, ">")  # Pillow does not open it
    },
    "grey 12": tiff_grey(12, 1, "<"),
    **{
        f"float {order} {'white is 0' if not photometric else ''}": tiff(
            lambda p, o=order, ph=photometric: encode_tiff(
                abs((1 - ph) - grey(p) / 255), photometric=ph, depth=32, kind=3, order=o
            ),
            as_grey,
            1,
        )
        for order in "<>"
        for photometric in (0, 1)
    },
    "unsigned 32": tiff(
        lambda p: encode_tiff(to_depth(np.maximum(grey(p), 1), 32), photometric=1, depth=32), as_grey, 1
    ),
    **{
        f"rgb {d}{o}": tiff(lambda p, d=d, o=o: encode_tiff(to_depth(p, d), photometric=2, depth=d, order=o), within=1)
        for d in (8, 16)
        for o in "<>"
    },
    **{f"palette {depth}": tiff_palette(depth, 65535) for depth in (1, 2, 4, 8)},
    "palette of bytes": tiff_palette(4, 255),
    "with a fourth sample": tiff(
        lambda p: encode_tiff(with_alpha(p, 0), photometric=2, depth=8, tags=[(338, "H", [0])])
    ),
    "with alpha": tiff(lambda p: encode_tiff(with_alpha(p), photometric=2, depth=8, tags=[(338, "H", [2])])),
    "with mixed-in alpha": tiff(lambda p: encode_tiff(with_alpha(p), photometric=2, depth=8, tags=[(338, "H", [1])])),
    "grey with alpha": tiff(
        lambda p: encode_tiff(with_alpha(grey(p)), photometric=1, depth=8, tags=[(338, "H", [2])]), as_grey
    ),
    "planar": tiff(lambda p: save_tiff(np.moveaxis(p, 2, 0), photometric="rgb", planarconfig="separate")),
    "planar 16 packed": tiff(
        lambda p: save_tiff(
            np.moveaxis(to_depth(p, 16).astype(np.uint16), 2, 0),
            photometric="rgb",
            planarconfig="separate",
            compression="zlib",
        ),
        within=1,
    ),
    "planar packed": tiff(
        lambda p: save_tiff(np.moveaxis(p, 2, 0), photometric="rgb", planarconfig="separate", compression="zlib")
    ),
    "tiles": tiff(lambda p: save_tiff(p, photometric="rgb", tile=(16, 16))),
    "tiles of 16 bits": tiff(
        lambda p: save_tiff(to_depth(grey(p), 16).astype(np.uint16), photometric="minisblack", tile=(16, 16)),
        as_grey,
        1,
    ),
    "packed": tiff(lambda p: save_tiff(p, photometric="rgb", compression="zlib", byteorder=">")),
    "packed 16": tiff(
        lambda p: save_tiff(to_depth(p, 16).astype(np.uint16), photometric="rgb", compression="zlib", byteorder=">"),
        within=1,
    ),
    "packed grey 16": tiff(
        lambda p: save_tiff(to_depth(grey(p), 16).astype(np.uint16), compression="zlib", byteorder=">"), as_grey, 1
    ),
    "packed grey 16, white is 0": tiff(
        lambda p: save_tiff(
            65535 - to_depth(grey(p), 16).astype(np.uint16), photometric="miniswhite", compression="zlib"
        ),
        as_grey,
        1,
    ),
    "big": tiff(lambda p: save_tiff(p, photometric="rgb", bigtiff=True)),
    "several pages": tiff(lambda p: save_tiff(p, 255 - p, photometric="rgb")),
    **{
        f"oriented {turn}": tiff(
            lambda p, t=turn: encode_tiff(oriented(p, t), photometric=2, depth=8, tags=[(274, "H", [t])])
        )
        for turn in range(2, 9)
    },
    "oriented and packed": tiff(
        lambda p: save_tiff(oriented(p, 6), photometric="rgb", compression="zlib", extratags=[(274, 3, 1, 6, True)])
    ),
    "CMYK": tiff(lambda p: encode_tiff(cmyk(p), photometric=5, depth=8)),
    "CMYK 16": tiff(lambda p: encode_tiff(to_depth(cmyk(p), 16), photometric=5, depth=16), within=1),
    "LAB": tiff(lambda p: encode_tiff(cie_lab(p).astype(np.int16) % 256, photometric=8, depth=8), through_lab, 3),
    "YCbCr packed": tiff(lambda p: save(Image.fromarray(p), "TIFF", compression="jpeg", quality=100), within=16),
    "lzw": tiff(lambda p: save(Image.fromarray(p), "TIFF", compression="tiff_lzw")),
    "packbits": tiff(lambda p: save(Image.fromarray(p), "TIFF", compression="packbits")),
    "fax": tiff(
        lambda p: save(Image.fromarray(black_and_white(p)).convert("1"), "TIFF", compression="group4"), black_and_white
    ),
    "profile": tiff(
        lambda p: save_tiff(P3.samples(p).astype(np.uint8), photometric="rgb", iccprofile=P3_PROFILE), P3.shows, 2
    ),
    "profile 16": tiff(
        lambda p: save_tiff(P3.samples(p, 16).astype(np.uint16), photometric="rgb", iccprofile=P3_PROFILE),
        lambda p: P3.shows(p, 16),
        12,  # 8 of the 16 bits are used
    ),
}


def with_pillow(
    format_: str, within: float = 0, show: Callable[[Pixels], Pixels] = same, mode: str = "RGB", **options: Any
) -> Encoding:
    return Encoding(lambda p: save(Image.fromarray(p).convert(mode), format_, **options), show, within)


def moving(format_: str, **options: Any) -> Encoding:
    return Encoding(
        lambda p: save(Image.fromarray(p), format_, save_all=True, append_images=[Image.fromarray(255 - p)], **options)
    )


def exif(turn: int) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = turn
    return found


OTHER_KINDS: dict[str, Encoding] = {
    "PPM": with_pillow("PPM"),
    "PGM": with_pillow("PPM", show=as_grey, mode="L"),
    "deep PGM": Encoding(
        lambda p: b"P5 %d %d 65535\n" % p.shape[1::-1] + to_depth(grey(p) // 2, 16).astype(">u2").tobytes(),
        lambda p: as_grey(p) // 2,
        1,
    ),
    "dark deep PGM": Encoding(
        lambda p: b"P5 %d %d 65535\n" % p.shape[1::-1] + (grey(p) // 2).astype(">u2").tobytes(), lambda p: p * 0
    ),
    "deep PPM": Encoding(
        lambda p: b"P6 %d %d 65535\n" % p.shape[1::-1] + to_depth(p, 16).astype(">u2").tobytes(), within=1
    ),
    "TGA": with_pillow("TGA"),
    "packed TGA": with_pillow("TGA", compression="tga_rle"),
    "TGA with no alpha": Encoding(lambda p: save(Image.fromarray(with_alpha(p, 0)), "TGA")),
    "PCX": with_pillow("PCX"),
    "SGI": with_pillow("SGI"),
    "QOI": with_pillow("QOI"),
    "icon": Encoding(lambda p: save(Image.fromarray(with_alpha(p)), "ICO", sizes=[p.shape[1::-1]])),
    "icon of a bitmap": Encoding(
        lambda p: save(Image.fromarray(with_alpha(p)), "ICO", sizes=[p.shape[1::-1]], bitmap_format="bmp")
    ),
    "GIF": Encoding(
        lambda p: save(Image.fromarray(p).quantize(64, dither=Image.Dither.NONE), "GIF"), through_palette(64)
    ),
    "WebP": with_pillow("WEBP", lossless=True),
    "WebP with alpha": Encoding(lambda p: save(Image.fromarray(with_alpha(p)), "WEBP", lossless=True)),
    "moving WebP": moving("WEBP", lossless=True),
    "moving PNG": moving("PNG"),
    "JPEG 2000": with_pillow("JPEG2000"),
    "grey JPEG 2000": with_pillow("JPEG2000", show=as_grey, mode="L"),
    "deep JPEG 2000": Encoding(
        lambda p: save(Image.fromarray(to_depth(grey(p), 16).astype(np.uint16)), "JPEG2000"), as_grey, 1
    ),
    "WebP in P3": Encoding(
        lambda p: save(Image.fromarray(P3.samples(p).astype(np.uint8)), "WEBP", lossless=True, icc_profile=P3_PROFILE),
        P3.shows,
        2,
    ),
    **{
        f"oriented PNG {turn}": Encoding(lambda p, t=turn: save(Image.fromarray(oriented(p, t)), "PNG", exif=exif(t)))
        for turn in range(2, 9)
    },
    "PNG oriented by a text": Encoding(
        lambda p: encode_png(
            oriented(p, 6),
            "rgb",
            chunks=[(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation='6'/>".replace(b"'", b'"'))],
        )
    ),
    "PNG oriented behind its pixels": Encoding(
        lambda p: encode_png(oriented(p, 6), "rgb", last=[(b"eXIf", exif(6).tobytes()[6:])])
    ),
    "oriented WebP": Encoding(lambda p: save(Image.fromarray(oriented(p, 6)), "WEBP", lossless=True, exif=exif(6))),
}

P3_GAMMA_2_2 = bytes([0, 12, 0, 4])
"""Primaries and transfer by their numbers in H.273."""


def avif_in_p3(pixels: Pixels) -> bytes:
    content = save(Image.fromarray(P3.samples(pixels).astype(np.uint8)), "AVIF", quality=100, subsampling="4:4:4")
    at = content.index(b"colrnclx") + 8
    return content[:at] + P3_GAMMA_2_2 + content[at + 4 :]


def jpeg_2000_in_p3(pixels: Pixels) -> bytes:
    """Put a profile in the place of the number that Pillow writes for sRGB."""
    content = save(Image.fromarray(P3.samples(pixels).astype(np.uint8)), "JPEG2000")
    header, colours = content.index(b"jp2h") - 4, content.index(b"colr") - 4
    end = colours + int.from_bytes(content[colours : colours + 4], "big")
    box = struct.pack(">I4sBBB", 11 + len(P3_PROFILE), b"colr", 2, 0, 0) + P3_PROFILE
    length = int.from_bytes(content[header : header + 4], "big") + len(box) - (end - colours)
    return content[:header] + struct.pack(">I", length) + content[header + 4 : colours] + box + content[end:]


def jpeg(within: float = 14, show: Callable[[Pixels], Pixels] = same, mode: str = "RGB", **options: Any) -> Encoding:
    return with_pillow(
        "JPEG", within, show, mode, quality=100, **({"subsampling": 0} if mode == "RGB" else {}), **options
    )


LOSSY_KINDS: dict[str, Encoding] = {
    "JPEG": jpeg(),
    "progressive JPEG": jpeg(progressive=True),
    "grey JPEG": jpeg(6, as_grey, "L"),
    "grey JPEG with a camera's profile": jpeg(6, as_grey, "L", icc_profile=SRGB_PROFILE),
    "CMYK JPEG": Encoding(
        lambda p: save(Image.fromarray(cmyk(p), "CMYK"), "JPEG", quality=100, subsampling=0), within=14
    ),
    "JPEG in P3": Encoding(
        lambda p: save(
            Image.fromarray(P3.samples(p).astype(np.uint8)), "JPEG", quality=100, subsampling=0, icc_profile=P3_PROFILE
        ),
        P3.shows,
        40,  # where a channel is near 0, one level in P3 is many in sRGB
        3,
    ),
    "oriented JPEG": Encoding(
        lambda p: save(Image.fromarray(oriented(p, 8)), "JPEG", quality=100, subsampling=0, exif=exif(8)), within=14
    ),
    "AVIF": with_pillow("AVIF", 8, quality=100, subsampling="4:4:4"),
    "AVIF in P3 by number": Encoding(avif_in_p3, P3.shows, 40, 6),
    "JPEG 2000 in P3": Encoding(jpeg_2000_in_p3, P3.shows, 2),
}

KINDS = {
    f"{format_}: {name}": encoding
    for format_, kinds in (
        ("PNG", PNG_KINDS),
        ("BMP", BMP_KINDS),
        ("TIFF", TIFF_KINDS),
        ("other", OTHER_KINDS),
        ("lossy", LOSSY_KINDS),
    )
    for name, encoding in kinds.items()
}

FEW = settings(max_examples=6, deadline=None)


@pytest.mark.parametrize("name", KINDS)
@FEW
@given(seed=st.integers(0, 10**6))
def test_a_picture_is_the_same_in_every_encoding(name: str, seed: int) -> None:
    pixels, encoding = draw(seed), KINDS[name]
    read = np.asarray(decode_bytes(encoding.write(pixels)).image).astype(int)
    expected = encoding.shows(pixels).astype(int)
    assert read.shape == expected.shape
    assert np.abs(read - expected).max() <= encoding.within
    assert np.abs(read - expected).mean() <= encoding.mean


EXACT = [name for name, encoding in KINDS.items() if encoding.shows is same and not name.startswith("lossy")]


@pytest.mark.parametrize("label", LABELS)
def test_the_prediction_is_the_same_in_every_encoding(label: str) -> None:
    pixels = np.asarray(draw_crop(label, 3))
    plain, *results = load_classifier()([encode_png(pixels, "rgb"), *(KINDS[name].write(pixels) for name in EXACT)])
    for name, result in zip(EXACT, results, strict=True):
        assert result.probabilities == pytest.approx(plain.probabilities, abs=0.02), name


def in_grey(kind: int, depth: int, photometric: int = 1) -> bytes:
    return encode_tiff(
        grey(draw(0)).astype(int) // 2 - 60 * (kind == 2), photometric=photometric, depth=depth, kind=kind
    )


def ycbcr(**tags: list[int]) -> bytes:
    codes = {"subsampling": 530, "reference": 532}
    return encode_tiff(
        draw(0), photometric=6, depth=8, tags=[(codes[name], "H", given) for name, given in tags.items()]
    )


REFUSED: dict[str, tuple[bytes, str]] = {
    **{f"signed {depth}": (in_grey(2, depth), "has signed samples") for depth in (8, 16, 32)},
    "signed, white is 0": (in_grey(2, 16, 0), "TIFF of grey \\(white is 0\\), 1 x 16 bits, signed"),
    "double": (in_grey(3, 64), "TIFF of grey, 1 x 64 bits, float"),
    "half": (in_grey(3, 16), "TIFF of grey, 1 x 16 bits, float"),
    "10 bits": (in_grey(1, 10), "TIFF of grey, 1 x 10 bits, unsigned"),
    "floats below 0": (
        encode_tiff(grey(draw(0)) / 255 - 0.5, photometric=1, depth=32, kind=3),
        "samples below 0",
    ),
    "no numbers": (
        encode_tiff(np.full((4, 4), np.nan), photometric=1, depth=32, kind=3),
        "samples below 0 or beyond all numbers",
    ),
    "RGB of floats": (encode_tiff(draw(0) / 255, photometric=2, depth=32, kind=3), "TIFF of RGB, 3 x 32 bits, float"),
    "ICC LAB": (encode_tiff(draw(0), photometric=9, depth=8), "TIFF of ICC LAB"),
    "planes of 16 bits": (
        save_tiff(np.zeros((3, 9, 9), np.uint16), photometric="rgb", planarconfig="separate"),
        "separate planes of more than 8 bits",
    ),
    "inks": (encode_tiff(cmyk(draw(0)), photometric=5, depth=8, tags=[(332, "H", [2])]), "inks that are not CMYK"),
    "subsampled": (ycbcr(), "has subsampled YCbCr"),
    "YCbCr of television": (
        ycbcr(subsampling=[1, 1], reference=[16, 235, 128, 240, 128, 240]),
        "black and a white of their own",
    ),
    "RGB TIFF of 12 bits": (
        encode_tiff(
            np.dstack([to_depth(grey(draw(0)), 12)] * 3), photometric=2, depth=16, tags=[(281, "H", [4095] * 3)]
        ),
        "has colours of 16 bits of which 4095 is white",
    ),
    "linear TIFF of 16 bits": (
        save_tiff(P3_LINEAR.samples(draw(0), 16).astype(np.uint16), photometric="rgb", iccprofile=P3_LINEAR_PROFILE),
        "has 16 bits and a nearly linear colour profile",
    ),
    "PNG of television": (
        encode_png(draw(0), "rgb", chunks=[(b"cICP", bytes([9, 18, 0, 1]))]),
        "H.273 primaries 9, transfer 18",
    ),
    "PNG of a narrow range": (encode_png(draw(0), "rgb", chunks=[(b"cICP", bytes([1, 13, 0, 0]))]), "narrow range"),
    "PNG of luma": (encode_png(draw(0), "rgb", chunks=[(b"cICP", bytes([1, 13, 1, 1]))]), "cICP of luma"),
    "no palette": (encode_png(np.zeros((4, 4), np.uint8), "palette"), "no palette"),
    "half a BMP": (encode_bmp(draw(0))[:-40], "is truncated"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture but a PostScript"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture but an SVG"),
    "zip": (b"PK\3\4" + bytes(40), "is not a picture but a zip archive"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_understood_is_refused_with_the_reason(name: str) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(ImageError, match=reason):
        decode_bytes(content)


def test_a_png_that_pillow_has_opened_is_read_as_its_file(tmp_path: Path) -> None:
    for name in ("grey key 4", "linear gamma", "rgb 16"):
        content = PNG_KINDS[name].write(draw(5))
        (tmp_path / "a.png").write_bytes(content)
        for source in (tmp_path / "a.png", io.BytesIO(content)):
            with Image.open(source) as image:
                found = decode_opened(image).image
                image.load()  # it has been left as it was
            assert found.tobytes() == decode_bytes(content).image.tobytes()


def test_a_png_that_pillow_has_read_is_in_its_colours_too() -> None:
    for name in ("linear gamma of P3", "sRGB over gamma", "P3 profile", "linear grey gamma"):
        content = PNG_KINDS[name].write(draw(6))
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            assert decode_opened(image).image.tobytes() == decode_bytes(content).image.tobytes(), name


def short_png(content: bytes, rows: int) -> bytes:
    """Say in the header that there are more rows than there are; each chunk is sound."""
    header = content[12:20] + struct.pack(">I", rows) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


def test_a_png_with_too_few_pixels_is_not_filled_up_with_black() -> None:
    pixels = draw(1)
    whole = encode_png(pixels, "rgb")
    assert short_png(whole, len(pixels)) == whole
    for kind in ("rgb", "palette"):
        samples = pixels if kind == "rgb" else grey(pixels) // 64
        content = encode_png(samples, kind, chunks=[(b"PLTE", bytes(12))] if kind == "palette" else ())
        with pytest.raises(ImageError, match="is truncated"):
            decode_bytes(short_png(content, len(pixels) + 3))


def test_a_png_whose_checksum_is_wrong_is_damaged() -> None:
    content = bytearray(encode_png(draw(0), "rgb"))
    content[content.index(b"IDAT") + 9] ^= 1
    with pytest.raises(ImageError, match=r"is damaged \(checksum of IDAT\)"):
        decode_bytes(bytes(content))


def deep(bits: int) -> Samples:
    return to_depth(grey(draw(0)), bits)


LOW_BITS: dict[str, Callable[[Samples], bytes]] = {
    "PNG": lambda samples: encode_png(samples, "grey", depth=16),
    "RGB PNG": lambda samples: encode_png(np.dstack([samples] * 3), "rgb", depth=16),
    "TIFF": lambda samples: encode_tiff(samples, photometric=1, depth=16),
    "packed TIFF": lambda samples: save_tiff(samples.astype(np.uint16), compression="zlib", byteorder=">"),
    "RGB TIFF": lambda samples: encode_tiff(np.dstack([samples] * 3), photometric=2, depth=16),
    "TIFF of another maximum": lambda samples: encode_tiff(
        samples, photometric=1, depth=16, tags=[(281, "H", [int(samples.max()) - 1])]
    ),
}
"""Writers of 16-bit samples that do not say how many of their bits are used."""


def damaged_fax() -> bytes:
    content = bytearray(TIFF_KINDS["fax"].write(np.tile(draw(0), (6, 6, 1))))
    content[40:60] = b"\xff" * 20
    return bytes(content)


NOTED: dict[str, tuple[bytes, str]] = {
    "BMP: 32 v4 alpha 0": (BMP_KINDS["32 v4 alpha 0"].write(draw(0)), "alpha all 0: taken as opaque"),
    "TGA": (OTHER_KINDS["TGA with no alpha"].write(draw(0)), "alpha all 0: taken as opaque"),
    "broken profile": (PNG_KINDS["broken profile"].write(draw(0)), "broken colour profile ignored"),
    "profile of nonsense": (PNG_KINDS["profile of nonsense"].write(draw(0)), "broken colour profile ignored"),
    "profile of grey": (
        encode_png(draw(0), "rgb", chunks=[iccp(GREY_PROFILE)]),
        "colour profile for GRAY ignored: the pixels are RGB",
    ),
    "floats": (
        TIFF_KINDS["float < "].write(np.full((4, 4, 3), 255, np.uint8)),
        "floating-point samples: taken as 0 to 1",
    ),
    "a colour beyond the palette": (
        encode_png(np.full((4, 4), 3, np.uint8), "palette", depth=2, chunks=[(b"PLTE", bytes(6))]),
        "colours beyond the palette: taken as black",
    ),
    "a BMP's colour beyond its palette": (
        encode_bmp(np.full((4, 4), 3, np.uint8), bits=8, palette=np.zeros((2, 3), np.uint8)),
        "colours beyond the palette: taken as black",
    ),
    **{
        f"{name}: {bits} of 16 bits": (
            write(deep(bits)),
            f"16-bit samples of which none exceeds {2**bits - 1}: taken as 0 to 65535, "
            f"which is wrong if they are of {bits} bits",
        )
        for bits in (10, 12, 14)
        for name, write in LOW_BITS.items()
        if bits == 12 or "RGB TIFF" not in name
    },
    "damaged in places": (damaged_fax(), "damaged in places: what can be decoded is taken"),
    "pages": (TIFF_KINDS["several pages"].write(draw(0)), "several pictures: the first is taken"),
    "moving PNG": (OTHER_KINDS["moving PNG"].write(draw(0)), "moving: the first picture is taken"),
    "moving WebP": (OTHER_KINDS["moving WebP"].write(draw(0)), "several pictures: the first is taken"),
}


@pytest.mark.parametrize("name", NOTED)
def test_how_a_picture_was_understood_is_noted(name: str) -> None:
    content, note = NOTED[name]
    assert decode_bytes(content).note == note


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_samples_of_fewer_bits_than_16_are_as_bright_as_their_file_says(bits: int) -> None:
    samples, most = deep(bits), 2**bits - 1
    for content in (
        encode_png(samples, "grey", depth=16, chunks=[(b"sBIT", bytes([bits]))]),
        encode_png(samples << (16 - bits), "grey", depth=16, chunks=[(b"sBIT", bytes([bits]))]),  # by the standard
        encode_tiff(samples, photometric=1, depth=16, tags=[(281, "H", [most])]),
        encode_tiff(most - samples, photometric=0, depth=16, tags=[(341, "H", [most])]),
    ):
        found = decode_bytes(content)
        assert np.abs(np.asarray(found.image).astype(int) - as_grey(draw(0))).max() <= 1
        assert found.note is None


def test_a_dark_picture_of_8_bits_in_16_is_dark_and_not_worth_a_word() -> None:
    dark = grey(draw(0)) // 5
    for samples in (to_depth(dark, 16), dark.astype(np.uint32) << 8):
        for content in (encode_png(samples, "grey", depth=16), encode_tiff(samples, photometric=1, depth=16)):
            found = decode_bytes(content)
            assert (found.note, int(np.asarray(found.image).max())) == (None, int(dark.max()))


def test_a_dark_scaled_png_that_says_its_bits_stays_dark() -> None:
    samples = (deep(12) >> 4) << 4
    found = decode_bytes(encode_png(samples, "grey", depth=16, chunks=[(b"sBIT", bytes([12]))]))
    assert int(np.asarray(found.image).max()) <= 16


@pytest.mark.parametrize("name", ["fax", "lzw", "packed", "YCbCr packed"])
def test_libtiff_prints_nothing(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    content = bytearray(TIFF_KINDS[name].write(np.tile(draw(0), (6, 6, 1))))
    for start in (20, 40, 200, len(content) // 2):
        damaged = bytearray(content)
        damaged[start : start + 20] = b"\xff" * 20
        with contextlib.suppress(ImageError):
            decode_bytes(bytes(damaged))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", [name for name in KINDS if name.startswith("PNG") and "broken" not in name][:40])
def test_an_ordinary_picture_has_no_note(name: str) -> None:
    if "nonsense" not in name:
        assert decode_bytes(KINDS[name].write(draw(2))).note is None


@pytest.mark.parametrize(("kind", "how"), [("PNG", {}), ("WEBP", {"lossless": True}), ("JPEG", {"exif": Image.Exif()})])
def test_a_picture_that_was_read_is_pixels_alone_and_no_profile_that_knows_the_time(
    kind: str, how: dict[str, object]
) -> None:
    content = save(Image.new("RGB", (40, 30), (200, 30, 30)), kind, icc_profile=P3_PROFILE, dpi=(300, 300), **how)
    assert decode_bytes(content).image.info == {}


def test_a_cmyk_picture_goes_through_its_profile() -> None:
    pixels = draw(3)
    profile = cmyk_profile()
    content = save(Image.fromarray(cmyk(pixels), "CMYK"), "TIFF", icc_profile=profile)
    read = np.asarray(decode_bytes(content).image).astype(int)
    share = (255 - pixels).mean(axis=2) / 255  # of ink: the profile knows but greys
    expected = to_levels((((1 - share) * 100 + 16) / 116) ** 3)
    assert np.abs(read - np.repeat(expected[:, :, None], 3, axis=2)).max() <= 6


def cmyk_profile() -> bytes:
    """Write a scanner's profile whose lightness falls evenly with the sum of three inks."""
    identity = bytes(range(256))
    grid = b""
    for corner in range(16):
        inks = (corner >> 3 & 1) + (corner >> 2 & 1) + (corner >> 1 & 1)
        grid += bytes([round(255 * (1 - inks / 3)), 128, 128])
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table += identity * 4 + grid + identity * 3
    white = b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in WHITE_D50))
    tags = {b"A2B0": table, b"wtpt": white, b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(80)}
    at, directory, data = 132 + 12 * len(tags), b"", b""
    for name, tag in tags.items():
        directory += struct.pack(">4sII", name, at + len(data), len(tag))
        data += tag + bytes(-len(tag) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(data), b"test", 0x02100000, b"scnr", b"CMYK", b"Lab ")
    head = (head + bytes(12) + b"acsp").ljust(68, b"\0") + white[8:]
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + directory + data


def test_a_heic_is_read_where_its_package_is() -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    pixels = draw(4)
    content = save(Image.fromarray(pixels), "HEIF", quality=100, chroma=444)
    assert np.abs(np.asarray(decode_bytes(content).image).astype(int) - pixels).max() <= 14


def test_a_heic_says_which_package_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match=r"is a HEIC picture; pip install 'boxwright\[heic\]' reads it"):
        decode_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40))
