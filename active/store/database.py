"""The databases that a label store can live in, behind one interface: a SQLite file, or PostgreSQL by URL."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from active.store.holders import lock_holders
from active.store.patience import QUIET_S, Patience
from base.errors import MissingError, StoreError

if TYPE_CHECKING:
    import psycopg

DatabaseRow = tuple[Any, ...]
DatabaseValue = str | int | float | bytes | None

APPLICATION_ID = 0x424F5857
"""Stands in the file's header ("BOXW"), so that a store is told from any other SQLite file."""

BUSY_TIMEOUT_S = 60.0
"""A commit takes milliseconds: whoever holds the lock longer than this is stuck, and that is an error."""

POSTGRES_SCHEMA = "boxwright"
"""Holds all tables, so that a store can live in a database that has other uses."""


class Database(Protocol):
    """A connection that takes SQL with `?` for values; outside of `writing` each statement is its own commit."""

    name: str
    """For messages; without a password."""
    dialect: str
    now_s: str
    """The SQL for the seconds since 1970 by the database's one clock."""
    for_update: str
    skip_locked: str
    patience: Patience
    """Says what is waited for when a call takes long."""

    def execute(self, sql: str, values: Sequence[DatabaseValue] = ()) -> list[DatabaseRow]:
        """Run one statement and return its rows."""

    def executemany(self, sql: str, rows: Iterable[Sequence[DatabaseValue]]) -> None:
        """Run one statement for each row of values."""

    def writing(self) -> contextlib.AbstractContextManager[None]:
        """Commit the block's changes when it ends, or take them all back when it raises; one writer at a time."""

    def is_empty(self) -> bool:
        """Tell whether nothing was ever made here."""

    def is_store(self) -> bool:
        """Tell whether this is a label store, of whatever version."""

    def mark(self) -> None:
        """Mark a new store as one."""

    def close(self) -> None:
        """Close the connection; nothing is waiting to be written."""


def connect_database(place: str | Path, *, create: bool) -> Database:
    """Connect to a SQLite file, or to the database of a `postgresql://` URL.

    Raises:
        MissingError: there is no such file and `create` is False.
        StoreError: it cannot be opened, or the URL is of another kind.
    """
    if isinstance(place, Path) or "://" not in place:
        return _Sqlite(Path(place), create=create)
    scheme = place.partition("://")[0]
    if scheme not in ("postgresql", "postgres"):
        raise StoreError(f"unknown kind of label store {scheme}://; a file's path or postgresql://USER@HOST/DATABASE")
    return _Postgres(place)


class _Sqlite:
    """A SQLite file in WAL mode; a commit is on the disk when it returns."""

    dialect = "sqlite"
    now_s = "((julianday('now') - 2440587.5) * 86400.0)"
    for_update = skip_locked = ""

    def __init__(self, path: Path, *, create: bool) -> None:
        self.name = str(path)
        self._path = path.absolute()
        self.patience = Patience(self._waits_for)
        _check_place(path, create=create)
        with self._errors():
            # Absolute, so that no name has a meaning of its own to SQLite, as ":memory:" has.
            self._connection = sqlite3.connect(path.absolute(), timeout=BUSY_TIMEOUT_S, isolation_level=None)

    def execute(self, sql: str, values: Sequence[DatabaseValue] = ()) -> list[DatabaseRow]:
        with self.patience.call(), self._errors():
            return self._connection.execute(sql, values).fetchall()

    def executemany(self, sql: str, rows: Iterable[Sequence[DatabaseValue]]) -> None:
        with self.patience.call(), self._errors():
            self._connection.executemany(sql, rows)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        # IMMEDIATE takes the write lock before anything is read: a reader that becomes a writer later would fail
        # with "database is locked" at once, without waiting for its turn.
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self.execute("ROLLBACK")
            raise

    def is_empty(self) -> bool:
        return not self.execute("SELECT 1 FROM sqlite_master")

    def is_store(self) -> bool:
        return self.execute("PRAGMA application_id") == [(APPLICATION_ID,)]

    def mark(self) -> None:
        self.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    def close(self) -> None:
        self.patience.close()
        self._connection.close()

    def _waits_for(self) -> str:
        return f"{_waits_for(self.name, self._holders())}, for {BUSY_TIMEOUT_S:.0f} s at most"

    def _holders(self) -> tuple[str, ...]:
        return lock_holders([self._path.with_name(self._path.name + ending) for ending in ("", "-shm", "-journal")])

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code == sqlite3.SQLITE_NOTADB:
                raise StoreError(f"{self.name} is not a boxwright label store") from error
            if code == sqlite3.SQLITE_BUSY:
                who = " and ".join(self._holders()) or "another process"
                raise StoreError(
                    f"label store {self.name} has been locked by {who} for {BUSY_TIMEOUT_S:.0f} s; "
                    "end what holds it, and try again"
                ) from error
            raise StoreError(f"label store {self.name}: {error}") from error


