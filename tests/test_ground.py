"""Under what can be seen through lies the ground on which it shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from model.classifying.classifier import load_classifier
from model.decoding.raster import Raster
from model.decoding.upright import Decoded
from tests.encodings import save

WHITE, BLACK, GREY = (255, 255, 255), (0, 0, 0), (128, 128, 128)


def tick(*inks: tuple[int, int, int], opacity: int = 255) -> tuple[Image.Image, Image.Image]:
    """Draw a tick for each ink, side by side, on nothing."""
    image, alpha = Image.new("RGB", (40 * len(inks), 40)), Image.new("L", (40 * len(inks), 40))
    for place, ink in enumerate(inks):
        points = [(40 * place + x, y) for x, y in ((8, 20), (17, 30), (32, 9))]
        ImageDraw.Draw(image).line(points, fill=ink, width=5)
        ImageDraw.Draw(alpha).line(points, fill=opacity, width=5)
    return image, alpha


def lay(image: Image.Image, alpha: Image.Image) -> tuple[Image.Image, str | None]:
    """Return a picture on its ground, and what is said of that."""
    both = image.copy()
    both.putalpha(alpha)
    found = Decoded.of(Raster(both, lambda part: part.convert("RGB"), lambda part: np.asarray(part.getchannel("A"))))
    return found.image, found.note


@pytest.mark.parametrize(
    ("inks", "ground"),
    [
        ([BLACK], WHITE),
        ([WHITE], BLACK),
        ([(250, 240, 90)], BLACK),  # yellow is nearly as bright as white
        ([(200, 30, 30)], WHITE),
        ([GREY], WHITE),
        ([WHITE, BLACK], WHITE),  # half of it stands out from white, as good as can be on black
        ([WHITE, WHITE, BLACK], GREY),
    ],
)
def test_the_ground_is_white_unless_little_would_be_seen_on_it(
    inks: list[tuple[int, int, int]], ground: tuple[int, int, int]
) -> None:
    image, note = lay(*tick(*inks))
    assert image.getpixel((0, 0)) == ground
    assert note == f"transparent: laid over {({WHITE: 'white', BLACK: 'black', GREY: 'grey'})[ground]}"


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_whatever_the_ink_it_stands_out_from_its_ground(ink: tuple[int, int, int]) -> None:
    image, alpha = tick(ink)
    found = np.asarray(lay(image, alpha)[0].convert("L")).astype(int)
    drawn = np.asarray(alpha) == 255
    assert np.abs(found[drawn].mean() - found[0, 0]) >= 51


def test_what_is_nearly_all_opaque_is_laid_over_white_without_a_word() -> None:
    image, alpha = Image.new("RGB", (40, 40), "white"), Image.new("L", (40, 40), 255)
    ImageDraw.Draw(alpha).rectangle((0, 0, 3, 3), fill=0)
    ImageDraw.Draw(image).rectangle((0, 0, 3, 3), fill="red")
    laid, note = lay(image, alpha)
    assert (laid.getpixel((0, 0)), laid.getpixel((20, 20)), note) == (WHITE, WHITE, None)


def test_white_ink_that_can_be_seen_through_a_little_does_not_vanish() -> None:
    panel = Image.new("RGB", (40, 40), WHITE)
    laid, note = lay(panel, Image.new("L", (40, 40), 235))
    assert (note, laid.getpixel((0, 0))) == ("transparent: laid over black", (235, 235, 235))
    assert lay(panel, Image.new("L", (40, 40), 254))[1] is None


def test_a_hole_in_one_colour_is_what_is_to_be_seen_and_corners_are_not() -> None:
    panel, hole, corners = Image.new("RGB", (40, 40), WHITE), Image.new("L", (40, 40), 255), Image.new("L", (40, 40))
    ImageDraw.Draw(hole).line([(8, 20), (17, 30), (32, 9)], fill=0, width=3)
    laid, note = lay(panel, hole)
    assert (note, laid.getpixel((17, 29)), laid.getpixel((0, 0))) == ("transparent: laid over black", BLACK, WHITE)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, 39, 39), radius=12, fill=255)
    assert lay(panel, corners)[1] is None


def test_a_hole_in_what_is_white_itself_is_laid_over_a_ground_on_which_it_shows() -> None:
    for around, ground in ((WHITE, BLACK), ((40, 80, 200), WHITE)):
        image, alpha = Image.new("RGB", (160, 60), "white"), Image.new("L", (160, 60), 255)
        ImageDraw.Draw(image).text((60, 24), "Remember me", fill="black")
        ImageDraw.Draw(image).rectangle((12, 18, 36, 42), fill=around)
        ImageDraw.Draw(alpha).rectangle((14, 20, 34, 40), fill=0)
        laid, note = lay(image, alpha)
        assert laid.getpixel((24, 30)) == ground
        assert note == (None if ground == WHITE else "transparent: laid over black")


def test_half_transparent_pixels_are_mixed_with_the_ground() -> None:
    laid, note = lay(*tick((255, 0, 0), opacity=128))
    assert laid.getpixel((17, 30)) == pytest.approx((255, 127, 127), abs=1)
    assert note == "transparent: laid over white"


def test_what_shows_nothing_at_all_says_so() -> None:
    laid, note = lay(Image.new("RGB", (4, 4)), Image.new("L", (4, 4)))
    assert (laid.getpixel((0, 0)), note) == (WHITE, "wholly transparent: laid over white")


def test_a_white_tick_on_nothing_is_seen_by_the_model() -> None:
    image, alpha = tick(WHITE)
    image.putalpha(alpha)
    on_black = Image.alpha_composite(Image.new("RGBA", image.size, "black"), image)
    nothing = Image.new("RGB", image.size, "white")
    pictures = [save(each, "PNG") for each in (image, on_black.convert("RGB"), nothing)]
    result, expected, unseen = load_classifier()(pictures)
    assert result.note == "transparent: laid over black"
    assert expected.note is None
    assert result.probabilities == expected.probabilities
    assert result.probabilities["checked"] > 0.3 > unseen.probabilities["checked"]
