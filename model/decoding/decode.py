"""From a file's bytes to RGB pixels: by its kind, with what is odd about it refused or said."""

import io
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError

from base.arrays import Opacity, Samples
from base.errors import ImageError
from model.decoding import bmp_pictures, png_rows, tiff_kinds
from model.decoding.bmp_pictures import NO_ALPHA, read_bmp
from model.decoding.colour import ColourSpace, space_of_codes, to_srgb
from model.decoding.content_kinds import HEAD_BYTES, HEIC, can_read_heic, is_readable, kind_of, reason_of
from model.decoding.jpeg_damage import FORMATS_OF_JPEG, JPEG_SIGNATURE, look_for_damage
from model.decoding.libtiff_messages import DAMAGED_IN_PLACES, listening
from model.decoding.low_bits import LOW_BITS_OF_COLOURS, describe_low_bits, white_of_most
from model.decoding.png_colours import space_of_gamma
from model.decoding.png_pictures import read_png
from model.decoding.profiles import Profiled, convert_images, plain_rgb
from model.decoding.qoi_damage import refuse_damaged_qoi
from model.decoding.raster import CheckSize, Raster, spans
from model.decoding.tiff_kinds import DeepGrey, deep_grey, kind_of_tiff, refuse_tiff, small_palette
from model.decoding.tiff_pages import full_picture

