"""Where rows are written to: stdout, a file, a device, or an address that fsspec knows."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from base.cache import cache_folder
from base.errors import InputError
from base.files import atomic_open
from model.reading.remote import is_remote, upload
from model.tables.row_formats import CSV, TableFormats

Output = str | Path | None
"""None is stdout."""

_Row = TypeVar("_Row")


def check_output(output: Output, formats: TableFormats[_Row], *, resume: bool) -> None:
    """Refuse an output that cannot be written, or gone on with, as far as its name tells.

    Raises:
        InputError: it is a folder, its ending names no format, or a package for that is missing.
    """
    if output is None and resume:
        raise InputError("what is printed cannot be gone on with; --resume needs an output file")
    if output is None or _is_device(output):
        return
    if not is_remote(str(output)) and Path(output).is_dir():
        raise InputError(f"{output} is a folder; name a file to write")
    formats.find(str(output))


def check_report(path: Path) -> None:
    """Refuse a path at which no report can be written.

    Raises:
        InputError: it is a folder.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; name an HTML file to write")


def check_beside(folder: Path, searched: Sequence[str | Path]) -> None:
    """Refuse a folder whose pictures would be taken for new ones.

    Raises:
        InputError: it is a file, or lies in a folder that is searched.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; a folder is needed")
    for source in map(Path, searched):
        if source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
            raise InputError(f"{folder} lies in {source}, which is searched; name a folder beside it")


def journal_place(output: Output, command: str) -> Path | None:
    """Return where the journal of a run lies: beside a file, in the cache for an address, else nowhere."""
    if output is None or _is_device(output):
        return None
    if is_remote(str(output)):
        name = sha256(str(output).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return cache_folder(command) / f"{name}.part"
    path = Path(output)
    return path.with_name(f".{path.name}.part")


def write_rows(output: Output, rows: Iterator[_Row], formats: TableFormats[_Row]) -> None:
    """Write rows in the format of the output: to files and addresses whole or not at all, elsewhere as they come.

    Raises:
        OSError: it cannot be written.
    """
    if output is None:
        formats.show(sys.stdout, rows)
    elif _is_device(output):
        with Path(output).open("wb") as file:
            formats.by_ending[CSV](file, rows)
    elif is_remote(str(output)):
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder, "rows")
            with local.open("wb") as file:
                formats.find(str(output))(file, rows)
            upload(local, str(output))
    else:
        with atomic_open(Path(output)) as file:
            formats.find(str(output))(file, rows)


def _is_device(output: str | Path) -> bool:
    """Tell whether it is there and is neither a file nor a folder, as /dev/null."""
    path = Path(output)
    return not is_remote(str(output)) and path.exists() and not path.is_file() and not path.is_dir()
