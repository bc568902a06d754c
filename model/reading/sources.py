"""Where pictures come from: files, folders, globs, lists, tar shards, Parquet columns and remote addresses.

Everything is walked as it is asked for, in the order of the sources and sorted within a folder: of millions of
pictures, no more than the names of one folder, or the matches of one glob, are in memory.
"""

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from base.errors import InputError, MissingError
from model.reading.listing import is_passed_over, looks_like_picture, no_pictures, pass_over_hidden
from model.reading.name_lists import read_list
from model.reading.parquet_columns import check_table, import_pyarrow, parquet_pictures
from model.reading.patterns import match_pattern
from model.reading.picture_reference import PictureReference, file_picture, lost_picture
from model.reading.remarks import PASSED_OVER, Remarks
from model.reading.remote import check_remote, is_remote, open_remote, remote_picture, remote_pictures
from model.reading.tar_shards import tar_pictures
from model.reading.zip_archives import zip_pictures

STDIN = "-"
"""The source that stands for a list of names, one a line or ended by NUL, on standard input."""

Open = Callable[[], BinaryIO]

CONTAINERS: dict[str, Callable[[str, Open, str, Remarks], Iterator[PictureReference]]] = {
    ".tar": tar_pictures,
    ".tar.gz": tar_pictures,
    ".tgz": tar_pictures,
    ".tar.bz2": tar_pictures,
    ".tbz2": tar_pictures,
    ".tar.xz": tar_pictures,
    ".txz": tar_pictures,
    ".zip": zip_pictures,
    ".parquet": parquet_pictures,
    ".pq": parquet_pictures,
}
"""Files that hold pictures, by ending: name, how it is opened, what of it is meant, what it passes over -> pictures."""

TABLES = (".parquet", ".pq")

_INSIDE = re.compile(
    rf"(?P<file>.*?(?P<ending>{'|'.join(map(re.escape, CONTAINERS))}))(::(?P<inside>.+))?", re.I | re.S
)


def check_sources(sources: Sequence[str | Path]) -> None:
    """Look at the sources without reading them, so that a mistake shows now and not after hours.

    Raises:
        MissingError: one does not exist, or a pattern matches nothing.
        InputError: a folder holds no picture, a package is missing, or nothing was named at all.
    """
    if not sources:
        raise InputError("no pictures: name a file, a folder or a pattern")
    if [str(source) for source in sources].count(STDIN) > 1:
        raise InputError(f"{STDIN} stands for the list on standard input, and there is one of them")
    for source in sources:
        _check(str(source))


def _check(source: str) -> None:
    file, _, inside = _split(source)
    if source == STDIN:
        return
    if is_remote(source):
        check_remote(file)
        return
    names = _expand(file)
    for name in names:
        passed = Remarks(PASSED_OVER)
        if Path(name).is_dir() and next(_walk(name, passed), None) is None:
            raise no_pictures(name, passed)
        if _split(name)[1] in TABLES:
            import_pyarrow(name)
            if len(names) == 1:  # of many, one that holds no pictures has a row that says so
                check_table(name, partial(_open_file, name), inside)


def find_pictures(sources: Iterable[str | Path], *, listed: BinaryIO | None = None) -> Iterator[PictureReference]:
    """Yield the pictures of the sources, in their order; what turns out to hold none becomes one that is lost.

    At the end it is said how many files of folders and containers were no pictures.

    Args:
        sources: files, folders (searched below, hidden names left out), globs, `shard.tar`, `table.parquet` or
            `table.parquet::COLUMN`, any of these at an address that fsspec knows, and `-`.
        listed: what `-` stands for: names of files or containers, ended by NUL or, if none is seen, one a line.
    """
    passed = Remarks(PASSED_OVER)
    for source in map(str, sources):
        if source == STDIN:
            yield from (picture for name in read_list(listed) for picture in _pictures_of_name(name, passed))
        else:
            yield from _pictures_of_source(source, passed)
    passed.say()


def _pictures_of_source(source: str, passed: Remarks) -> Iterator[PictureReference]:
    file, _, inside = _split(source)
    if is_remote(source) and not _is_container(source):
        yield from remote_pictures(source, passed)
        return
    for name in [file] if is_remote(source) else _expand(file, passed):
        if not is_remote(name) and Path(name).is_dir():
            yield from _walk(name, passed)
        else:
            yield from _pictures_of_name(f"{name}::{inside}" if inside else name, passed)


