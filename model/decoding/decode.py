"""From a file's bytes to RGB pixels: by its kind, with what is odd about it refused or said."""

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from base.arrays import Samples
from base.errors import ImageError
from model.decoding import bmp_pictures, png_pictures, tiff_kinds
from model.decoding.bmp_pictures import NO_ALPHA, read_bmp
from model.decoding.colour import ColourSpace, space_of_codes, to_srgb
from model.decoding.content_kinds import HEAD_BYTES, HEIC, can_read_heic, is_readable, kind_of, reason_of
from model.decoding.ground import lay_on_ground
from model.decoding.jpeg_damage import FORMATS_OF_JPEG, JPEG_SIGNATURE, look_for_damage
from model.decoding.libtiff_messages import DAMAGED_IN_PLACES, listening
from model.decoding.low_bits import LOW_BITS_OF_COLOURS, describe_low_bits, white_of_most
from model.decoding.png_pictures import read_png, space_of_gamma
from model.decoding.profiles import apply_profile, plain_rgb
from model.decoding.qoi_damage import refuse_damaged_qoi
from model.decoding.raster import CheckSize, Raster
from model.decoding.tiff_kinds import DeepGrey, deep_grey, kind_of_tiff, refuse_tiff, small_palette
from model.decoding.tiff_pages import full_picture

FORMATS = ("JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "ICO", "QOI", "PCX", "SGI", "TGA")
"""What Pillow reads here: its other formats are rare, were not tried, or start other programs."""

ALPHA_MAY_BE_NONE = frozenset({"ICO", "TGA", "BMP", "DIB"})
"""Formats whose fourth byte often is left as it was."""

FIRST = "several pictures: the first is taken"
LARGEST = "several pictures: the largest is taken"

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Decoded:
    """An RGB picture, upright, and what is to be said of how it was read."""

    image: Image.Image
    notes: tuple[str, ...] = ()

    @property
    def note(self) -> str | None:
        """Return the notes as one text."""
        return "; ".join(self.notes) or None


def finish_raster(raster: Raster) -> Decoded:
    """Lay a picture on a ground if it can be seen through, set it upright, and take off what else its file said.

    A colour profile above all: the pixels are sRGB now, and LittleCMS writes the second into its profiles, so that
    whatever is saved of the picture, such as a report, would be other bytes each time.
    """
    image, notes = raster.image, raster.notes
    if raster.alpha is not None:
        image, note = lay_on_ground(image, raster.alpha)
        notes += (note,) if note else ()
    turn = _TURNS.get(raster.orientation)
    image = image if turn is None else image.transpose(turn)
    image.info = {}
    return Decoded(image, notes)


def read_raster(content: bytes, check_size: CheckSize) -> Raster:
    """Return what a file's bytes show.

    Raises:
        ImageError: it is refused; the text is a short reason. Pillow's decoders raise a dozen other types.
    """
    if content.startswith(png_pictures.SIGNATURE):
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
    image, key, more = _to_8_bit(image, tags)
    notes += more
    image, alpha = _split(image, key)
    if alpha is not None and format_ in ALPHA_MAY_BE_NONE and alpha.getextrema()[1] == 0:
        alpha, notes = None, (*notes, NO_ALPHA)
    image, more = _in_srgb(image, profile, _space_by_number(image, content, format_), was_deep=was_deep)
    return Raster(image, alpha, orientation, notes + more)


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
    return content if content.startswith((png_pictures.SIGNATURE, JPEG_SIGNATURE)) else b""


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


def _to_8_bit(image: Image.Image, tags: Mapping[int, Any]) -> tuple[Image.Image, Image.Image | None, tuple[str, ...]]:
    """Return a picture whose samples have 8 bits, the opacity that a deep colour key gives it, and notes."""
    if not image.mode.startswith("I") and image.mode != "F":
        return image, None, ()
    values = np.asarray(image)
    meant = deep_grey(tags) if tags else DeepGrey(white=65535 if image.mode.startswith("I;16") else None)
    if image.format == "PPM" and image.mode == "I":
        meant = DeepGrey(white=65535)  # Pillow has scaled them
    if meant.unsigned:
        values = values.astype(np.int64) & 0xFFFFFFFF
    least, most = float(values.min()), float(values.max())
    if not least >= 0 or most == np.inf:  # also where one is not a number
        raise ImageError("has samples below 0 or beyond all numbers, of which nobody says what is black")
    white = meant.white
    notes: tuple[str, ...] = ()
    if image.mode.startswith("I;16") and white == 65535 and image.format == "TIFF":
        white, notes = _white_of_16_bit(values.astype(np.uint16), meant)
    if white is None:
        white = _plausible_white(most, unsigned=meant.unsigned)
        notes = (f"{'32-bit' if image.mode == 'I' else 'floating-point'} samples: taken as 0 to {white:.10g}",)
    levels = np.floor(values * (255 / white) + 0.5).clip(0, 255).astype(np.uint8)
    alpha = None
    if isinstance(key := image.info.get("transparency"), int):
        alpha = Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8))
    return Image.fromarray(255 - levels if meant.inverted else levels), alpha, notes


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


def _split(image: Image.Image, alpha: Image.Image | None) -> tuple[Image.Image, Image.Image | None]:
    """Return a picture of mode RGB, L, CMYK or LAB, and its opacity."""
    if image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        alpha = None if alpha.getextrema()[0] == 255 else alpha
        return image.convert("RGB"), alpha
    if image.mode == "1":
        return image.convert("L"), alpha
    return image if image.mode in ("RGB", "L", "CMYK", "LAB") else image.convert("RGB"), alpha


def _in_srgb(
    image: Image.Image, profile: bytes | None, space: ColourSpace | None, *, was_deep: bool
) -> tuple[Image.Image, tuple[str, ...]]:
    if profile:
        found = apply_profile(image, profile, was_deep=was_deep)
        return found.image, (found.note,) if found.note else ()
    if space is not None:
        return Image.fromarray(to_srgb(np.asarray(image), space)), ()
    return plain_rgb(image), ()


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
