"""A large picture takes little memory while it is read, and is what it would be if it were read at once."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from base.errors import ImageError
from model.decoding.png_rows import AT_ONCE_BYTES
from model.decoding.raster import PART_PIXELS
from model.reading.crop_fitting import Geometry
from model.reading.images import decode_bytes
from tests.encodings import encode_png, save, save_tiff

Samples = npt.NDArray[np.uint8]

ACROSS, DOWN = 1100, 900

MEASURE = """
import resource, sys
from pathlib import Path
from model.reading.crop_fitting import Geometry
from model.reading.images import decode_bytes

def fit(path):
    return Geometry().fit(decode_bytes(Path(path).read_bytes()))

fit(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
fit(sys.argv[2])
print(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
"""


def scene(width: int = ACROSS, height: int = DOWN, *, seed: int = 0) -> Samples:
    """Draw RGBA of coarse blocks and fine noise, with holes."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (height // 50 + 1, width // 50 + 1, 4), dtype=np.uint8)
    drawn = np.repeat(np.repeat(blocks, 50, 0), 50, 1)[:height, :width].copy()
    drawn[:, :, :3] ^= rng.integers(0, 8, (height, width, 3), dtype=np.uint8)
    return drawn


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return save(Image.fromarray(scene()), "PNG", exif=exif, compress_level=1)


def with_palette(image: Image.Image) -> bytes:
    return save(image.convert("RGB").quantize(64, Image.Quantize.FASTOCTREE), "PNG", compress_level=1)


LARGE: dict[str, tuple[Callable[[Image.Image], bytes], float]] = {
    "PNG": (lambda image: save(image.convert("RGB"), "PNG", compress_level=1), 5),
    "PNG with alpha": (lambda image: save(image, "PNG", compress_level=1), 7),
    "PNG of nothing": (lambda image: save(Image.new("RGBA", image.size), "PNG"), 7),
    "PNG with a palette": (with_palette, 3),
    "JPEG": (lambda image: save(image.convert("RGB"), "JPEG"), 7),
    "BMP": (lambda image: save(image, "BMP"), 7),
    "TIFF": (lambda image: save(image, "TIFF", compression="tiff_lzw"), 9),
}
"""Writers, and how many bytes a pixel may take to be read beside its file: a little more than the samples have."""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the most memory is counted in other units")
@pytest.mark.parametrize("name", LARGE)
def test_a_large_picture_takes_little_more_memory_than_its_samples(name: str, tmp_path: Path) -> None:
    write, most = LARGE[name]
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(write(Image.fromarray(scene(900, 600))))
    drawn = Image.fromarray(scene(3200, 2600))
    large.write_bytes(write(drawn))
    command = [sys.executable, "-c", MEASURE, str(small), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    assert int(done.stdout) - large.stat().st_size <= most * drawn.width * drawn.height


@pytest.mark.parametrize("size", [(1100, 900), (2400, 300), (400, 2400)])
def test_a_picture_that_is_fitted_in_parts_is_the_one_that_is_fitted_at_once(size: tuple[int, int]) -> None:
    assert size[0] * size[1] > PART_PIXELS
    content = save(Image.fromarray(scene(*size)), "PNG")
    decoded = decode_bytes(content)
    fitted = Geometry().fit(decoded)
    assert np.array_equal(fitted, Geometry().fit(decode_bytes(content).image))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_large_picture_that_is_turned_is_set_upright(orientation: int) -> None:
    turns = [None, *(Image.Transpose(number) for number in (0, 3, 1, 5, 4, 6, 2))]
    lying = decode_bytes(turned(1)).image
    turn = turns[orientation - 1]
    found = decode_bytes(turned(orientation)).image
    assert found.tobytes() == (lying if turn is None else lying.transpose(turn)).tobytes()


PNG_SAMPLES = {
    "grey": (lambda rgba: rgba[:, :, 0], 8),
    "rgb": (lambda rgba: rgba[:, :, :3], 8),
    "grey alpha": (lambda rgba: rgba[:, :, [0, 3]], 8),
    "rgb alpha": (lambda rgba: rgba, 8),
    "deep grey": (lambda rgba: rgba[:, :, 0] * np.uint16(257), 16),
    "deep rgb": (lambda rgba: rgba[:, :, :3] * np.uint16(257), 16),
    "deep grey alpha": (lambda rgba: rgba[:, :, [0, 3]] * np.uint16(257), 16),
    "deep rgb alpha": (lambda rgba: rgba * np.uint16(257), 16),
}


@pytest.mark.parametrize("name", PNG_SAMPLES)
def test_a_large_png_is_the_same_whether_its_rows_are_unpacked_in_parts_or_at_once(name: str) -> None:
    take, depth = PNG_SAMPLES[name]
    samples = take(scene(900, 700))
    assert samples.nbytes > AT_ONCE_BYTES
    kind = name.removeprefix("deep ")
    at_once = decode_bytes(encode_png(samples, kind, depth=depth, interlaced=True))
    in_parts = decode_bytes(encode_png(samples, kind, depth=depth))
    assert (in_parts.image.tobytes(), in_parts.notes) == (at_once.image.tobytes(), at_once.notes)


def test_a_large_png_that_is_cut_off_is_said_to_be() -> None:
    header_and_half = encode_png(scene()[:, :, :3], "rgb")
    short = bytearray(header_and_half)
    with pytest.raises(ImageError, match="truncated"):
        decode_bytes(bytes(short[: len(short) // 2]))


def test_a_large_bmp_and_a_large_tiff_show_what_the_png_shows() -> None:
    pixels = scene()[:, :, :3]
    for content in (save(Image.fromarray(pixels), "BMP"), save_tiff(pixels), save(Image.fromarray(pixels), "QOI")):
        assert np.array_equal(np.asarray(decode_bytes(content).image), pixels)


def test_pictures_that_pillow_holds_stay_as_they_are() -> None:
    from model.reading.images import decode_opened

    held = Image.open(io.BytesIO(save(Image.fromarray(scene()), "TIFF")))
    before = held.tobytes()
    decode_opened(held).image.putpixel((0, 0), (1, 2, 3))
    assert held.tobytes() == before
