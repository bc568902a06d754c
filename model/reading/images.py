"""Finding and reading the pictures that people really have: any mode, any damage, any name."""

import contextlib
import glob
import hashlib
import io
import os
import stat
import struct
import threading
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from base.errors import ImageError, InputError, MissingError

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
"""A folder's files count as pictures when they end in one of these; a file that is named is always tried."""

MAX_PIXELS = 50_000_000
"""Pictures with more pixels are refused before they are decoded; an 8K screen has 33 million."""

MAX_BYTES = 512 << 20
"""Larger files are refused before they are read; the largest picture of `MAX_PIXELS` that is not packed has 400 MB."""


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
    for source in sources:
        for path in _expand(source):
            found.setdefault(os.path.abspath(path), path)  # noqa: PTH100  resolve() would follow links
    if not found:
        raise InputError("no pictures: name a file, a folder or a pattern")
    return sorted(found.values())


def _expand(source: str | Path) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        images = list_folder(path)
        if not images:
            raise InputError(f"no pictures in {path}; looked for {', '.join(sorted(IMAGE_SUFFIXES))}")
        return images
    if os.path.lexists(path):  # before globbing: "a[1].png" is a name as well as a pattern
        return [path]
    if not glob.has_magic(str(source)):
        raise MissingError(f"no file or folder {path}")
    matches = [Path(match) for match in glob.glob(str(source), recursive=True)]  # noqa: PTH207  takes absolute ones
    images = [image for match in matches for image in (list_folder(match) if match.is_dir() else [match])]
    if not images:
        raise MissingError(f"nothing matches {source}")
    return images


def list_folder(folder: Path) -> list[Path]:
    """Return the pictures at any depth below `folder`, sorted; hidden files and folders are passed over.

    Raises:
        InputError: a folder cannot be listed.
    """
    images = []
    for parent, folders, files in os.walk(folder, onerror=_refuse_unlistable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        images += [
            Path(parent, name)
            for name in files
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122  10x faster
        ]
    return sorted(images)


def _refuse_unlistable(error: OSError) -> None:
    raise InputError(f"cannot list {error.filename}: {_reason(error)}") from error


def read_image(path: Path) -> Image.Image:
    """Return the picture as RGB, upright and decoded: the first frame of a moving one, white under a transparent one.

    Raises:
        ImageError: it cannot be read; the text is the path and a short reason.
    """
    try:
        return decode_image(path)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error


def decode_image(path: Path) -> Image.Image:
    """Read a picture like `read_image`, for callers that name the path themselves: ImageError is the reason alone."""
    return decode_bytes(read_bytes(path))


def decode_bytes(content: bytes, *, most_pixels: int = MAX_PIXELS) -> Image.Image:
    """Read the picture that a file's bytes hold, like `decode_image`."""
    refuse_size(len(content))
    with _readable(), Image.open(io.BytesIO(content)) as image:
        return _decode(image, most_pixels)


def decode_opened(image: Image.Image, *, most_pixels: int = MAX_PIXELS) -> Image.Image:
    """Return a picture that Pillow holds as `decode_image` would; it stays as it is, and open."""
    with _readable():
        return _decode(image, most_pixels)


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


def _decode(image: Image.Image, most_pixels: int) -> Image.Image:
    _refuse_too_large(image, most_pixels)
    image.load()
    return _to_rgb(_upright(image))


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


def _refuse_too_large(image: Image.Image, most: int) -> None:
    """Refuse a picture by the size in its header, before memory is taken for its pixels."""
    if image.width * image.height > most:
        size = f"{image.width}x{image.height} px"
        raise ImageError(f"too large: {size}, at most {most / 10**6:g} megapixels are read")


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


def _upright(image: Image.Image) -> Image.Image:
    try:
        if image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
            return image  # Pillow would copy it
        return ImageOps.exif_transpose(image)
    except (SyntaxError, ValueError, KeyError, TypeError, struct.error):
        return image  # the camera's notes are damaged; the pixels are sound


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        image = _to_8_bit(image, white=65535)
    elif image.mode in ("I", "F"):
        image = _to_8_bit(image, white=_plausible_white(image))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() == (255, 255):  # screenshots are: no need to lay them over white
            return image.convert("RGB")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _to_8_bit(image: Image.Image, *, white: float) -> Image.Image:
    """Scale a deep grey picture so that `white` becomes 255; Pillow's own conversion would clip at 255."""
    deep = image.convert("F")
    deep.info.pop("transparency", None)  # a 16-bit grey value, meaningless after scaling
    return deep.point(lambda value: value * (255 / white) + 0.5).convert("L")


def _plausible_white(image: Image.Image) -> float:
    """Return the smallest usual white level that the values of a 32-bit picture, which declares none, stay under."""
    brightest = image.getextrema()[1]
    assert isinstance(brightest, int | float)  # a single-band mode has one pair of extrema
    return next((white for white in (1.0, 255.0, 65535.0) if brightest <= white), float(brightest))


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
