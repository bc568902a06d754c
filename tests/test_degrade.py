import random
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from generator.sampling.box import Box
from generator.sampling.degrade import CLEAN, REMOTE_BITS, degrade, draw_degradation


def picture() -> tuple[Image.Image, Box]:
    image = Image.new("RGB", (100, 60), "white")
    ImageDraw.Draw(image).rectangle((20, 10, 39, 29), fill="black")
    return image, Box(20, 10, 20, 20)


def test_the_neutral_chain_changes_nothing() -> None:
    image, box = picture()
    assert degrade(image, box, CLEAN) == (image, box)


def test_the_box_goes_with_the_picture_through_every_chain() -> None:
    for seed in range(60):
        image, box = degrade(*picture(), draw_degradation(random.Random(seed)))
        grey = ImageOps.autocontrast(ImageChops.invert(image.convert("L")))  # a veil leaves no white
        dark = grey.point(lambda level: 255 if level > 127 else 0).getbbox()
        assert dark is not None
        drawn = (box.x, box.y, box.right, box.bottom)
        assert max(abs(one - two) for one, two in zip(dark, drawn, strict=True)) <= 2.5


def test_each_loss_alone_changes_pixels() -> None:
    for chain in (
        replace(CLEAN, scale=0.5, enlarge_back=True),
        replace(CLEAN, blur_px=1.0),
        replace(CLEAN, jpeg=30),
        replace(CLEAN, vp8=30),
        replace(CLEAN, dimmed=0.3),
        replace(CLEAN, dimmed=-0.3),
        *(replace(CLEAN, bits=bits) for bits in REMOTE_BITS),
    ):
        image, box = picture()
        image.paste("#4a8bd1", (50, 10, 90, 50))
        degraded, _ = degrade(image, box, chain)
        assert degraded.size == image.size
        assert ImageChops.difference(image, degraded).getbbox() is not None


def test_a_veil_leaves_what_it_covers_to_be_seen() -> None:
    for dimmed in (0.4, -0.4):
        image, _ = degrade(*picture(), replace(CLEAN, dimmed=dimmed))
        low, high = image.convert("L").getextrema()
        assert high - low == pytest.approx(0.6 * 255, abs=2)
        assert (low > 0) == (dimmed > 0)


def test_a_tiny_crop_is_not_shrunk_to_nothing() -> None:
    chain = replace(CLEAN, scale=0.45)
    image, _ = degrade(Image.new("RGB", (20, 14)), Box(0, 0, 5, 5), chain)
    assert min(image.size) >= 12
