"""Samples of 16 bits that may have fewer: cameras and scanners store 10, 12 or 14 bits in them, often at the bottom.

Source: Portable Network Graphics (third edition), W3C, 11.3.2.7 (sBIT) and 13.12; TIFF Revision 6.0 (MaxSampleValue).
"""

import numpy as np

from base.arrays import Samples

CAMERA_BITS = (10, 12, 14)
"""Bits of cameras and scanners."""

FULL = 65535

_NOTE = "16-bit samples of which none exceeds {most}: taken as 0 to 65535, which is wrong if they are of {bits} bits"

LOW_BITS_OF_COLOURS = _NOTE.format(most=4095, bits=12)


def describe_low_bits(samples: Samples) -> str | None:
    """Return what is to be said of 16-bit samples that use the low bits only; None of others.

    Those that were made of 8 bits are none: a dark screen is dark.
    """
    brightest = int(samples.max())
    bits = next((bits for bits in CAMERA_BITS if brightest < 1 << bits), None)
    if bits is None or _were_8_bit(samples):
        return None
    most = (1 << bits) - 1
    return _NOTE.format(most=most, bits=bits)


def white_of_significant(samples: Samples, bits: int) -> int | None:
    """Return which sample is white where a PNG says that so many bits of 16 are significant; None where 65535 is.

    By the standard they were scaled up when they were stored, so that what the low bits say follows from the others.
    Some writers leave them at the bottom: then no sample is larger, and the low bits say something.
    """
    if not 8 <= bits <= 14 or int(samples.max()) >= 1 << bits:
        return None
    step = 1 << (16 - bits)
    return (1 << bits) - 1 if bool((samples % step > 1).any()) else None


def white_of_most(samples: Samples, most: int | None) -> int | None:
    """Return which sample is white where a TIFF says which is the largest; None where that is no depth, or exceeded."""
    is_depth = most is not None and 255 <= most < FULL and (most + 1).bit_count() == 1
    return most if is_depth and most is not None and int(samples.max()) <= most else None


def stretch(samples: Samples, white: int) -> Samples:
    """Return samples of which `white` is white as 16-bit ones."""
    wide = samples.astype(np.uint32) * FULL + white // 2
    return (wide // white).astype(np.uint16)


def _were_8_bit(samples: Samples) -> bool:
    low, high = samples & 0xFF, samples >> 8
    return bool((low == 0).all() or (low == high).all())
