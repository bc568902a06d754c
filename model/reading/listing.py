"""Which files of a folder are pictures: by their ending where they have one, else by their first bytes.

A file with another ending is none, whatever it holds: `a.png.bak` is a copy, `a.png.part` half a download.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from base.errors import InputError
from base.files import MARKER
from model.decoding.content_kinds import HEAD_BYTES, HEIC, is_readable, kind_of
from model.decoding.picture_endings import TAKEN_AS_THEY_ARE, foreign_ending
from model.reading.remarks import PASSED_OVER, Remarks

UNREADABLE = "unreadable"
NO_FILE = "no regular file"

DROPPINGS = frozenset(
    {"__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__pycache__"}
)
"""Folders that systems and other programs leave; what is in them is nobody's picture."""

DROPPED = "in folders that other programs leave"
HIDDEN = "hidden"
LINKED = "link to a folder"
HOLLOW = "empty folder called like a picture"

UNMISSED = frozenset({MARKER, ".DS_Store", ".directory", ".gitattributes", ".gitignore", ".gitkeep"})
"""Hidden files that nobody takes for pictures: they are not counted."""

UNMISSED_FOLDERS = frozenset({".card", ".git", ".shards"})
"""Hidden folders likewise."""


def looks_like_picture(path: str, passed: Remarks | None = None) -> bool:
    """Tell whether a file of this machine is a picture that is read here; if not, it is counted in `passed`."""
    if is_named_like_picture(path):
        return True
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  10x faster; a named pipe would block for ever
            return is_picture_head(path, None, passed, NO_FILE)
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  likewise
            return is_picture_head(path, file.read(HEAD_BYTES), passed)
    except OSError:
        return is_picture_head(path, None, passed, UNREADABLE)


def is_named_like_picture(name: str) -> bool:
    """Tell whether a file is taken for a picture without a look, by its ending."""
    return os.path.splitext(name)[1].lower() in TAKEN_AS_THEY_ARE  # noqa: PTH122  10x faster


def file_kind(path: Path) -> str:
    """Return in words what a file that is no picture is, by its first bytes, and what would make it one."""
    passed = Remarks(PASSED_OVER)
    return "no picture" if looks_like_picture(str(path), passed) else passed.most_frequent


def is_picture_head(
    name: str, head: bytes | None, passed: Remarks | None, otherwise: str = UNREADABLE, *, address: str = ""
) -> bool:
    """Tell whether a file that begins with `head` is a picture that is read here; if not, it is counted in `passed`.

    Args:
        name: of the file; one that ends otherwise than pictures do is none.
        head: the first `HEAD_BYTES`; None where there are none to be had.
        passed: counts it by its kind.
        otherwise: its kind where there is no head.
        address: what it is named by where something is said of it, if not by `name`.
    """
    kind = otherwise if head is None else kind_of(head)
    foreign = foreign_ending(name)
    if is_readable(kind) and not foreign:
        return True
    if passed is not None:
        hint = f"{HEIC} (pip install 'boxwright[heic]' reads it)"
        what = f"called {foreign}" if is_readable(kind) else hint if kind == HEIC else kind
        passed.add(what, address or name)
    return False


def is_dropping(folder_name: str) -> bool:
    """Tell whether a folder of this name was left by a system or another program."""
    return folder_name in DROPPINGS


def files_below(folder: str) -> Iterator[str]:
    """Yield the files at any depth below a folder, but hidden ones."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(parent, name) for name in files if not name.startswith("."))  # noqa: PTH118  10x faster


def pass_over_hidden(path: str, passed: Remarks | None, *, is_folder: bool) -> None:
    """Count a hidden file, or the files in a hidden folder, but for those that nobody misses."""
    name = os.path.basename(path)  # noqa: PTH119  10x faster
    if passed is None or name in (UNMISSED_FOLDERS if is_folder else UNMISSED):
        return
    below = (os.path.join(parent, each) for parent, _, files in os.walk(path) for each in files)  # noqa: PTH118  likewise
    for hidden in below if is_folder else (path,):
        passed.add(HIDDEN, hidden)


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
        for name in sorted(files):
            path = os.path.join(parent, name)  # noqa: PTH118  10x faster
            if name.startswith("."):
                pass_over_hidden(path, others, is_folder=False)
            elif looks_like_picture(path, others):
                images.append(Path(path))
        below = [os.path.join(parent, name) for name in sorted(folders)]  # noqa: PTH118  likewise
        folders[:] = [os.path.basename(path) for path in below if not is_passed_over(path, others)]  # noqa: PTH119  likewise
    if passed is None:
        others.say(str(folder))
    return sorted(images)


def is_passed_over(folder: str, passed: Remarks | None) -> bool:
    """Tell whether nothing in a folder that lies in another is looked for, and count what is passed over."""
    name = os.path.basename(folder)  # noqa: PTH119  10x faster
    if name.startswith("."):
        pass_over_hidden(folder, passed, is_folder=True)
        return True
    if os.path.islink(folder):  # noqa: PTH114  likewise; it may lead in circles
        remark, found = LINKED, iter((folder,))
    elif is_dropping(name):
        remark, found = DROPPED, files_below(folder)
    elif is_hollow_picture(folder):
        remark, found = HOLLOW, iter((folder,))
    else:
        return False
    for each in found:
        if passed is not None:
            passed.add(remark, each)
    return True


def is_hollow_picture(folder: str | Path) -> bool:
    """Tell whether a folder is called like a picture, which somebody may miss, and holds nothing."""
    return is_named_like_picture(str(folder)) and next(files_below(str(folder)), None) is None


def no_pictures(folder: str | Path, passed: Remarks) -> InputError:
    """Return (not raise) the error for a folder that holds no picture."""
    return InputError(f"no pictures in {folder}; {str(passed) or 'it holds no file'}")


def _refuse_unlistable(error: OSError) -> None:
    reason = (error.strerror or str(error)).lower()
    raise InputError(f"cannot list {error.filename}: {reason}") from error
