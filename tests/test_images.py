import os
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from base.errors import ImageError, InputError, MissingError
from model.reading.crop_fitting import Geometry
from model.reading.images import content_hash, decode_image, find_images, read_image

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def half_red(mode: str = "RGB") -> Image.Image:
    """A red left half and a white right half, 8x4."""
    image = Image.new("RGB", (8, 4), WHITE)
    image.paste(RED, (0, 0, 4, 4))
    return image.convert(mode)


def png_that_claims(path: Path, width: int, height: int) -> Path:
    """Write a PNG whose header declares a size, and which holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))
    return path


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    assert image.mode == "RGB"
    value = image.getpixel((x, y))
    assert isinstance(value, tuple)
    return value


def test_folders_are_searched_below_and_hidden_or_other_files_passed_over(tmp_path: Path) -> None:
    for name in ("b.PNG", "sub/a.jpg", ".hidden.png", ".git/c.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find_images([tmp_path]) == [tmp_path / "b.PNG", tmp_path / "sub" / "a.jpg"]


def test_a_folder_is_read_by_what_its_files_hold_and_it_is_said_what_is_passed_over(
    tmp_path: Path, warned: list[str]
) -> None:
    save(tmp_path / "b", half_red(), format="png")
    save(tmp_path / "c.jp2", half_red())
    (tmp_path / "notes.png.txt").write_text("notes")
    (tmp_path / "archive").write_bytes(b"PK\3\4 and so on")
    assert find_images([tmp_path]) == [tmp_path / "b", tmp_path / "c.jp2"]
    assert warned == [
        f"{tmp_path}: 2 files were passed over: 1 text ({tmp_path}/notes.png.txt), 1 zip archive ({tmp_path}/archive)"
    ]


def test_a_named_file_is_taken_whatever_it_is_called_and_only_once(tmp_path: Path) -> None:
    odd = tmp_path / "screenshot"
    odd.touch()
    assert find_images([odd, str(tmp_path / "." / "screenshot"), tmp_path / "screen*"]) == [odd]


def test_the_order_does_not_depend_on_the_order_of_the_sources(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("b.png", "a.png", "c.png")]
    for path in paths:
        path.touch()
    assert find_images(paths) == find_images(reversed(paths)) == sorted(paths)


def test_a_name_with_brackets_is_a_name_before_it_is_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "a[1].png").touch()
    (tmp_path / "a1.png").touch()
    assert find_images([tmp_path / "a[1].png"]) == [tmp_path / "a[1].png"]


def test_a_pattern_finds_files_and_searches_the_folders_it_matches(tmp_path: Path) -> None:
    (tmp_path / "shots").mkdir()
    for name in ("shots/a.png", "shot.png", "else.png"):
        (tmp_path / name).touch()
    assert find_images([str(tmp_path / "shot*")]) == [tmp_path / "shot.png", tmp_path / "shots" / "a.png"]


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("nowhere", MissingError, "no file or folder"),
        ("*.png", MissingError, "nothing matches"),
        ("empty", InputError, "no pictures in"),
    ],
)
def test_a_source_without_pictures_is_an_error(
    tmp_path: Path, source: str, error: type[Exception], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(error, match=message):
        find_images([tmp_path / source])


def test_no_source_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="name a file"):
        find_images([])


def test_a_name_that_is_not_utf_8_is_found_and_read(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    try:
        half_red().save(tmp_path / "plain.png")
        (tmp_path / "plain.png").rename(path)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert [pixel(read_image(found), 0, 0) for found in find_images([tmp_path])] == [RED]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK"])
def test_every_colour_mode_is_read_as_it_looks(tmp_path: Path, mode: str) -> None:
    image = read_image(save(tmp_path / "a.tif", half_red(mode)))
    assert (pixel(image, 0, 0), pixel(image, 7, 0)) == (RED, WHITE)


@pytest.mark.parametrize(("mode", "name"), [("1", "a.png"), ("L", "a.png"), ("LA", "a.png"), ("F", "a.tif")])
def test_every_grey_mode_is_read_as_it_looks(tmp_path: Path, mode: str, name: str) -> None:
    image = Image.new("L", (4, 4), 0)
    image.paste(255, (2, 0, 4, 4))
    read = read_image(save(tmp_path / name, image.convert(mode)))
    assert (pixel(read, 0, 0), pixel(read, 3, 0)) == ((0, 0, 0), WHITE)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bit_grey_is_scaled_and_not_clipped(tmp_path: Path, suffix: str) -> None:
    values = np.array([[0, 16384, 32768, 65535]], np.uint16)
    read = read_image(save(tmp_path / f"deep.{suffix}", Image.fromarray(values)))
    assert [pixel(read, x, 0)[0] for x in range(4)] == [0, 64, 128, 255]


@pytest.mark.parametrize(("brightest", "shown"), [(1.0, 255), (255.0, 255), (65535.0, 255), (0.5, 128)])
def test_a_32_bit_picture_is_scaled_by_the_range_that_it_seems_to_use(
    tmp_path: Path, brightest: float, shown: int
) -> None:
    values = np.array([[0, brightest]], np.float32)
    read = read_image(save(tmp_path / "float.tif", Image.fromarray(values)))
    assert [pixel(read, x, 0)[0] for x in range(2)] == [0, shown]


def test_transparent_pixels_are_white_and_half_transparent_ones_mixed(tmp_path: Path) -> None:
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 128))
    read = read_image(save(tmp_path / "a.png", image))
    assert pixel(read, 0, 0) == WHITE
    assert pixel(read, 1, 0) == pytest.approx((255, 127, 127), abs=1)


def test_a_palette_with_a_transparent_colour_is_put_on_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([0, 0, 0, *RED])
    image.putpixel((1, 0), 1)
    read = read_image(save(tmp_path / "a.gif", image, transparency=0))
    assert (pixel(read, 0, 0), pixel(read, 1, 0)) == (WHITE, RED)


def test_a_turned_photograph_is_set_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    read = read_image(save(tmp_path / "a.png", half_red(), exif=exif))
    assert read.size == (4, 8)
    assert (pixel(read, 0, 0), pixel(read, 0, 7)) == (RED, WHITE)


def test_damaged_exif_data_does_not_hide_the_picture(tmp_path: Path) -> None:
    read = read_image(save(tmp_path / "a.png", half_red(), exif=b"Exif\x00\x00nonsense"))
    assert pixel(read, 0, 0) == RED


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_of_a_moving_picture_the_first_frame_is_read(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in (RED, BLUE)]
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    assert pixel(read_image(path), 0, 0) == RED


def damaged(folder: Path, kind: str) -> Path:
    path = folder / "bad.png"
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)
    if kind == "truncated":
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[:2000])
    elif kind == "truncated jpeg":
        Image.fromarray(noise).save(path, format="jpeg")
        path.write_bytes(path.read_bytes()[:900])
    elif kind == "text":
        path.write_text("I am a text")
    elif kind == "empty":
        path.touch()
    elif kind == "bomb":
        png_that_claims(path, 40_000, 40_000)
    elif kind == "big":  # where Pillow itself only warns
        png_that_claims(path, 10_000, 10_000)
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("truncated", "is truncated"),
        ("truncated jpeg", "is truncated"),
        ("text", "is not a picture"),
        ("empty", "is empty"),
        ("bomb", "too large"),
        ("big", "too large: 10000x10000 px"),
        ("folder", "is a folder"),
        ("pipe", "is not a regular file"),
        ("missing", "no such file or directory"),
    ],
)
def test_what_cannot_be_read_says_the_path_once_and_a_short_reason(tmp_path: Path, kind: str, reason: str) -> None:
    path = damaged(tmp_path, kind)
    with pytest.raises(ImageError) as caught:
        read_image(path)
    assert str(caught.value).startswith(f"{path}: {reason}")
    assert str(caught.value).count("bad.png") == 1
    with pytest.raises(ImageError, match=f"^{reason}"):
        decode_image(path)


@pytest.mark.parametrize("size", [(1, 4000), (4000, 1)])
def test_what_would_be_too_thin_for_a_model_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    path = png_that_claims(tmp_path / "thin.png", *size)
    path.write_bytes(path.read_bytes()[:50])  # there are no pixels to decode
    with pytest.raises(ImageError, match="is truncated"):
        decode_image(path)
    with pytest.raises(ImageError, match=f"^too long and thin: {size[0]}x{size[1]} px"):
        decode_image(path, geometry=Geometry(height_px=16, max_area_px=1024))


@pytest.mark.parametrize(("size", "taken"), [((6000, 4), True), ((4, 6000), False)])
def test_whether_a_turned_picture_is_too_thin_is_decided_as_it_stands_upright(
    tmp_path: Path, size: tuple[int, int], *, taken: bool
) -> None:
    tall_alone = Geometry(height_px=16, max_area_px=1024, floor_scale=0.01)
    assert (tall_alone.takes((6000, 4)), tall_alone.takes((4, 6000))) == (True, False)
    exif = Image.Exif()
    exif[0x0112] = 6
    image = decode_image(save(tmp_path / "a.jpg", Image.new("RGB", size), exif=exif), geometry=tall_alone)
    if taken:
        assert tall_alone.fit(image).shape == (60, 1, 3)
    else:
        with pytest.raises(ImageError, match="6000x4 px"):
            tall_alone.fit(image)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", half_red())
    path.chmod(0)
    with pytest.raises(ImageError, match="permission denied"):
        read_image(path)


def test_pillow_s_warnings_never_escape_not_even_from_threads(tmp_path: Path) -> None:
    path = damaged(tmp_path, "big")

    def reason(_: int) -> str:
        with pytest.raises(ImageError) as caught:
            decode_image(path)
        return str(caught.value)

    with warnings.catch_warnings(record=True) as seen, ThreadPoolExecutor(8) as pool:
        warnings.simplefilter("always")
        reasons = set(pool.map(reason, range(64)))
    assert seen == []
    assert reasons == {"too large: 10000x10000 px, at most 50 megapixels are read"}


def test_reading_leaves_the_callers_warning_filters_as_they_were(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", half_red())
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read_image, [path] * 32))
    assert warnings.filters == before


def test_the_content_hash_is_of_the_bytes_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b") == expected


def test_the_hash_of_a_file_that_cannot_be_read_is_an_image_error(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="nowhere: no such file"):
        content_hash(tmp_path / "nowhere")
