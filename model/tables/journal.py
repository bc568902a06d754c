"""What a run has found so far, on disk: a row for each picture, committed a chunk at a time.

It lies beside the output (see `output`) until the output is written from it as a whole: so the output is
there complete or not at all, sorting needs no memory, and a run that was killed goes on after its last commit.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from base.errors import InputError, OutputExistsError, StoreError
from model.tables.keeping import KeptRow, PictureRow, RowKeeper

LAYOUT = 2
"""Raised when an older journal would be read wrongly, for another reason than what a reading has."""

_KEPT = "path, content, reading, file, problem"
"""A row is kept as it is: path, content and the whole reading; its cells are made when it is written."""


_Row = TypeVar("_Row", bound=PictureRow)

_TABLES = """
CREATE TABLE header (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY, path BLOB NOT NULL, content TEXT NOT NULL, reading TEXT NOT NULL, file BLOB, problem TEXT
    {sorted}
);
CREATE TABLE shots (content TEXT PRIMARY KEY, seq INTEGER NOT NULL, png BLOB NOT NULL);
"""

_FETCH = 1000


class Journal(Generic[_Row]):
    """An open journal; see `open_journal`."""

    def __init__(self, connection: sqlite3.Connection, keeper: RowKeeper[_Row]) -> None:
        self._connection = connection
        self._keeper = keeper
        self._count = self._begun = int(self._one("SELECT count(*) FROM rows"))

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self._count

    def add(self, rows: Sequence[_Row], *, shots: Mapping[int, bytes] = {}, unless: Sequence[int] = ()) -> None:
        """Commit rows, with the pictures (as PNG, by place among `rows`) that a report may show.

        Pictures kept for the rows `unless`, counted from the first of all, are dropped.
        """
        first = self._count
        if self._keeper.alike:
            self._refuse_alike(rows)
        self._connection.execute("BEGIN")
        places = ", ".join("?" * (1 + len(_KEPT.split()) + len(self._keeper.sorting)))
        self._connection.executemany(
            f"INSERT INTO rows VALUES ({places})",
            [(first + place, *self._to_values(row), *self._to_order(row)) for place, row in enumerate(rows)],
        )
        self._connection.executemany(
            "INSERT OR REPLACE INTO shots VALUES (?, ?, ?)",
            [(rows[place].content, first + place, png) for place, png in shots.items()],
        )
        self._connection.executemany("DELETE FROM shots WHERE seq = ?", [(seq,) for seq in unless])
        self._connection.execute("COMMIT")
        self._count += len(rows)

    def pass_over(self, name: str) -> bool:
        """Tell whether an earlier run left a row of that name, where names are not shared.

        Raises:
            InputError: it was asked for a second time.
        """
        if not self._has(name, before=self._begun):
            return False
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS passed (path BLOB PRIMARY KEY)")
        try:
            self._connection.execute("INSERT INTO passed VALUES (?)", (os.fsencode(name),))
        except sqlite3.IntegrityError:
            raise InputError(f"{self._keeper.alike} {name}") from None
        return True

    def _refuse_alike(self, rows: Sequence[_Row]) -> None:
        """Refuse rows of which two share a name, with each other or with earlier ones."""
        names = set[str]()
        for name in (row.path for row in rows):
            if name in names or self._has(name, before=self._count):
                raise InputError(f"{self._keeper.alike} {name}")
            names.add(name)

    def _has(self, name: str, *, before: int) -> bool:
        found = self._connection.execute("SELECT 1 FROM rows WHERE path = ? AND seq < ?", (os.fsencode(name), before))
        return found.fetchone() is not None

    def rows(self, *, sort: str | None = None) -> Iterator[_Row]:
        """Yield all rows, in the order in which they came or sorted by one of the keeper's `orders`.

        Raises:
            InputError: there is no such order.
        """
        order = "seq" if sort is None else self._keeper.order_by(sort)
        return map(self._to_row, self._read(f"SELECT {_KEPT} FROM rows ORDER BY {order}"))

    def shots(self) -> Iterator[tuple[int, _Row, bytes]]:
        """Yield the pictures that were kept, least certain first: number of the row, the row, PNG."""
        for seq, png, *values in self._read(
            f"SELECT seq, png, {_KEPT} FROM rows JOIN (SELECT seq, png FROM shots) USING (seq)"
            f" ORDER BY {self._keeper.order_by('confidence')}"
        ):
            yield seq, self._to_row(values), png

    def header(self) -> dict[str, Any]:
        """Return what was written down when the journal was begun."""
        return {name: json.loads(value) for name, value in self._read("SELECT name, value FROM header")}

    def _to_order(self, row: _Row) -> list[Any]:
        """Return what rows are sorted by; text as bytes, in which names that are not UTF-8 have their place too."""
        return [os.fsencode(cell) if isinstance(cell, str) else cell for cell in self._keeper.to_sorting(row)]

    def _to_values(self, row: _Row) -> tuple[Any, ...]:
        """Return the values of `_KEPT`."""
        reading = json.dumps(self._keeper.to_values(row))
        file = None if row.file is None else _ITSELF if str(row.file) == row.path else os.fsencode(row.file)
        return os.fsencode(row.path), row.content, reading, file, row.problem

    def _to_row(self, values: Iterable[Any]) -> _Row:
        path, content, reading, file, problem = values
        place = None if file is None else Path(os.fsdecode(file if file != _ITSELF else path))
        return self._keeper.to_row(KeptRow(os.fsdecode(path), content, json.loads(reading), place, problem))

    def _one(self, sql: str) -> Any:  # noqa: ANN401  whatever was asked for
        return self._connection.execute(sql).fetchone()[0]

    def _read(self, sql: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._connection.execute(sql)
        while chunk := cursor.fetchmany(_FETCH):
            yield from chunk


@contextlib.contextmanager
def open_journal(
    path: Path | None, keeper: RowKeeper[_Row], *, begun: Mapping[str, Any], resume: bool = False
) -> Iterator[Journal[_Row]]:
    """Open a journal, which is deleted when the block ends well and kept, if it holds a row, when it does not.

    Args:
        path: of the journal; one that nobody else sees, and that is gone afterwards, when None.
        keeper: how rows are kept.
        begun: JSON values that say what the rows depend on.
        resume: go on with what is there; it is deleted otherwise.

    Raises:
        InputError: what is there was begun with another header, or is something else.
        OutputExistsError: another process is writing it.
        StoreError: it cannot be written.
    """
    written = {"layout": LAYOUT, "kept of a picture": keeper.signature, **begun}
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(path or "", timeout=1, isolation_level=None)) as connection:
            _prepare(connection, path, resume=resume, header=written, sorting=keeper.sorting)
            if keeper.alike:
                connection.execute("CREATE INDEX IF NOT EXISTS names ON rows (path)")
            journal = Journal(connection, keeper)
            _refuse_other(journal.header(), written, path)
            try:
                yield journal
            except BaseException:
                if path is not None and not len(journal):
                    _delete(path)
                raise
            if path is not None:
                _delete(path)
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise OutputExistsError(f"{path}: another run is writing this output") from error
        raise StoreError(f"{path or 'temporary file'}: {error}") from error


def _prepare(
    connection: sqlite3.Connection,
    path: Path | None,
    *,
    resume: bool,
    header: Mapping[str, Any],
    sorting: Sequence[str],
) -> None:
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN EXCLUSIVE")
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise InputError(f"{path} is no journal of an interrupted run; delete it") from error
        raise
    if tables and not resume:
        for name in tables:
            connection.execute(f'DROP TABLE "{name}"')
    if not tables or not resume:
        sort_columns = "".join(f', "{name}"' for name in sorting)
        for statement in _TABLES.format(sorted=sort_columns).strip().split(";\n"):
            connection.execute(statement)
        values = [(name, json.dumps(value)) for name, value in header.items()]
        connection.executemany("INSERT INTO header VALUES (?, ?)", values)
    connection.execute("COMMIT")


def _refuse_other(begun: dict[str, Any], now: dict[str, Any], path: Path | None) -> None:
    differing = [name for name in now if begun.get(name) != json.loads(json.dumps(now[name]))]
    if differing:
        name = differing[0]
        raise InputError(
            f"{path}: {name}: the interrupted run was begun with {_brief(begun.get(name))}, not {_brief(now[name])}; "
            "go on as it was begun, or leave out --resume to begin again"
        )


def _brief(value: Any) -> str:  # noqa: ANN401  any JSON value
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _delete(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


_ITSELF = b""
"""Stands for a file that is the path."""
