import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from base.errors import ImageError
from model.reading.crop_fitting import Geometry, Shape, pad
from model.reading.images import decode_opened

SIDES = st.integers(1, 4000)


@pytest.mark.parametrize(
    ("crop", "fitted"),
    [
        ((72, 178), (48, 119)),  # the usual crop: 48 px high
        ((26, 24), (48, 44)),  # a small one is enlarged
        ((10, 10), (20, 20)),  # but not more than twice
        ((494, 200), (165, 67)),  # a tall one is not shrunk below a third
        ((494, 1804), (136, 495)),  # unless it would be too large
        ((84, 1000), (48, 571)),
        ((10, 40_000), (4, 16_395)),
    ],
)
def test_crops_are_scaled_by_the_rule(crop: Shape, fitted: Shape) -> None:
    assert Geometry().size(crop) == fitted


@given(SIDES, SIDES)
def test_every_crop_stays_under_the_budget_and_keeps_its_aspect(height: int, width: int) -> None:
    geometry = Geometry()
    fitted = geometry.size((height, width))
    assert fitted[0] * fitted[1] <= geometry.max_area_px + sum(fitted)  # a side is rounded by half a pixel
    scale = fitted[1] / width if width > height else fitted[0] / height
    assert fitted == pytest.approx((height * scale, width * scale), abs=1.001)


@given(SIDES, SIDES)
def test_a_bucket_holds_its_crop_and_wastes_at_most_a_quarter(height: int, width: int) -> None:
    geometry = Geometry()
    shape = geometry.size((height, width))
    bucket = geometry.bucket(shape)
    assert bucket == geometry.bucket(bucket)
    for side, room in zip(shape, bucket, strict=True):
        assert side <= room <= max(48, side + 15, 1.25 * side)


def test_all_usual_crops_fall_into_few_buckets() -> None:
    geometry = Geometry()
    buckets = {
        geometry.bucket(geometry.size((height, width))) for height in range(30, 120) for width in range(24, 1800)
    }
    assert len(buckets) < 50


def test_a_20_px_box_far_right_in_a_wide_crop_stays_legible() -> None:
    image = Image.new("RGB", (1000, 84), "white")
    ImageDraw.Draw(image).rectangle((960, 30, 980, 50), outline="black", width=2)
    pixels = Geometry().fit(image)[:, :, 0]
    box = pixels[15:31, 545:563]
    rows, columns = np.nonzero(box < 140)
    assert np.ptp(rows) + 1 >= 11
    assert np.ptp(columns) + 1 >= 11
    assert (
        box[rows.min() + 4 : rows.max() - 3, columns.min() + 4 : columns.max() - 3].min() > 200
    )  # the middle is empty


def test_fitting_gives_rgb_bytes_of_the_size() -> None:
    pixels = Geometry().fit(Image.new("RGB", (178, 72), (255, 0, 0)))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (48, 119, 3)
    assert pixels[20, 60].tolist() == [255, 0, 0]


SMALL = Geometry(height_px=16, max_area_px=1024)
"""A canvas under it has 16,384 pixels at most."""


@pytest.mark.parametrize("shape", [(4000, 1), (1, 4000)])
def test_a_crop_is_bounded_by_the_area_of_its_canvas(shape: Shape) -> None:
    assert SMALL.takes((16, 160))
    assert not SMALL.takes(shape)
    size = f"{shape[1]}x{shape[0]} px would be padded to"
    with pytest.raises(ImageError, match=f"^too long and thin: {size} .*, at most 16384 in all are taken$"):
        SMALL.fit(Image.new("RGB", shape[::-1]))


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_what_is_taken_has_a_small_canvas_whatever_its_shape(height: int, width: int) -> None:
    canvas = SMALL.bucket(SMALL.size((height, width)))
    assert SMALL.takes((height, width)) == (canvas[0] * canvas[1] <= 16_384)


@given(st.integers(24, 4000), st.integers(24, 4000))
def test_a_crop_of_24_px_or_more_is_never_too_thin(height: int, width: int) -> None:
    assert Geometry().takes((height, width))


@pytest.mark.parametrize(
    ("shape", "is_said"),
    [((494, 764), False), ((320, 1176), False), ((1, 4000), False), ((800, 1280), True), ((1080, 1920), True)],
)
def test_what_is_as_large_as_a_screen_is_said(shape: Shape, is_said: bool) -> None:
    remark = "shrunk to 33% or less: a crop is expected, and this is as large as a screen"
    assert Geometry().remark_on(shape) == (remark if is_said else None)
    image = Image.new("RGB", shape[::-1], "white")
    assert decode_opened(image, geometry=Geometry()).note == (remark if is_said else None)
    assert decode_opened(image).note is None


@given(st.integers(1, 576), st.integers(1, 1000))
def test_nothing_is_said_of_what_a_crop_may_be(height: int, width: int) -> None:
    assert Geometry().remark_on((height, width)) is None


def test_padding_repeats_the_edges_on_every_side() -> None:
    pixels = np.array([[[1], [2]], [[3], [4]]], np.uint8).repeat(3, axis=2)
    padded = pad(pixels, (4, 4))
    assert padded[:, :, 0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    assert (padded == np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="edge")).all()


def test_padding_can_put_a_crop_into_a_corner() -> None:
    pixels = np.array([[[7] * 3, [8] * 3]], np.uint8)
    assert pad(pixels, (2, 3), offset=(1, 1))[:, :, 0].tolist() == [[7, 7, 8], [7, 7, 8]]


def test_a_geometry_survives_json() -> None:
    geometry = Geometry(height_px=64, floor_scale=0.5)
    assert Geometry.model_validate_json(geometry.model_dump_json()) == geometry