def _waits_for(name: str, holders: Sequence[str]) -> str:
    """Return what is waited for, in words."""
    if not holders:
        return f"label store {name} has not answered for {QUIET_S:.0f} s, another process may hold it; waiting"
    return f"label store {name} is locked by {' and '.join(holders)}; waiting"


def _check_place(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a folder; a label store is a file")
    if not create and not path.exists():
        raise MissingError(f"no label store {path}; `boxwright queue` makes one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder of {path}: {error.strerror}") from error


_BLOCKING = """SELECT usename, coalesce(host(client_addr), 'the server itself'), pid, left(query, 60)
    FROM pg_stat_activity WHERE pid = ANY(pg_blocking_pids(%s)) ORDER BY pid"""


class _Postgres:
    """A PostgreSQL database; passwords come from the URL, PGPASSWORD or ~/.pgpass."""

    dialect = "postgresql"
    now_s = "(extract(epoch FROM clock_timestamp())::double precision)"
    for_update = "FOR UPDATE"
    skip_locked = "FOR UPDATE SKIP LOCKED"

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = _without_password(url)
        try:
            import psycopg
        except ImportError as error:
            raise StoreError(f"{self.name} needs psycopg: pip install 'boxwright[postgres]'") from error
        self._psycopg = psycopg
        self._backend: int | None = None
        self.patience = Patience(self._waits_for)
        self._connection = self._connect()

    def _connect(self) -> "psycopg.Connection[DatabaseRow]":
        self._backend = None
        with self.patience.call(), self._errors():
            connection = self._psycopg.connect(self._url, autocommit=True, connect_timeout=10)
            connection.execute(f"SET search_path TO {POSTGRES_SCHEMA}")
            self._backend = connection.info.backend_pid
            return connection

    def execute(self, sql: str, values: Sequence[DatabaseValue] = ()) -> list[DatabaseRow]:
        if self._connection.closed:
            self._connection = self._connect()  # the server was restarted, or the line was cut
        with self.patience.call(), self._errors():
            cursor = self._connection.execute(sql.replace("?", "%s").encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def executemany(self, sql: str, rows: Iterable[Sequence[DatabaseValue]]) -> None:
        with self.patience.call(), self._errors():
            self._connection.cursor().executemany(sql.replace("?", "%s").encode(), rows)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        self.execute("BEGIN")
        try:
            # As in SQLite, one writer at a time: events are committed in the order of their numbers.
            self.execute("SELECT pg_advisory_xact_lock(?)", (APPLICATION_ID,))
            yield
            self.execute("COMMIT")
        except BaseException:
            if not self._connection.closed:
                self.execute("ROLLBACK")
            raise

    def is_empty(self) -> bool:
        return not self.execute("SELECT 1 FROM pg_namespace WHERE nspname = ?", (POSTGRES_SCHEMA,))

    def is_store(self) -> bool:
        return self.execute("SELECT to_regclass(?) IS NOT NULL", (f"{POSTGRES_SCHEMA}.meta",)) == [(True,)]

    def mark(self) -> None:
        """Do nothing: the schema's name is the mark."""

    def close(self) -> None:
        self.patience.close()
        self._connection.close()

    def _waits_for(self) -> str:
        return _waits_for(self.name, self._holders())

    def _holders(self) -> tuple[str, ...]:
        """Ask over another connection who holds what this one waits for; nobody where that cannot be asked."""
        if self._backend is None:
            return ()
        try:
            with self._psycopg.connect(self._url, autocommit=True, connect_timeout=2) as asking:
                rows = asking.execute(_BLOCKING, (self._backend,)).fetchall()
        except self._psycopg.Error:
            return ()
        return tuple(
            f"{user} from {host} (process {pid} of the server: {' '.join(query.split())})"
            for user, host, pid, query in rows
        )

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except self._psycopg.Error as error:
            raise StoreError(f"label store {self.name}: {str(error).strip()}") from error


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@"), query="").geturl()
