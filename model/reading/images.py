"""Finding and reading the pictures that people really have: any mode, any damage, any name."""

import contextlib
import glob
import hashlib
import os
import stat
import threading
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from base.errors import ImageError, InputError, MissingError
from model.reading.listing import list_folder, no_pictures
from model.reading.patterns import match_pattern
from model.reading.remarks import PASSED_OVER, Remarks

if TYPE_CHECKING:
    from model.decoding.upright import Decoded
    from model.reading.crop_fitting import Geometry

MAX_PIXELS = 50_000_000
"""Pictures with more pixels are refused before they are decoded; an 8K screen has 33 million."""

MAX_BYTES = 512 << 20
"""Larger files are refused before they are read; the largest picture of `MAX_PIXELS` that is not packed has 400 MB."""


class TooManyPixelsError(ImageError):
    """A picture is larger than is read; `pixels` is how many it has by its header."""

    pixels = 0


@dataclass(frozen=True)
class Unreadable:
    """A picture that was passed over, and why."""

    path: Path
    reason: str


def find_images(sources: Iterable[str | Path]) -> list[Path]:
    """Return the pictures that files, folders (recursive) and glob patterns name: sorted, each file once.

    Raises:
        MissingError: a path does not exist, or a pattern matches nothing.
        InputError: a folder holds no picture, or nothing was named at all.
    """
    found: dict[str, Path] = {}
    passed, named = Remarks(PASSED_OVER), []
    for source in sources:
        named.append(str(source))
        for path in _expand(source, passed):
            found.setdefault(os.path.abspath(path), path)  # noqa: PTH100  resolve() would follow links
    if not found:
        raise InputError("no pictures: name a file, a folder or a pattern")
    passed.say(", ".join(named))
    return sorted(found.values())


def _expand(source: str | Path, passed: Remarks) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        here = Remarks(PASSED_OVER)
        if not (images := list_folder(path, passed=here)):
            raise no_pictures(path, here)
        passed.update(here)
        return images
    if os.path.lexists(path):  # before globbing: "a[1].png" is a name as well as a pattern
        return [path]
    if not glob.has_magic(str(source)):
        raise MissingError(f"no file or folder {path}")
    matches = [Path(match) for match in match_pattern(str(source))]
    images = [
        image for match in matches for image in (list_folder(match, passed=passed) if match.is_dir() else [match])
    ]
    if not images:
        raise MissingError(f"nothing matches {source}")
    return images


def read_image(path: Path) -> Image.Image:
    """Return the picture as RGB in sRGB, upright and decoded: the first of several.

    Under what can be seen through lies the ground on which it shows most, see `model.decoding.ground`.

    Raises:
        ImageError: it cannot be read; the text is the path and a short reason.
    """
    try:
        return decode_image(path)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error


def decode_image(path: Path, *, geometry: "Geometry | None" = None) -> Image.Image:
    """Read a picture like `read_image`, for callers that name the path themselves: ImageError is the reason alone.

    What `geometry` would not take is refused by its header.
    """
    return decode_bytes(read_bytes(path), geometry=geometry).image


def decode_bytes(content: bytes, *, most_pixels: int = MAX_PIXELS, geometry: "Geometry | None" = None) -> "Decoded":
    """Read the picture that a file's bytes hold, like `decode_image`, with notes on how it was understood."""
    from model.decoding.decode import read_raster  # loads numpy, which those who only hash do without
    from model.decoding.upright import Decoded

    refuse_size(len(content))
    with _readable():
        decoded = Decoded.of(read_raster(content, partial(_refuse_too_large, most_pixels, geometry)))
    return _remarked(decoded, geometry)


def decode_opened(
    image: Image.Image, *, most_pixels: int = MAX_PIXELS, geometry: "Geometry | None" = None
) -> "Decoded":
    """Return a picture that Pillow holds as `decode_bytes` would; it stays as it is, and open."""
    from model.decoding.decode import raster_of
    from model.decoding.upright import Decoded

    with _readable():
        decoded = Decoded.of(raster_of(image, partial(_refuse_too_large, most_pixels, geometry)))
    return _remarked(decoded, geometry)


