"""Pictures in tar shards, as WebDataset writes them: read once from front to back, one member in memory at a time."""

import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from base.errors import ImageError
from model.decoding.content_kinds import HEAD_BYTES
from model.reading.images import refuse_size
from model.reading.listing import (
    DROPPED,
    HIDDEN,
    NO_FILE,
    UNMISSED,
    is_dropping,
    is_named_like_picture,
    is_picture_head,
)
from model.reading.picture_reference import PictureReference, held_picture, lost_picture
from model.reading.remarks import Remarks
from model.reading.tar_members import open_tar

OUTSIDE = "called by a name that leads out of the archive"

DAMAGED_TAR = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError)


def tar_pictures(name: str, open_: Callable[[], BinaryIO], inside: str, passed: Remarks) -> Iterator[PictureReference]:
    """Yield the members of a shard that are pictures, or the one called `inside`, as `shard.tar::member`.

    A shard that cannot be opened, ends too early or holds no picture gives a lost picture in its own name.
    """
    found = False
    try:
        with open_() as file, open_tar(file) as (tar, members):
            for member in members:
                if member.isdir() or is_left_out(name, member.name, passed) if not inside else member.name != inside:
                    continue
                picture = _read_member(name, tar, member, None if inside else passed)
                if picture is not None:
                    found = True
                    yield picture
    except DAMAGED_TAR as error:
        yield lost_picture(name, _reason(error))
        return
    if not found:
        yield lost_picture(name, f"has no member {inside}" if inside else "holds no pictures")


def is_left_out(archive: str, member: str, passed: Remarks) -> bool:
    """Tell whether a member leads out of its archive, or is hidden or left by another program, and count it then.

    So is one in a folder that is hidden or left by another program.
    """
    parts = PurePosixPath(member).parts
    is_hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    is_dropped = any(map(is_dropping, parts[:-1]))
    what = OUTSIDE if ".." in parts else DROPPED if is_dropped else HIDDEN if is_hidden else ""
    # What other programs leave beside each file, as macOS does, is in folders of theirs and hidden: nobody misses it.
    if what and parts[-1] not in UNMISSED and not (is_dropped and is_hidden):
        passed.add(what, f"{archive}::{member}")
    return bool(what)


def _read_member(
    name: str, tar: tarfile.TarFile, member: tarfile.TarInfo, passed: Remarks | None
) -> PictureReference | None:
    """Return a member's picture; None where it is none, unless it was asked for by name: then `passed` is None."""
    address, path = f"{name}::{member.name}", PurePosixPath(member.name)
    is_named_like_one = passed is None or is_named_like_picture(path.name)
    if not member.isfile():
        if is_named_like_one or is_picture_head(path.name, None, passed, NO_FILE, address=address):
            return lost_picture(address, "is not a regular file")
        return None
    file = tar.extractfile(member)
    assert file is not None  # it is a regular file
    head = file.read(HEAD_BYTES)
    if not is_named_like_one and not is_picture_head(path.name, head, passed, address=address):
        return None
    try:
        refuse_size(member.size)
    except ImageError as error:
        return lost_picture(address, str(error))
    return held_picture(address, head + file.read(), path.name)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = (str(error).splitlines() or [""])[0]
    if isinstance(error, FileNotFoundError):
        return text
    if isinstance(error, EOFError) or "unexpected end" in text:
        return "is truncated"
    return f"is not a sound tar file ({text[:80]})"
