"""Writing files so that a reader never meets half of one, and claiming output folders."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from base.errors import InputError, MissingError, OutputExistsError


@contextlib.contextmanager
def atomic_open(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` for binary writing; fsync and rename it to `path` on success.

    Raises:
        OSError: the disk is full or the folder cannot be written; `path` is then untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all; undecodable file names inside it keep their bytes."""
    write_bytes(path, text.encode("utf-8", "surrogateescape"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content`, whole or not at all."""
    with atomic_open(path) as file:
        file.write(content)


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401  any JSON value
    """Write `value` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_jsonl(path: Path, rows: Iterable[str]) -> None:
    """Write rows that are JSON already, one a line, whole or not at all."""
    with atomic_open(path) as file:
        for row in rows:
            file.write(row.encode("utf-8", "surrogateescape") + b"\n")


def claim_folder(folder: Path, *, overwrite: bool = False, resume: bool = False) -> Path:
    """Make `folder` an output folder: create it, or accept, empty or refuse an existing one.

    Raises:
        OutputExistsError: it holds files and neither `overwrite` nor `resume` is set.
        InputError: it is a file, both are set, or one is and boxwright did not write the folder.
    """
    if overwrite and resume:
        raise InputError("--overwrite deletes what --resume would go on with; give one of them")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; an output folder is needed")
    if folder.exists() and any(folder.iterdir()):
        if overwrite or resume:
            _require_ours(folder, "--overwrite" if overwrite else "--resume")
        if overwrite:
            _empty(folder)
        elif not resume:
            raise OutputExistsError(f"{folder} is not empty; choose another folder, --resume or --overwrite")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()
    return folder


MARKER = ".boxwright"
"""A file of this name marks a folder that boxwright wrote, and may therefore delete on --overwrite."""


def _require_ours(folder: Path, option: str) -> None:
    if not (folder / MARKER).exists():
        raise InputError(
            f"{folder} was not written by boxwright (no {MARKER} file in it), so {option} leaves it alone; "
            "delete it yourself or choose another folder"
        )


def _empty(folder: Path) -> None:
    for child in folder.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        else:
            child.unlink()


def existing_folder(folder: Path) -> Path:
    """Return `folder` if it is one.

    Raises:
        MissingError: there is nothing of that name.
        InputError: it is a file.
    """
    if not folder.exists():
        raise MissingError(f"no folder {folder}")
    if not folder.is_dir():
        raise InputError(f"{folder} is a file; a folder is needed")
    return folder


def require_new_file(path: Path, *, overwrite: bool = False) -> None:
    """See that a file can be written at `path`.

    Raises:
        InputError: it is a folder.
        OutputExistsError: there is a file already, and `overwrite` does not say that it may go.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file to write")
    if path.exists() and not overwrite:
        raise OutputExistsError(f"{path} is there already; choose another file, or --overwrite")


@contextlib.contextmanager
def locked_file(path: Path) -> Iterator[None]:
    """Wait until no other process has the lock of a file, which is made if need be, and keep it meanwhile.

    Where the system has no such locks, nobody waits.
    """
    try:
        import fcntl
    except ImportError:  # there is none on Windows
        yield
        return
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
