"""Pictures wherever they lie: a name, and a way to its bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from base.errors import ImageError
from model.reading.images import read_bytes


@dataclass(frozen=True)
class PictureReference:
    """A picture that was found and need not have been read.

    Attributes:
        name: stands for it in tables; two pictures may share one.
        read: gives its bytes, as often as it is called and from any thread; ImageError says in short why it cannot.
        file_name: what a copy of it would be called; without an ending where it was never a file.
        path: where it lies, if it is a file of this machine.
        held: how many bytes it keeps in memory.
    """

    name: str
    read: Callable[[], bytes]
    file_name: str
    path: Path | None = None
    held: int = 0


def file_picture(path: Path) -> PictureReference:
    """Return the picture that is the file `path`."""
    return PictureReference(str(path), partial(read_bytes, path), path.name, path)


def held_picture(name: str, content: bytes, file_name: str) -> PictureReference:
    """Return a picture whose bytes are in memory."""
    return PictureReference(name, lambda: content, file_name, held=len(content))


def lost_picture(name: str, reason: str) -> PictureReference:
    """Return one that cannot be read, for a place that should hold pictures and does not."""

    def read() -> bytes:
        raise ImageError(reason)

    return PictureReference(name, read, "")
