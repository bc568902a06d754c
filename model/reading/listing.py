"""Which files of a folder are pictures: by their ending where it tells, else by their first bytes."""

import os
import stat
from pathlib import Path

from base.errors import InputError
from model.decoding.content_kinds import HEAD_BYTES, HEIC, is_readable, kind_of
from model.reading.remarks import PASSED_OVER, Remarks

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
"""A folder's files that end in one of these are taken without a look; what is wrong with one will be said of it."""

UNREADABLE = "unreadable"
NO_FILE = "no regular file"


def looks_like_picture(path: str, passed: Remarks | None = None) -> bool:
    """Tell whether a file of this machine is a picture that is read here; if not, it is counted in `passed`."""
    if os.path.splitext(path)[1].lower() in IMAGE_SUFFIXES:  # noqa: PTH122  10x faster
        return True
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  likewise; a named pipe would block for ever
            return is_picture_head(None, passed, NO_FILE)
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  likewise
            return is_picture_head(file.read(HEAD_BYTES), passed)
    except OSError:
        return is_picture_head(None, passed, UNREADABLE)


def file_kind(path: Path) -> str:
    """Return in words what a file that is no picture is, by its first bytes, and what would make it one."""
    passed = Remarks(PASSED_OVER)
    return "no picture" if looks_like_picture(str(path), passed) else passed.most_frequent


def is_picture_head(head: bytes | None, passed: Remarks | None, otherwise: str = UNREADABLE) -> bool:
    """Tell whether a file that begins with `head` is a picture that is read here; if not, it is counted in `passed`.

    Args:
        head: the first `HEAD_BYTES`; None where there are none to be had.
        passed: counts it by its kind.
        otherwise: its kind where there is no head.
    """
    kind = otherwise if head is None else kind_of(head)
    if is_readable(kind):
        return True
    if passed is not None:
        passed.add(f"{HEIC} (pip install 'boxwright[heic]' reads it)" if kind == HEIC else kind)
    return False


def list_folder(folder: Path, *, passed: Remarks | None = None) -> list[Path]:
    """Return the pictures at any depth below `folder`, sorted; hidden files and folders are passed over.

    Args:
        folder: one of this machine.
        passed: counts the other files; how many there were is said where it is None.

    Raises:
        InputError: a folder cannot be listed.
    """
    others = Remarks(PASSED_OVER) if passed is None else passed
    images = []
    for parent, folders, files in os.walk(folder, onerror=_refuse_unlistable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (os.path.join(parent, name) for name in files if not name.startswith("."))  # noqa: PTH118  10x faster
        images += [Path(path) for path in paths if looks_like_picture(path, others)]
    if passed is None:
        others.say(str(folder))
    return sorted(images)


def no_pictures(folder: str | Path, passed: Remarks) -> InputError:
    """Return (not raise) the error for a folder that holds no picture."""
    return InputError(f"no pictures in {folder}; {str(passed) or 'it holds no file'}")


def _refuse_unlistable(error: OSError) -> None:
    reason = (error.strerror or str(error)).lower()
    raise InputError(f"cannot list {error.filename}: {reason}") from error