def count_pictures(sources: Iterable[str | Path]) -> int | None:
    """Return how many pictures files, folders and globs name; None where only reading the sources would tell."""
    count = 0
    for source in map(str, sources):
        if source == STDIN or is_remote(source):
            return None
        for name in _expand(_split(source)[0]):
            if _is_container(name):
                return None
            count += sum(1 for _ in _walk(name)) if Path(name).is_dir() else 1
    return count


def are_files(sources: Iterable[str | Path]) -> bool:
    """Tell whether each picture of the sources is a file of its own on this machine, as far as their names say."""
    return not any(is_remote(str(source)) or _is_container(str(source)) for source in sources)


def _split(source: str) -> tuple[str, str, str]:
    """Return the file of an address, its ending if it is a container, and what in it is meant."""
    found = _INSIDE.fullmatch(source)
    if found is None:
        return source, "", ""
    return found["file"], found["ending"].lower(), found["inside"] or ""


def _is_container(name: str) -> bool:
    return bool(_split(name)[1]) and (is_remote(name) or not Path(name).is_dir())


def _pictures_of_name(name: str, passed: Remarks) -> Iterator[PictureReference]:
    """Yield the picture that a name stands for, or those of the container; the name is no pattern."""
    file, ending, inside = _split(name)
    if _is_container(name):
        opener = partial(open_remote, file) if is_remote(name) else partial(_open_file, file)
        yield from CONTAINERS[ending](file, opener, inside, passed)
    else:
        yield remote_picture(name) if is_remote(name) else file_picture(Path(name))


def _open_file(name: str) -> BinaryIO:
    path = Path(name)
    if not path.is_file():  # a named pipe would block for ever
        raise MissingError("is not a regular file" if path.exists() else "no such file or directory")
    return path.open("rb")


def _expand(source: str, passed: Remarks | None = None) -> list[str]:
    """Return the files and folders that a local source names, sorted; what folders without pictures hold is counted."""
    if os.path.lexists(source):  # before globbing: "a[1].png" is a name as well as a pattern
        return [source]
    if not glob.has_magic(source):
        raise MissingError(f"no file or folder {source}")
    matches = sorted(set(match_pattern(source)))
    folders = {match.rstrip(os.sep) for match in matches if os.path.isdir(match)}  # noqa: PTH112  10x faster
    # What lies below a folder that matches too is found there: ** matches both.
    names = [match for match in matches if not any(str(parent) in folders for parent in Path(match).parents)]
    names = [name for name in names if name.rstrip(os.sep) not in folders or _holds_pictures(name, passed)]
    if not names:
        raise MissingError(f"nothing matches {source}")
    return names


def _holds_pictures(folder: str, passed: Remarks | None) -> bool:
    here = Remarks(PASSED_OVER)
    found = next(_walk(folder, here), None) is not None
    if not found and passed is not None:
        passed.update(here)
    return found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself; whoever reads it is told so
        return False


def _walk(folder: str, passed: Remarks | None = None) -> Iterator[PictureReference]:
    """Yield the pictures at any depth below a folder, sorted; hidden names and links to folders are passed over."""
    waiting = [_list(folder, passed)]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
        elif isinstance(entry, PictureReference):
            yield entry
        else:
            waiting.append(_list(entry, passed))


def _list(folder: str, passed: Remarks | None) -> Iterator[PictureReference | str]:
    """Yield the pictures of one folder and the names of its folders, sorted together."""
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry.name, _is_folder(entry)) for entry in entries)
    except OSError as error:
        yield lost_picture(folder, f"cannot be listed: {(error.strerror or str(error)).lower()}")
        return
    for name, is_folder in found:
        path = os.path.join(folder, name)  # noqa: PTH118  10x faster
        if is_folder:
            if not is_passed_over(path, passed):
                yield path
        elif name.startswith("."):
            pass_over_hidden(path, passed, is_folder=False)
        elif looks_like_picture(path, passed):
            yield file_picture(Path(path))