FORMATS = ("JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "ICO", "QOI", "PCX", "SGI", "TGA")
"""What Pillow reads here: its other formats are rare, were not tried, or start other programs."""

ALPHA_MAY_BE_NONE = frozenset({"ICO", "TGA", "BMP", "DIB"})
"""Formats whose fourth byte often is left as it was."""

FIRST = "several pictures: the first is taken"
LARGEST = "several pictures: the largest is taken"


def read_raster(content: bytes, check_size: CheckSize) -> Raster:
    """Return what a file's bytes show.

    Raises:
        ImageError: it is refused; the text is a short reason. Pillow's decoders raise a dozen other types.
    """
    if content.startswith(png_rows.PNG_SIGNATURE):
        return read_png(content, check_size)
    if content.startswith(bmp_pictures.SIGNATURE) and not bmp_pictures.is_packed(content):
        return read_bmp(content, check_size)
    kind = kind_of(content[:HEAD_BYTES])
    if kind == HEIC and not can_read_heic():
        raise ImageError(reason_of(kind))
    formats = ("HEIF",) if kind == HEIC else FORMATS
    try:
        opened = Image.open(io.BytesIO(content), formats=formats)
    except UnidentifiedImageError as error:
        raise ImageError(_unopened(content, kind)) from error
    with opened as image:
        return raster_of(image, check_size, content=content)


def _unopened(content: bytes, kind: str) -> str:
    """Return why Pillow cannot open a file."""
    if kind == "TIFF" and (found := kind_of_tiff(content)):
        return f"is of a kind that is not read: {found}"
    if not is_readable(kind):
        return reason_of(kind)
    return "is damaged, or a PNM of a kind that is not read" if kind == "PNM" else f"is damaged ({kind})"


def raster_of(image: Image.Image, check_size: CheckSize, *, content: bytes = b"") -> Raster:
    """Return what a picture shows that Pillow holds; it stays as it is, and open."""
    check_size(image.width, image.height)
    read_here, content = bool(content), content or _unread(image)
    if image.format == "PNG" and content:
        raster = read_png(content, check_size)
        image.load()  # so that Pillow closes the file, as it does for whoever looks at the pixels
        return raster
    notes: tuple[str, ...] = ()
    if image.format == "TIFF" and read_here:  # who has opened it has chosen the page
        image, notes = full_picture(image, content)
        check_size(image.width, image.height)
    tags: Mapping[int, Any] = dict(getattr(image, "tag_v2", {}))
    if tags:
        refuse_tiff(tags)
    notes = notes or _note_several(image)
    format_ = image.format
    profile = image.info.get("icc_profile") or _profile_of_jpeg_2000(content, format_)
    with listening() as heard:
        image.load()
    notes += (DAMAGED_IN_PLACES,) if heard.complaint else ()
    if content and format_ in FORMATS_OF_JPEG:
        notes += look_for_damage(content, image.mode)
    if content and format_ == "QOI":
        refuse_damaged_qoi(content)
    check_size(image.width, image.height)  # an icon's picture can be another size than its directory says
    orientation = _orientation(image)
    if tags and image.mode == "P" and (palette := small_palette(tags)):
        image = _with_palette(image, palette)
    was_deep = format_ == "TIFF" and 16 in tiff_kinds.bits_of(tags)
    if was_deep and not image.mode.startswith("I"):
        notes += _note_lost_bits(image, tags)
    space = _space_by_number(image, content, format_)
    is_deep = _is_deep(image)
    image, more = _to_8_bit(image, tags)
    notes += more
    mode, colours, to_opacity = _split(image, was_keyed=image.mode == "LA" and is_deep)
    if to_opacity is not None and format_ in ALPHA_MAY_BE_NONE and not _shows(image, to_opacity):
        to_opacity, notes = None, (*notes, NO_ALPHA)
    profiled = _in_srgb(mode, profile, space, was_deep=was_deep)
    notes += (profiled.note,) if profiled.note else ()
    return Raster(image, lambda part: profiled.convert(colours(part)), to_opacity, orientation, notes)


def _shows(image: Image.Image, to_opacity: Callable[[Any], Opacity]) -> bool:
    """Tell whether any of a picture is not wholly transparent."""
    parts = (image.crop((0, first, image.width, end)) for first, end in spans(image.height, image.width))
    return any(to_opacity(part).any() for part in parts)


def _note_several(image: Image.Image) -> tuple[str, ...]:
    """Say that a file has more pictures than the one that Pillow shows: of an icon the largest."""
    if len(getattr(getattr(image, "ico", None), "entry", ())) > 1:
        return (LARGEST,)
    return (FIRST,) if getattr(image, "is_animated", False) else ()


def _unread(image: Image.Image) -> bytes:
    """Return the file of a PNG or JPEG whose pixels Pillow has not read yet; nothing where it has."""
    file = getattr(image, "fp", None)
    if file is None or not getattr(image, "tile", None):
        return b""
    place = file.tell()
    try:
        file.seek(0)
        content: bytes = file.read()
    finally:
        file.seek(place)
    return content if content.startswith((png_rows.PNG_SIGNATURE, JPEG_SIGNATURE)) else b""


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (SyntaxError, ValueError, KeyError, TypeError, struct.error):
        return 1  # the camera's notes are damaged; the pixels are sound
    return value if isinstance(value, int) else 1


def _with_palette(image: Image.Image, colours: list[int]) -> Image.Image:
    count = len(colours) // 3
    changed = image.copy()
    changed.putpalette(np.array(colours, np.uint8).reshape(3, count).T.tobytes())
    return changed


def _to_8_bit(image: Image.Image, tags: Mapping[int, Any]) -> tuple[Image.Image, tuple[str, ...]]:
    """Return a picture whose samples have 8 bits, with the opacity that a deep colour key gives it, and notes."""
    if not _is_deep(image):
        return image, ()
    meant = deep_grey(tags) if tags else DeepGrey(white=65535 if image.mode.startswith("I;16") else None)
    if image.format == "PPM" and image.mode == "I":
        meant = DeepGrey(white=65535)  # Pillow has scaled them
    white, notes = _white_of(image, meant)
    key = image.info.get("transparency")
    mode = "LA" if isinstance(key, int) else "L"
    whole = Image.new(mode, image.size)
    for first, values in _deep_parts(image, unsigned=meant.unsigned):
        levels = np.floor(values * (255 / white) + 0.5).clip(0, 255).astype(np.uint8)
        part = Image.fromarray(255 - levels if meant.inverted else levels)
        if mode == "LA":
            part = Image.merge("LA", (part, Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8))))
        whole.paste(part, (0, first))
    return whole, notes


def _is_deep(image: Image.Image) -> bool:
    return image.mode.startswith("I") or image.mode == "F"


