"""Degradations: what screenshots go through between the screen and a data set."""

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageFilter

from generator.box import Box

SMALLEST_PX = 12


@dataclass(frozen=True)
class Degradation:
    """A chain of losses in this order; a neutral value (1, 0 or None) leaves its step out.

    `scale` resamples and `enlarge_back` returns to the old size after it, `blur_px` is a Gaussian radius,
    `jpeg` a quality and `colours` a palette size.
    """

    scale: float
    enlarge_back: bool
    blur_px: float
    jpeg: int | None
    colours: int | None


def draw_degradation(rng: random.Random) -> Degradation:
    """Draw a chain; a little over half of the crops stay as the browser painted them."""
    clean = rng.random() < 0.52
    scale = 1.0 if rng.random() < 0.45 else round(rng.uniform(0.45, 1.6), 2)
    enlarge_back = rng.random() < 0.4
    blur_px = round(rng.uniform(0.3, 1.1), 2) if rng.random() < 0.25 else 0.0
    jpeg = rng.randint(28, 92) if rng.random() < 0.4 else None
    colours = rng.choice((16, 32, 64, 128)) if rng.random() < 0.1 else None
    if clean:
        return Degradation(scale=1.0, enlarge_back=False, blur_px=0.0, jpeg=None, colours=None)
    return Degradation(scale, enlarge_back, blur_px, jpeg, colours)


def degrade(image: Image.Image, box: Box, chain: Degradation) -> tuple[Image.Image, Box]:
    """Apply the chain to an RGB image; return it with `box` in the new pixels."""
    if chain.scale != 1.0:
        image, box = _rescale(image, box, chain.scale, chain.enlarge_back)
    if chain.blur_px:
        image = image.filter(ImageFilter.GaussianBlur(chain.blur_px))
    if chain.colours:
        image = image.quantize(chain.colours, dither=Image.Dither.NONE).convert("RGB")
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
