"""What of a file's pixels is missing or beside the point is said: of formats whose decoders go on without a word."""

import io
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image

from base.errors import ImageError
from model.reading.images import decode_bytes, decode_opened
from tests.crops import draw_crop
from tests.encodings import save

END_OF_JPEG = b"\xff\xd9"
JPEGS = [{"quality": quality, "subsampling": each} for quality in (30, 90) for each in (0, 1, 2, "4:1:1")]


def scan(content: bytes) -> int:
    """Return where the first coded pixels begin."""
    at = content.index(b"\xff\xda")
    return at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")


def crop(mode: str = "RGB") -> Image.Image:
    return draw_crop("checked", 1).convert(mode)


def cut(content: bytes, share: float) -> bytes:
    start = scan(content)
    return content[: start + int((len(content) - start) * share)] + END_OF_JPEG


@pytest.mark.parametrize("options", JPEGS, ids=str)
@pytest.mark.parametrize("progressive", [False, True])
def test_a_sound_jpeg_is_read_as_pillow_reads_it_without_a_word(options: dict[str, object], progressive: bool) -> None:
    content = save(crop(), "JPEG", progressive=progressive, **options)
    found = decode_bytes(content)
    assert found.note is None
    assert found.image.tobytes() == Image.open(io.BytesIO(content)).tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_a_jpeg_that_was_cut_and_closed_again_is_refused(mode: str, share: float) -> None:
    content = save(crop(mode), "JPEG")
    assert decode_bytes(content).note is None
    with pytest.raises(ImageError, match=r"^is truncated or damaged \("):
        decode_bytes(cut(content, share))


def test_a_jpeg_with_zeros_or_noise_in_its_pixels_is_refused() -> None:
    content = save(crop().resize((320, 240)), "JPEG", quality=90)
    middle = (scan(content) + len(content)) // 2
    noise = np.random.default_rng(1).integers(0, 255, 300, np.uint8).tobytes()
    for wrong in (bytes(300), noise):
        with pytest.raises(ImageError, match=r"^is truncated or damaged"):
            decode_bytes(content[:middle] + wrong + content[middle + len(wrong) :])


def test_odd_metadata_does_not_hide_damage_and_is_none() -> None:
    content = save(crop(), "JPEG", exif=b"Exif\0\0II*\0 and then nonsense")
    odd = content.replace(b"JFIF\0\1\1", b"JFIF\0\7\1")
    assert odd != content
    assert decode_bytes(odd).note is None
    with pytest.raises(ImageError, match="premature end of data segment"):
        decode_bytes(cut(odd, 0.5))


def test_stray_bytes_before_the_pixels_of_a_jpeg_are_said_and_behind_them_are_damage() -> None:
    content = save(crop(), "JPEG")
    place = content.index(b"\xff\xdb")
    note = "stray bytes before the pixels of a JPEG: they are passed over"
    found = decode_bytes(content[:place] + b"\0\0\0" + content[place:])
    assert (found.note, found.image.tobytes()) == (note, decode_bytes(content).image.tobytes())
    with pytest.raises(ImageError, match="extraneous bytes before marker"):
        decode_bytes(content[:-2] + bytes(40) + END_OF_JPEG)


def test_a_damaged_jpeg_that_pillow_has_opened_is_refused_too() -> None:
    content = save(crop(), "JPEG")
    assert decode_opened(Image.open(io.BytesIO(content))).note is None
    with pytest.raises(ImageError, match=r"^is truncated or damaged"):
        decode_opened(Image.open(io.BytesIO(cut(content, 0.5))))


def test_a_qoi_that_does_not_end_after_its_last_pixel_is_refused() -> None:
    for mode in ("RGB", "RGBA"):
        content = save(crop(mode), "QOI")
        assert decode_bytes(content).image.tobytes() == crop().tobytes()
        middle = len(content) // 2
        for wrong in (content[:-1], content[:middle] + bytes(len(content) - middle), content[:middle] + content[-8:]):
            with pytest.raises(ImageError, match=r"is truncated or damaged|not enough image data"):
                decode_bytes(wrong)


def write_tiff(*pages: tuple[Image.Image, dict[str, object]]) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for image, options in pages:
            writer.write(np.asarray(image), photometric="rgb", metadata=None, **options)
    return file.getvalue()


SMALL = Image.new("RGB", (20, 6), "white")
FULL = "a reduced copy comes first: the full picture is taken"


@pytest.mark.parametrize(("order", "is_big"), [("<", False), (">", False), ("<", True)])
def test_of_a_tiff_whose_full_picture_lies_below_a_reduced_one_it_is_taken(order: str, is_big: bool) -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=order, bigtiff=is_big) as writer:
        writer.write(np.asarray(SMALL), photometric="rgb", metadata=None, subifds=1)
        writer.write(np.asarray(crop()), photometric="rgb", metadata=None)
    found = decode_bytes(file.getvalue())
    assert (found.note, found.image.tobytes()) == (FULL, crop().tobytes())


def test_of_a_tiff_whose_full_picture_comes_behind_a_reduced_one_it_is_taken() -> None:
    found = decode_bytes(write_tiff((SMALL, {"subfiletype": 1}), (crop(), {})))
    assert (found.note, found.image.tobytes()) == (FULL, crop().tobytes())
    alone = decode_bytes(write_tiff((SMALL, {"subfiletype": 1})))
    assert (alone.note, alone.image.size) == (
        "says that it is a reduced copy of another picture, which is not in the file",
        (20, 6),
    )


def test_a_tiff_that_has_its_reduced_copy_below_it_is_read_without_a_word() -> None:
    found = decode_bytes(write_tiff((crop(), {"subifds": 1}), (SMALL, {"subfiletype": 1})))
    assert (found.note, found.image.tobytes()) == (None, crop().tobytes())


def test_a_full_picture_that_is_too_large_is_refused_by_its_header() -> None:
    content = write_tiff((SMALL, {"subifds": 1}), (crop(), {}))
    with pytest.raises(ImageError, match=f"too large: {crop().width}x{crop().height} px"):
        decode_bytes(content, most_pixels=SMALL.width * SMALL.height)


def test_of_an_icon_the_largest_picture_is_taken_with_a_note() -> None:
    small, large = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (64, 64), "blue")
    file = io.BytesIO()
    large.save(file, "ICO", sizes=[(32, 32), (64, 64)], append_images=[small])
    found = decode_bytes(file.getvalue())
    assert (found.image.getpixel((9, 9)), found.image.size) == ((0, 0, 255), (64, 64))
    assert found.note == "several pictures: the largest is taken"
    assert decode_bytes(save(large, "ICO", sizes=[(64, 64)])).note is None


def test_half_a_heic_is_damaged_where_its_package_is_and_names_it_where_not(monkeypatch: pytest.MonkeyPatch) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    content = save(crop(), "HEIF")
    with pytest.raises(ImageError, match=r"^is damaged \(HEIC\)$"):
        decode_bytes(content[: len(content) // 2])
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match="pip install"):
        decode_bytes(content[: len(content) // 2])
