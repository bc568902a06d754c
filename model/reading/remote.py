"""Pictures at addresses that fsspec knows, such as s3://bucket/folder; the only user of fsspec."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from base.errors import ImageError, InputError, MissingError, first_line
from model.decoding.content_kinds import HEAD_BYTES
from model.decoding.picture_endings import foreign_ending
from model.reading.images import refuse_size
from model.reading.listing import (
    DROPPED,
    HIDDEN,
    UNMISSED,
    UNMISSED_FOLDERS,
    is_dropping,
    is_named_like_picture,
    is_picture_head,
)
from model.reading.picture_reference import PictureReference, lost_picture
from model.reading.remarks import Remarks

_ADDRESS = re.compile(r"[A-Za-z][\w+.-]+(::[A-Za-z][\w+.-]+)*://")


def is_remote(name: str) -> bool:
    """Tell whether a name is an address and not a path."""
    return _ADDRESS.match(name) is not None


def _connect(address: str) -> tuple[Any, str]:
    """Return the file system of an address and the path in it.

    Raises:
        InputError: fsspec is missing, or does not know the address, or lacks a package for it.
    """
    try:
        import fsspec
    except ImportError as error:
        raise InputError(f"{address}: needs fsspec; pip install 'boxwright[remote]'") from error
    try:
        system, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise InputError(f"{address}: {first_line(error, most=160)}") from error
    return system, path


def check_remote(address: str) -> None:
    """Refuse an address at which there is nothing.

    Raises:
        MissingError: there is nothing, or a pattern matches nothing.
        InputError: it cannot be reached.
    """
    system, path = _connect(address)
    try:
        there = system.exists(path) or (_has_magic(path) and bool(system.glob(path)))
    except Exception as error:  # each file system has errors of its own
        raise InputError(f"cannot look at {address}: {first_line(error, most=160)}") from error
    if not there:
        raise MissingError(f"nothing at {address}")


def remote_pictures(address: str, passed: Remarks) -> Iterator[PictureReference]:
    """Yield the pictures of a remote file, folder (searched below) or glob, sorted as they are listed."""
    system, path = _connect(address)
    # What is there by that name is meant by it, whatever signs of patterns the name has.
    for found in sorted(system.glob(path)) if _has_magic(path) and not system.exists(path) else [path]:
        if system.isdir(found):
            yield from _walk(system, found, passed)
        else:
            yield _picture(system, found)


def remote_picture(address: str) -> PictureReference:
    """Return the picture that is the file at an address."""
    try:
        return _picture(*_connect(address))
    except InputError as error:
        return lost_picture(address, str(error).removeprefix(f"{address}: "))


def open_remote(address: str) -> BinaryIO:
    """Open a remote file for reading.

    Raises:
        OSError: it cannot be opened.
    """
    system, path = _connect(address)
    try:
        file: BinaryIO = system.open(path, "rb")
    except OSError:
        raise
    except Exception as error:  # each file system has errors of its own
        raise OSError(first_line(error, most=160)) from error
    return file


def upload(file: Path, address: str) -> None:
    """Copy a file to an address.

    Raises:
        OSError: it cannot be written there.
    """
    system, path = _connect(address)
    try:
        system.put_file(str(file), path)
    except Exception as error:  # each file system has errors of its own
        raise OSError(f"cannot write {address}: {first_line(error, most=160)}") from error


def _has_magic(path: str) -> bool:
    return any(sign in path for sign in "*?[")


def _picture(system: Any, path: str) -> PictureReference:  # noqa: ANN401  fsspec has no types
    return PictureReference(system.unstrip_protocol(path), partial(_read, system, path), PurePosixPath(path).name)


def _read(system: Any, path: str) -> bytes:  # noqa: ANN401  fsspec has no types
    try:
        content: bytes = system.cat_file(path)
    except FileNotFoundError as error:
        raise ImageError("no such file") from error
    except IsADirectoryError as error:
        raise ImageError("is a folder") from error
    except Exception as error:  # each file system has errors of its own
        raise ImageError(f"cannot be read ({first_line(error, most=160)})") from error
    refuse_size(len(content))
    return content


def _walk(system: Any, folder: str, passed: Remarks) -> Iterator[PictureReference]:  # noqa: ANN401  fsspec has no types
    for entry in sorted(system.ls(folder, detail=True), key=lambda entry: str(entry["name"]).rstrip("/")):
        path = str(entry["name"]).rstrip("/")
        name = PurePosixPath(path)
        if path == folder.rstrip("/"):
            continue  # some stores list a folder as a file of no bytes in itself
        if name.name.startswith("."):
            _pass_over_hidden(system, path, passed, is_folder=entry["type"] == "directory")
        elif entry["type"] == "directory" and is_dropping(name.name):
            _pass_over(system, path, passed)
        elif entry["type"] == "directory":
            yield from _walk(system, path, passed)
        elif is_named_like_picture(name.name) or _looks_like_picture(system, path, passed):
            yield _picture(system, path)


def _looks_like_picture(system: Any, path: str, passed: Remarks) -> bool:  # noqa: ANN401  fsspec has no types
    """Tell whether a file that is not named like a picture is one; nothing is asked where its name tells of another."""
    if foreign := foreign_ending(path):
        passed.add(f"called {foreign}", system.unstrip_protocol(path))
        return False
    return is_picture_head(path, _head(system, path), passed, address=system.unstrip_protocol(path))


def _pass_over(system: Any, folder: str, passed: Remarks) -> None:  # noqa: ANN401  fsspec has no types
    for path in system.find(folder):
        if not PurePosixPath(path).name.startswith("."):
            passed.add(DROPPED, system.unstrip_protocol(path))


def _pass_over_hidden(system: Any, path: str, passed: Remarks, *, is_folder: bool) -> None:  # noqa: ANN401  likewise
    if PurePosixPath(path).name in (UNMISSED_FOLDERS if is_folder else UNMISSED):
        return
    for hidden in system.find(path) if is_folder else [path]:
        passed.add(HIDDEN, system.unstrip_protocol(hidden))


def _head(system: Any, path: str) -> bytes | None:  # noqa: ANN401  fsspec has no types
    try:
        head: bytes = system.cat_file(path, start=0, end=HEAD_BYTES)
    except Exception:
        return None
    return head
