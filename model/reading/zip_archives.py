"""Pictures in zip archives: in the order of the archive, one member in memory at a time."""

import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from base.errors import ImageError, first_line
from model.decoding.content_kinds import HEAD_BYTES
from model.reading.images import refuse_size
from model.reading.listing import is_named_like_picture, is_picture_head
from model.reading.picture_reference import PictureReference, held_picture, lost_picture
from model.reading.remarks import Remarks
from model.reading.tar_shards import is_left_out

DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)

ENCRYPTED = 1
"""A member's flag."""


def zip_pictures(name: str, open_: Callable[[], BinaryIO], inside: str, passed: Remarks) -> Iterator[PictureReference]:
    """Yield the members of an archive that are pictures, or the one called `inside`, as `archive.zip::member`.

    An archive that cannot be opened or holds no picture gives a lost picture in its own name.
    """
    found = False
    try:
        with open_() as file, zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if (
                    member.is_dir() or is_left_out(name, member.filename, passed)
                    if not inside
                    else member.filename != inside
                ):
                    continue
                picture = _read_member(name, archive, member, None if inside else passed)
                if picture is not None:
                    found = True
                    yield picture
    except DAMAGED_ZIP as error:
        yield lost_picture(name, _reason(error))
        return
    if not found:
        yield lost_picture(name, f"has no member {inside}" if inside else "holds no pictures")


def _read_member(
    name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, passed: Remarks | None
) -> PictureReference | None:
    """Return a member's picture; None where it is none, unless it was asked for by name: then `passed` is None."""
    address, path = f"{name}::{member.filename}", PurePosixPath(member.filename)
    is_named_like_one = passed is None or is_named_like_picture(path.name)
    if member.flag_bits & ENCRYPTED:
        return lost_picture(address, "is encrypted")
    try:
        with archive.open(member) as file:
            head = file.read(HEAD_BYTES)
            if not is_named_like_one and not is_picture_head(path.name, head, passed, address=address):
                return None
            refuse_size(member.file_size)
            return held_picture(address, head + file.read(), path.name)
    except (ImageError, NotImplementedError) as error:
        reason = str(error)
    except DAMAGED_ZIP as error:
        reason = f"is damaged ({first_line(error, most=80)})"
    if is_named_like_one or not is_picture_head(path.name, None, passed, address=address):
        return lost_picture(address, reason)
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError) or (isinstance(error, OSError) and not error.strerror):
        return first_line(error, most=80)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"is not a sound zip file ({first_line(error, most=80)})"
