"""Degradations: what screenshots go through between the screen and a data set."""

import io
import random
from dataclasses import dataclass, replace

from PIL import Image, ImageFilter

from generator.sampling.box import Box

SMALLEST_PX = 12


@dataclass(frozen=True)
class Degradation:
    """A chain of losses in this order; a neutral value (1, 0 or None) leaves its step out.

    `scale` resamples and `enlarge_back` returns to the old size after it, `blur_px` is a Gaussian radius, `colours`
    a palette size, `bits` what a remote desktop keeps of red, green and blue, `jpeg` a quality, `vp8` that of a frame
    of video, and `dimmed` how far the window lies under a veil, before all else: to 1 under a white one, to -1 under a
    black one.
    """

    scale: float
    enlarge_back: bool
    blur_px: float
    colours: int | None
    bits: tuple[int, int, int] | None
    jpeg: int | None
    vp8: int | None = None
    dimmed: float = 0.0


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
    vp8 = rng.randint(15, 80) if rng.random() < 0.08 else None
    dimmed = draw_veil(rng)
    if clean:
        return replace(CLEAN, dimmed=dimmed)
    return Degradation(scale, enlarge_back, blur_px, colours, bits, None if vp8 else jpeg, vp8, dimmed)


def draw_veil(rng: random.Random) -> float:
    """Draw how far a window lies under a veil, as behind a dialog; nearly all lie under none."""
    veil = round(rng.uniform(0.15, 0.55), 2) * (1 if rng.random() < 0.35 else -1)
    return veil if rng.random() < 0.04 else 0.0


def degrade(image: Image.Image, box: Box, chain: Degradation) -> tuple[Image.Image, Box]:
    """Apply the chain to an RGB image; return it with `box` in the new pixels."""
    if chain.dimmed:
        veil = Image.new("RGB", image.size, "white" if chain.dimmed > 0 else "black")
        image = Image.blend(image, veil, abs(chain.dimmed))
    if chain.scale != 1.0:
        image, box = _rescale(image, box, chain.scale, chain.enlarge_back)
    if chain.blur_px:
        image = image.filter(ImageFilter.GaussianBlur(chain.blur_px))
    if chain.colours:
        image = image.quantize(chain.colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).convert("RGB")
    if chain.bits:
        image = image.point([level for bits in chain.bits for level in _levels(bits)])
    if chain.jpeg:
        image = _recompress(image, "JPEG", chain.jpeg)
    if chain.vp8:
        image = _recompress(image, "WEBP", chain.vp8)  # which is a key frame of VP8
    return image, box


def _rescale(image: Image.Image, box: Box, scale: float, enlarge_back: bool) -> tuple[Image.Image, Box]:
    scale = max(scale, SMALLEST_PX / min(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    resized = image.resize(size, Image.Resampling.BICUBIC)
    if enlarge_back and scale < 1:
        return resized.resize(image.size, Image.Resampling.BILINEAR), box
    return resized, box.scaled(size[0] / image.width, size[1] / image.height)


def _recompress(image: Image.Image, codec: str, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, codec, quality=quality)
    return Image.open(buffer).convert("RGB")


def _levels(bits: int) -> list[int]:
    """Return what each of 256 levels becomes when only its highest bits are kept, stretched to the whole range."""
    top = 2**bits - 1
    return [round((level >> (8 - bits)) * 255 / top) for level in range(256)]
