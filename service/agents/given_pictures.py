"""Pictures as agents give them: a path inside the folders that the user allows, or base64, within limits."""

from collections.abc import Iterable
from pathlib import Path

from base.errors import ImageError, InputError, MissingError
from service.service_settings import MEGABYTE
from service.uploads.base64_text import decode_base64

MAX_PICTURE_MB = 16
"""Of a picture's file, given either way."""

SHOWN_CHARACTERS = 200


class GivenPictures:
    """Reads what agents give, and nothing outside of `roots`."""

    def __init__(self, roots: Iterable[Path]) -> None:
        """`roots` are folders; links inside that lead out of all of them are not followed.

        Raises:
            MissingError: one is no folder.
        """
        self._roots = [_folder(root) for root in roots]

    @property
    def where(self) -> str:
        """Return the folders, for messages."""
        return ", ".join(map(str, self._roots))

    def read(self, path: str, base64: str) -> bytes:
        """Return the bytes of a picture's file; one of the two is empty.

        Raises:
            InputError: both are empty, or none; or the path is not to be read.
            MissingError: there is no such file.
            ImageError: it is too large, or no regular file, or not base64.
        """
        if bool(path) == bool(base64):
            raise InputError("give the picture either as `path` or as `base64`, one of the two")
        return self._read_file(path) if path else _decode(base64)

    def _read_file(self, path: str) -> bytes:
        from model.reading.images import read_bytes  # loads Pillow, which waits for the first picture

        shown = repr(path[:SHOWN_CHARACTERS])
        found = [resolved for root in self._roots if (resolved := _resolve(root / path)) is not None]
        inside = [file for file in found if any(file.is_relative_to(root) for root in self._roots)]
        if not inside:
            raise InputError(
                f"{shown} is not inside a folder that may be read ({self.where}); save the picture there, or send it "
                "as `base64`. Who runs this server can allow another folder with --root"
            )
        there = [(each, size) for each in inside if (size := _size_of(each)) is not None]
        if not there:
            raise MissingError(f"no file {shown}; relative paths begin at {self.where}. Take the screenshot first")
        file, size = there[0]
        try:
            if size > MAX_PICTURE_MB * MEGABYTE:
                raise _too_large()
            return read_bytes(file)
        except ImageError as error:
            raise ImageError(f"{shown} {error}") from error


def current_folder() -> Path:
    """Return the current folder, to read pictures from; some programs start others in the root of the file system.

    Raises:
        InputError: it is the root: then every picture of the machine could be read.
    """
    folder = Path.cwd()
    if folder == folder.parent:
        raise InputError(f"started in {folder}, from where every file could be read; name the folder with --root DIR")
    return folder


def _folder(root: Path) -> Path:
    if not root.is_dir():
        raise MissingError(f"no folder {root} to read pictures from; name another --root")
    return root.resolve()


def _resolve(path: Path) -> Path | None:
    """Return where a path leads when all links are followed; None for what is no path or leads in circles."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return None


def _size_of(path: Path) -> int | None:
    """Return the size of a file in bytes; None where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def _decode(text: str) -> bytes:
    if len(text) > MAX_PICTURE_MB * MEGABYTE * 3 // 2:  # four characters are three bytes; the rest may be line ends
        raise _too_large()
    try:
        content = decode_base64(text)
    except ValueError as error:
        raise ImageError(f"the picture {error}; send the file of a PNG, JPEG or WebP picture in base64") from error
    if len(content) > MAX_PICTURE_MB * MEGABYTE:
        raise _too_large()
    return content


def _too_large() -> ImageError:
    return ImageError(
        f"is too large: a picture's file has at most {MAX_PICTURE_MB} MB; save it as JPEG, or cut out a part"
    )
