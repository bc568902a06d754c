"""Where rows are written to: stdout, a file, a device, or an address that fsspec knows."""

import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from base.cache import cache_folder
from base.errors import InputError
from base.files import atomic_open
from model.classifying.columns import ClassifiedRow, Header
from model.classifying.row_formats import find_format, print_csv, write_csv
from model.reading.remote import is_remote, upload

Output = str | Path | None
"""None is stdout."""


def check_output(output: Output) -> None:
    """Refuse an output that cannot be written, as far as its name tells.

    Raises:
        InputError: it is a folder, its ending names no format, or a package for that is missing.
    """
    if output is None or _is_device(output):
        return
    if not is_remote(str(output)) and Path(output).is_dir():
        raise InputError(f"{output} is a folder; name a file to write")
    find_format(str(output))


def journal_place(output: Output) -> Path | None:
    """Return where the journal of a run lies: beside a file, in the cache for an address, nowhere for the rest."""
    if output is None or _is_device(output):
        return None
    if is_remote(str(output)):
        name = sha256(str(output).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return cache_folder("classify") / f"{name}.part"
    path = Path(output)
    return path.with_name(f".{path.name}.part")


def write_rows(output: Output, rows: Iterator[ClassifiedRow], header: Header) -> None:
    """Write rows in the format of the output: to files and addresses whole or not at all, elsewhere as they come.

    Raises:
        OSError: it cannot be written.
    """
    if output is None:
        print_csv(sys.stdout, rows, header)
    elif _is_device(output):
        with Path(output).open("wb") as file:
            write_csv(file, rows, header)
    elif is_remote(str(output)):
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder, "rows")
            with local.open("wb") as file:
                find_format(str(output))(file, rows, header)
            upload(local, str(output))
    else:
        with atomic_open(Path(output)) as file:
            find_format(str(output))(file, rows, header)


def _is_device(output: str | Path) -> bool:
    """Tell whether it is there and is neither a file nor a folder, as /dev/null."""
    path = Path(output)
    return not is_remote(str(output)) and path.exists() and not path.is_file() and not path.is_dir()
