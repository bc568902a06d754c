"""Crops around candidates."""

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from model.finding.cutouts import cut_out, cutout_box

sides = st.floats(0.5, 300)


@given(st.tuples(st.floats(-50, 400), st.floats(-50, 300), sides, sides))
def test_a_crop_lies_in_the_picture_and_is_never_empty(box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = cutout_box(box, (320, 200))
    assert 0 <= left < right <= 320
    assert 0 <= top < bottom <= 200


def test_a_crop_shows_what_is_around_a_widget_on_all_sides() -> None:
    left, top, right, bottom = cutout_box((100, 60, 20, 20), (320, 200))
    assert (100 - left, 60 - top) == (7, 7)
    assert (right - 120, bottom - 80) == (8, 8)


def test_the_crop_is_that_part_of_the_picture() -> None:
    image = Image.new("RGB", (60, 60))
    image.putpixel((30, 20), (255, 0, 0))
    crop = cut_out(image, (28, 18, 6, 6))
    assert crop.getpixel((30 - 25, 20 - 15)) == (255, 0, 0)
