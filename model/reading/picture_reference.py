"""Pictures wherever they lie: a name, and a way to its bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from base.errors import ImageError
from model.reading.images import hash_bytes, read_bytes, refuse_change


@dataclass(frozen=True)
class PictureReference:
    """A picture that was found and need not have been read.

    Attributes:
        name: stands for it in tables; two pictures may share one.
        read: gives its bytes, as often as it is called and from any thread; ImageError says in short why it cannot.
        file_name: what a copy of it would be called; without an ending where it was never a file.
        path: where it lies, if it is a file of this machine.
        held: how many bytes it keeps in memory.
        content: the SHA-256 of its bytes in hex, where that is known before they are read.
        kept: what else its source says of it and its row of a table has too, as text; None for nothing.
    """

    name: str
    read: Callable[[], bytes]
    file_name: str
    path: Path | None = None
    held: int = 0
    content: str = ""
    kept: tuple[str | None, ...] = ()

    def read_hashed(self, *, always: bool) -> tuple[bytes, str]:
        """Return its bytes and their SHA-256, which is empty where it was not known and is not `always` asked for.

        Raises:
            ImageError: it cannot be read, or is not the content that it was; in short, why.
        """
        read = self.read()
        found = hash_bytes(read) if always or self.content else ""
        if self.content:
            refuse_change(found, self.content, since="first read")
        return read, found

    def read_again(self, content: str, *, since: str) -> bytes:
        """Return the bytes of a picture that was read before and had the SHA-256 `content` then.

        Raises:
            ImageError: it cannot be read again, or holds something else now; in short, why.
        """
        read = self.read()
        refuse_change(hash_bytes(read), content, since=since)
        return read


def file_picture(path: Path, *, content: str = "") -> PictureReference:
    """Return the picture that is the file `path`; `content` is the SHA-256 of its bytes where that is known."""
    return PictureReference(str(path), partial(read_bytes, path), path.name, path, content=content)


def held_picture(name: str, content: bytes, file_name: str) -> PictureReference:
    """Return a picture whose bytes are in memory."""
    return PictureReference(name, lambda: content, file_name, held=len(content))


def lost_picture(name: str, reason: str) -> PictureReference:
    """Return one that cannot be read, for a place that should hold pictures and does not."""

    def read() -> bytes:
        raise ImageError(reason)

    return PictureReference(name, read, "")
