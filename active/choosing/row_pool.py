"""A pool that is a query of a database: its pictures, of which those that are queued get a copy beside the store."""

import contextlib
import os
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from active.store.events import QueueItem
from base.files import write_bytes
from model.classifying.columns import HASH_DIGITS
from model.classifying.copy_to import content_ending
from model.databases.sql_query import QueryRows, SqlQuery, open_query
from model.reading.images import Unreadable, hash_bytes, read_same
from model.reading.picture_reference import PictureReference

COPIES_OF_URL = Path("data/labels.pictures")
"""Where the copies lie for a store that is no file."""


class RowPool:
    """The pictures of a query, each read once: what is no file of this machine waits on the disk for who queues it.

    It waits in a file without a name, so that nothing is left of it whatever becomes of this process.
    """

    def __init__(self, rows: QueryRows, folder: Path, *, without: Collection[str]) -> None:
        """`folder` is that of the copies; contents of `without` will not be queued."""
        self._rows = rows
        self._folder = folder
        self._without = without
        self._lock = threading.Lock()
        self._places: dict[str, tuple[int, int, str]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._waiting = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by `close`

    def close(self) -> None:
        """Forget what waits; the folder is deleted if nothing was ever copied."""
        self._waiting.close()
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def pictures(self) -> Iterator[PictureReference]:
        """Yield the pictures, once."""
        return (each if each.path is not None else self._watched(each) for each in self._rows.pictures)

    def place(self, picture: PictureReference, content: str) -> Path:
        """Return where a picture lies, or its copy will, called after its row and its content."""
        if picture.path is not None:
            return picture.path
        ending = self._places[content][2] if content in self._places else ""
        return self._folder / f"{picture.file_name}-{content[:HASH_DIGITS]}{ending}"

    def read_same(self, path: Path, content: str, *, since: str) -> bytes:
        """Return the bytes of a picture by where it lies or will; see `model.reading.images.read_same`."""
        return self._read(content) if content in self._places else read_same(path, content, since=since)

    def copy(self, items: Sequence[QueueItem]) -> None:
        """Make files of those items that are none yet."""
        for each in items:
            if each.item in self._places and not each.path.exists():
                write_bytes(each.path, self._read(each.item))

    def there(self, decided: Mapping[str, Path]) -> dict[str, Path]:
        """Return those that lie where they are said to."""
        return {item: path for item, path in decided.items() if path.exists()}

    def told(self, errors: Sequence[Unreadable]) -> tuple[Unreadable, ...]:
        """Return what could not be read, without the folder of the copies: there are none of such pictures."""
        return tuple(
            replace(each, path=Path(each.path.name)) if each.path.parent == self._folder else each for each in errors
        )

    def _watched(self, picture: PictureReference) -> PictureReference:
        def read() -> bytes:
            content = picture.read()
            self._keep(content)
            return content

        return replace(picture, read=read)

    def _keep(self, content: bytes) -> None:
        item = hash_bytes(content)
        with self._lock:
            if item not in self._places and item not in self._without:
                self._waiting.seek(0, os.SEEK_END)
                self._places[item] = (self._waiting.tell(), len(content), content_ending(content))
                self._waiting.write(content)

    def _read(self, item: str) -> bytes:
        with self._lock:
            start, length, _ = self._places[item]
            self._waiting.seek(start)
            return self._waiting.read(length)


@contextlib.contextmanager
def open_row_pool(query: SqlQuery, store: str, *, without: Collection[str]) -> Iterator[RowPool]:
    """Give the pool of a query whose pictures are queued in the store of that name.

    Raises:
        InputError, MissingError, DatabaseError: see `model.databases.sql_query.open_query`.
    """
    folder = COPIES_OF_URL if "://" in store else Path(store).with_suffix(".pictures")
    with open_query(query) as rows:
        pool = RowPool(rows, folder, without=without)
        try:
            yield pool
        finally:
            pool.close()