def _remarked(decoded: "Decoded", geometry: "Geometry | None") -> "Decoded":
    """Add what a model of that geometry has to say of the size."""
    remark = geometry and geometry.remark_on(decoded.size[::-1])
    return replace(decoded, notes=(*decoded.notes, remark)) if remark else decoded


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Turn what Pillow raises into an ImageError with a short reason, and keep its warnings quiet."""
    with _quiet:
        try:
            yield
        except ImageError:
            raise
        except Exception as error:  # Pillow's decoders let a dozen error types through on damaged files
            raise ImageError(_reason(error)) from error


def read_bytes(path: Path) -> bytes:
    """Return what a regular file holds; ImageError is the reason alone."""
    _refuse_special(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageError(_reason(error)) from error


def read_same(path: Path, content: str, *, since: str) -> bytes:
    """Return what a file holds, which must have the SHA-256 `content`; ImageError is the reason alone.

    Whoever knows a picture's hash reads it by this: so what is seen, scored or copied is what the hash stands for.

    Args:
        path: of a regular file.
        content: in hex.
        since: what was done when it was hashed, as `queued`.
    """
    found = read_bytes(path)
    refuse_change(hash_bytes(found), content, since=since)
    return found


def refuse_change(found: str, content: str, *, since: str) -> None:
    """Refuse bytes whose SHA-256 is not the one known of them; ImageError is the reason alone."""
    if found != content:
        raise ImageError(f"the file has changed since it was {since}")


def hash_bytes(content: bytes) -> str:
    """Return the SHA-256 of bytes in hex: what a picture is known by, from the pool to the training."""
    return hashlib.sha256(content).hexdigest()


def content_hash(path: Path) -> str:
    """Return the SHA-256 of the file's bytes in hex.

    Raises:
        ImageError: it cannot be read; the text is the path and a short reason.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImageError(f"{path}: {_reason(error)}") from error


def _refuse_special(path: Path) -> None:
    """Refuse what must not even be opened: a named pipe would block for ever."""
    try:
        status = path.stat()
    except OSError as error:
        raise ImageError(_reason(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise ImageError("is a folder" if stat.S_ISDIR(status.st_mode) else "is not a regular file")
    refuse_size(status.st_size)


def refuse_size(size: int) -> None:
    """Refuse a file by its size in bytes; ImageError is the reason alone."""
    if size == 0:
        raise ImageError("is empty")
    if size > MAX_BYTES:
        raise ImageError(f"too large: {size >> 20} MB, at most {MAX_BYTES >> 20} MB are read")


def _refuse_too_large(most: int, geometry: "Geometry | None", width: int, height: int) -> None:
    """Refuse a picture by the size in its header, before memory is taken for its pixels."""
    if width * height > most:
        error = TooManyPixelsError(f"too large: {width}x{height} px, at most {most / 10**6:g} megapixels are read")
        error.pixels = width * height
        raise error
    if geometry is not None:  # whether it is turned is known too late for some formats
        geometry.refuse_thin((height, width), (width, height))


def _reason(error: Exception) -> str:
    text = str(error)
    if isinstance(error, UnidentifiedImageError):
        return "is not a picture"
    if isinstance(error, Image.DecompressionBombError):
        return f"too large: at most {MAX_PIXELS // 10**6} megapixels are read"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if "truncated" in text.lower() or "broken data stream" in text.lower():
        return "is truncated"
    return f"is damaged ({text.splitlines()[0][:80]})" if text else f"is damaged ({type(error).__name__})"


class _QuietPillow:
    """Silences Pillow's warnings while any thread reads; catch_warnings alone is not safe with threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        self._saved = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._readers == 0:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._readers += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._readers -= 1
            if self._readers == 0:
                self._saved.__exit__(None, None, None)


_quiet = _QuietPillow()
