import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from base.errors import BrowserError
from generator.rendering.png import decode_png, encode_png


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_pillow_reads_what_is_written_and_so_do_we(width: int, height: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    png = encode_png(pixels)
    assert (np.asarray(Image.open(io.BytesIO(png))) == pixels).all()
    assert (decode_png(png) == pixels).all()


def test_a_slice_of_a_picture_can_be_written() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    assert (decode_png(encode_png(pixels[3:9, 4:17])) == pixels[3:9, 4:17]).all()


def test_what_is_no_png_file_is_a_named_error() -> None:
    with pytest.raises(BrowserError, match="the browser's picture cannot be read"):
        decode_png(b"GIF89a")
