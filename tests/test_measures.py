import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from base.arrays import Pixels
from model.gap.measures import STATISTICS, measure_pictures


def page(width: int = 120, height: int = 40, ground: str = "#ffffff") -> Image.Image:
    image = Image.new("RGB", (width, height), ground)
    ImageDraw.Draw(image).rectangle((20, 10, 39, 29), fill="#102080")
    return image


def values(image: Image.Image) -> dict[str, float]:
    return measure_pictures(np.asarray(image))


def test_size_and_framing_are_those_of_the_drawing() -> None:
    found = values(page())
    expected = {"width_px": 120, "height_px": 40, "aspect": 3, "content_width_px": 20, "content_height_px": 20}
    expected |= {"margin_left_px": 20, "margin_top_px": 10, "margin_right_px": 80, "margin_bottom_px": 10}
    expected |= {"stroke_px": 20, "content_share": 400 / 4800, "border_busy": 0, "colours": 2, "blue_share": 1}
    expected |= {"ground_luminance": 1, "ground_purity": 1, "grain": 0}
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_noise_shows_as_grain_and_as_an_impure_ground_only() -> None:
    clean = np.asarray(page(ground="#808080"))
    noise = np.random.default_rng(0).integers(-1, 2, clean.shape)
    noisy = measure_pictures((clean.astype(int) + noise).clip(0, 255).astype(np.uint8))
    assert noisy["grain"] > 0.8
    assert noisy["ground_purity"] < 0.2
    assert noisy["content_width_px"] == 20


def test_blur_lowers_sharpness_step_by_step() -> None:
    sharpness = [values(page().filter(ImageFilter.GaussianBlur(radius)))["sharpness"] for radius in (0, 0.5, 1, 2)]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] == pytest.approx(1, abs=0.05)


def test_what_is_cut_off_makes_the_border_busy() -> None:
    assert values(page().crop((30, 0, 120, 40)))["border_busy"] > 0


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 255))
def test_every_picture_has_every_statistic(width: int, height: int, level: int) -> None:
    pixels: Pixels = np.full((height, width, 3), level, np.uint8)
    pixels[0, 0] = 0
    found = measure_pictures(pixels)
    assert list(found) == list(STATISTICS)
    assert np.isfinite(list(found.values())).all()
