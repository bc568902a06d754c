"""Pictures in tar shards, as WebDataset writes them: read once from front to back, one member in memory at a time."""

import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from base.errors import ImageError
from model.reading.images import IMAGE_SUFFIXES, refuse_size
from model.reading.picture_reference import PictureReference, held_picture, lost_picture

DAMAGED = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError)


def tar_pictures(name: str, open_: Callable[[], BinaryIO], inside: str) -> Iterator[PictureReference]:
    """Yield the members of a shard that end like pictures, or the one called `inside`, as `shard.tar::member`.

    A shard that cannot be opened, ends too early or holds no picture gives a lost picture in its own name.
    """
    found = False
    try:
        with open_() as file, tarfile.open(fileobj=file, mode="r|*") as tar:
            for member in tar:
                tar.members = []  # type: ignore[attr-defined]  # tarfile would keep them all
                if member.name == inside if inside else _is_picture(member):
                    found = True
                    yield _read_member(name, tar, member)
    except DAMAGED as error:
        yield lost_picture(name, _reason(error))
        return
    if not found:
        yield lost_picture(name, f"has no member {inside}" if inside else "holds no pictures")


def _is_picture(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    hidden = any(part.startswith(".") and part != "." for part in path.parts)
    return not hidden and not member.isdir() and path.suffix.lower() in IMAGE_SUFFIXES


def _read_member(name: str, tar: tarfile.TarFile, member: tarfile.TarInfo) -> PictureReference:
    address = f"{name}::{member.name}"
    if not member.isfile():
        return lost_picture(address, "is not a regular file")
    try:
        refuse_size(member.size)
    except ImageError as error:
        return lost_picture(address, str(error))
    file = tar.extractfile(member)
    assert file is not None  # it is a regular file
    return held_picture(address, file.read(), PurePosixPath(member.name).name)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = (str(error).splitlines() or [""])[0]
    if isinstance(error, FileNotFoundError):
        return text
    if isinstance(error, EOFError) or "unexpected end" in text:
        return "is truncated"
    return f"is not a sound tar file ({text[:80]})"
