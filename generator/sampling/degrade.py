"""Degradations: what screenshots go through between the screen and a data set."""

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageFilter

from generator.sampling.box import Box

SMALLEST_PX = 12


@dataclass(frozen=True)
class Degradation:
    """A chain of losses in this order; a neutral value (1, 0 or None) leaves its step out.

    `scale` resamples and `enlarge_back` returns to the old size after it, `blur_px` is a Gaussian radius, `colours`
    a palette size, `bits` what a remote desktop keeps of red, green and blue, and `jpeg` a quality.
    """

    scale: float
    enlarge_back: bool
    blur_px: float
    colours: int | None
    bits: tuple[int, int, int] | None
    jpeg: int | None


CLEAN = Degradation(scale=1.0, enlarge_back=False, blur_px=0.0, colours=None, bits=None, jpeg=None)

REMOTE_BITS = ((5, 6, 5), (5, 5, 5), (4, 4, 4), (3, 3, 2))
"""What the colour depths of remote desktops (16, 15, 12 and 8 bits) keep of each channel."""


def draw_degradation(rng: random.Random) -> Degradation:
    """Draw a chain; a little over half of the crops stay as the browser painted them."""
    clean = rng.random() < 0.52
    scale = 1.0 if rng.random() < 0.45 else round(rng.uniform(0.45, 1.6), 2)
    enlarge_back = rng.random() < 0.4
    blur_px = round(rng.uniform(0.3, 1.1), 2) if rng.random() < 0.25 else 0.0
    jpeg = rng.randint(28, 92) if rng.random() < 0.4 else None
    colours = rng.choice((16, 32, 64, 128)) if rng.random() < 0.1 else None
    bits = rng.choice(REMOTE_BITS) if rng.random() < 0.08 else None
    if clean:
        return CLEAN
    return Degradation(scale, enlarge_back, blur_px, colours, bits, jpeg)


def degrade(image: Image.Image, box: Box, chain: Degradation) -> tuple[Image.Image, Box]:
    """Apply the chain to an RGB image; return it with `box` in the new pixels."""
    if chain.scale != 1.0:
        image, box = _rescale(image, box, chain.scale, chain.enlarge_back)
    if chain.blur_px:
        image = image.filter(ImageFilter.GaussianBlur(chain.blur_px))
    if chain.colours:
        image = image.quantize(chain.colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).convert("RGB")
    if chain.bits:
        image = image.point([level for bits in chain.bits for level in _levels(bits)])
    if chain.jpeg:
        image = _recompress(image, chain.jpeg)
    return image, box


def _rescale(image: Image.Image, box: Box, scale: float, enlarge_back: bool) -> tuple[Image.Image, Box]:
    scale = max(scale, SMALLEST_PX / min(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    resized = image.resize(size, Image.Resampling.BICUBIC)
    if enlarge_back and scale < 1:
        return resized.resize(image.size, Image.Resampling.BILINEAR), box
    return resized, box.scaled(size[0] / image.width, size[1] / image.height)


def _recompress(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def _levels(bits: int) -> list[int]:
    """Return what each of 256 levels becomes when only its highest bits are kept, stretched to the whole range."""
    top = 2**bits - 1
    return [round((level >> (8 - bits)) * 255 / top) for level in range(256)]
