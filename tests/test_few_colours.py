"""Each colour of a picture is converted once, to the same pixels."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from base.arrays import Pixels
from model.decoding.colour import as_image
from model.decoding.few_colours import FEWEST_PIXELS, MOST_SHARE, SLOT_BITS, convert_each_once


def swap(image: Image.Image) -> Image.Image:
    """Return each colour as another, of which no two are alike."""
    red, green, blue = image.split()
    return Image.merge("RGB", (blue, red.point(lambda level: 255 - level), green))


def picture(colours: int, *, height: int = 120, width: int = 90) -> Pixels:
    rng = np.random.default_rng(colours)
    palette = rng.integers(0, 256, (colours, 3), np.uint8)
    return palette[rng.integers(0, colours, (height, width))]


@pytest.mark.parametrize("colours", [1, 2, 700, 1 << SLOT_BITS])
def test_pixels_are_those_that_the_conversion_gives(colours: int) -> None:
    pixels = picture(colours)
    found = convert_each_once(Image.fromarray(pixels), convert=swap)
    assert (np.asarray(found) == np.asarray(swap(Image.fromarray(pixels)))).all()


@pytest.mark.parametrize("colours", [1, 700, 1 << SLOT_BITS])
def test_four_channels_are_taken_as_they_lie(colours: int) -> None:
    pixels = picture(colours)
    opaque = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    assert (np.asarray(as_image(opaque)) == pixels).all()
    found = convert_each_once(opaque, convert=swap)
    assert found.mode == "RGB"
    assert (np.asarray(found) == np.asarray(swap(Image.fromarray(pixels)))).all()


def test_of_a_screenshot_each_colour_is_asked_for_once() -> None:
    asked: list[int] = []

    def count(image: Image.Image) -> Image.Image:
        asked.append(image.width * image.height)
        return swap(image)

    convert_each_once(Image.fromarray(picture(8)), convert=count)
    assert sum(asked) == 8


def test_a_photograph_is_converted_as_a_whole() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    asked: list[tuple[int, int]] = []

    def note(image: Image.Image) -> Image.Image:
        asked.append(image.size)
        return swap(image)

    convert_each_once(Image.fromarray(pixels), convert=note)
    assert asked == [(200, 200)]
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > MOST_SHARE * 200 * 200 > FEWEST_PIXELS


def test_littlecms_gives_a_colour_the_same_in_any_company() -> None:
    profile = ImageCms.createProfile("LAB")
    transform = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), profile, "RGB", "LAB")
    pixels = picture(300)
    whole = np.asarray(ImageCms.applyTransform(Image.fromarray(pixels), transform))
    colours, places = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    alone = np.asarray(ImageCms.applyTransform(Image.fromarray(colours[None]), transform))
    assert (alone[0][places].reshape(whole.shape) == whole).all()