def _deep_parts(image: Image.Image, *, unsigned: bool) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Yield the first row and the samples of each part."""
    for first, end in spans(image.height, image.width):
        values = np.asarray(image.crop((0, first, image.width, end)))
        yield first, values.astype(np.int64) & 0xFFFFFFFF if unsigned else values


def _white_of(image: Image.Image, meant: DeepGrey) -> tuple[float, tuple[str, ...]]:
    """Return which sample is white, and what is to be said of it."""
    ends = [(float(part.min()), float(part.max())) for _, part in _deep_parts(image, unsigned=meant.unsigned)]
    least, most = np.min([each for each, _ in ends]), float(np.max([each for _, each in ends]))
    if not least >= 0 or most == np.inf:  # also where one is not a number
        raise ImageError("has samples below 0 or beyond all numbers, of which nobody says what is black")
    if image.mode.startswith("I;16") and meant.white == 65535 and image.format == "TIFF":
        return _white_of_16_bit(np.asarray(image).astype(np.uint16, copy=False), meant)
    if meant.white is not None:
        return meant.white, ()
    white = _plausible_white(most, unsigned=meant.unsigned)
    return white, (f"{'32-bit' if image.mode == 'I' else 'floating-point'} samples: taken as 0 to {white:.10g}",)


def _white_of_16_bit(values: Samples, meant: DeepGrey) -> tuple[float, tuple[str, ...]]:
    """Return which sample is white in a TIFF, and what is to be said of it."""
    if white := white_of_most(values, meant.declared_most):
        return white, ()
    note = describe_low_bits(values)
    return 65535, (note,) if note else ()


def _note_lost_bits(image: Image.Image, tags: Mapping[int, Any]) -> tuple[str, ...]:
    """Say that 16-bit colours, of which Pillow has kept the upper 8 bits, use the lower 12 only.

    Raises:
        ImageError: the file says that it has few bits, which are gone.
    """
    brightest = max(most for _, most in np.atleast_2d(np.array(image.getextrema())))
    declared = tiff_kinds.declared_most(tags)
    if declared is not None and declared < 1 << 14 and brightest <= declared >> 8:
        raise ImageError(f"has colours of 16 bits of which {declared} is white, and would lose most; save it as PNG")
    return (LOW_BITS_OF_COLOURS,) if 0 < brightest < 1 << 4 else ()


def _plausible_white(brightest: float, *, unsigned: bool) -> float:
    """Return the smallest usual white level that the values of a picture which declares none stay under."""
    usual = (1.0, 255.0, 65535.0, float(2**32 - 1) if unsigned else brightest)
    return next(white for white in usual if brightest <= white)


def _split(
    image: Image.Image, *, was_keyed: bool
) -> tuple[str, Callable[[Any], Image.Image], Callable[[Any], Opacity] | None]:
    """Return a mode of RGB, L, CMYK and LAB, what brings a part of a picture to it, and what tells its opacity.

    The grey that `was_keyed` stays grey.
    """
    if was_keyed:
        return "L", lambda part: part.getchannel("L"), lambda part: np.asarray(part.getchannel("A"))
    if image.mode in ("La", "RGBa") or image.has_transparency_data:
        is_opaque = image.mode == "RGBA" and np.array(image.getextrema())[3, 0] == 255
        return (
            "RGB",
            lambda part: _with_alpha(part).convert("RGB"),
            None if is_opaque else lambda part: np.asarray(_with_alpha(part).getchannel("A")),
        )
    mode = "L" if image.mode == "1" else image.mode if image.mode in ("RGB", "L", "CMYK", "LAB") else "RGB"
    return mode, lambda part: part if part.mode == mode else part.convert(mode), None


def _with_alpha(part: Image.Image) -> Image.Image:
    return (part.convert("LA") if part.mode == "La" else part).convert("RGBA")


def _in_srgb(mode: str, profile: bytes | None, space: ColourSpace | None, *, was_deep: bool) -> Profiled:
    if profile:
        return convert_images(mode, profile, was_deep=was_deep)
    if space is not None:
        return Profiled(lambda part: Image.fromarray(to_srgb(np.asarray(part), space)))
    return Profiled(plain_rgb)


def _profile_of_jpeg_2000(content: bytes, format_: str | None) -> bytes | None:
    """Return the profile of a JPEG 2000, which Pillow passes over."""
    at = content.find(b"colr\x02", 0, 4096) if format_ == "JPEG2000" else -1
    if at < 4:
        return None
    return content[at + 7 : at - 4 + int.from_bytes(content[at - 4 : at], "big")]


def _space_by_number(image: Image.Image, content: bytes, format_: str | None) -> ColourSpace | None:
    """Return the colour space that a PNG which is in memory, an AVIF or a HEIC names by numbers."""
    if format_ == "PNG" and "srgb" not in image.info:
        return space_of_gamma(image.info.get("gamma"), image.info.get("chromaticity"))
    at = content.find(b"colrnclx", 0, 1 << 16) if format_ in ("AVIF", "HEIF") else -1
    if at < 0:
        return None
    return space_of_codes(*struct.unpack_from(">HH", content, at + 8))
