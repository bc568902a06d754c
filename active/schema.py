"""The tables and views of the label store, and the connection to its SQLite file."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from generator.errors import MissingError, StoreError

VERSION = 1

APPLICATION_ID = 0x424F5857
"""Stands in the file's header ("BOXW"), so that a store is told from any other SQLite file."""

BUSY_TIMEOUT_S = 60.0
"""A commit takes milliseconds: whoever holds the lock longer than this is stuck, and that is an error."""

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # The id is the sha256 of the file's content; the path is bytes, because names need not be UTF-8.
    "CREATE TABLE items (id TEXT PRIMARY KEY, path BLOB NOT NULL)",
    # after_seq is the last event before the batch: later decisions are progress through it.
    """CREATE TABLE batches (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        model TEXT NOT NULL,
        strategy TEXT NOT NULL,
        classes TEXT NOT NULL CHECK (json_type(classes) = 'array'),
        after_seq INTEGER NOT NULL
    )""",
    """CREATE TABLE queue_items (
        batch INTEGER NOT NULL REFERENCES batches (id),
        rank INTEGER NOT NULL,
        item TEXT NOT NULL REFERENCES items (id),
        score REAL NOT NULL,
        reason TEXT NOT NULL,
        predicted TEXT NOT NULL,
        probabilities TEXT NOT NULL CHECK (json_type(probabilities) = 'object'),
        PRIMARY KEY (batch, item)
    )""",
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        session TEXT NOT NULL,
        annotator TEXT NOT NULL,
        item TEXT NOT NULL REFERENCES items (id),
        action TEXT NOT NULL CHECK (action IN ('label', 'skip', 'discard', 'undo')),
        label TEXT CHECK ((label IS NOT NULL) = (action = 'label')),
        hinted INTEGER NOT NULL DEFAULT 0,
        undoes INTEGER UNIQUE REFERENCES events (seq) CHECK ((undoes IS NOT NULL) = (action = 'undo'))
    )""",
    "CREATE INDEX queue_items_by_item ON queue_items (item, batch)",
)

_APPEND_ONLY = tuple(
    f"""CREATE TRIGGER events_refuse_{verb} BEFORE {verb} ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"""
    for verb in ("UPDATE", "DELETE")
)

_VIEWS = (
    """CREATE VIEW live_events AS
        SELECT * FROM events AS event
        WHERE action <> 'undo' AND NOT EXISTS (SELECT 1 FROM events WHERE undoes = event.seq)""",
    # With max() as the only aggregate, SQLite takes the other columns from the row that holds the maximum.
    """CREATE VIEW decisions AS
        SELECT item, max(seq) AS seq, at, annotator, action, label FROM live_events
        WHERE action IN ('label', 'discard') GROUP BY item""",
    """CREATE VIEW current_labels AS
        SELECT item, path, label, at, annotator, seq FROM decisions JOIN items ON items.id = item
        WHERE action = 'label'""",
    # A skip never hides a decision: whoever labels what another one skipped has labelled it.
    """CREATE VIEW open_queue AS
        SELECT queued.*, items.path, skips.seq AS skipped_seq
        FROM queue_items AS queued
        JOIN items ON items.id = queued.item
        LEFT JOIN (SELECT item, max(seq) AS seq FROM live_events WHERE action = 'skip' GROUP BY item) AS skips
            ON skips.item = queued.item
        WHERE queued.batch = (SELECT max(batch) FROM queue_items WHERE item = queued.item)
            AND queued.item NOT IN (SELECT item FROM decisions)""",
)

SCHEMA = (*_TABLES, *_APPEND_ONLY, *_VIEWS)
"""The statements that make an empty file a label store, to be run in this order in one transaction."""


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the label store at `path`; make it where there is none, if `create` says so.

    Raises:
        MissingError: there is no such file and `create` is False.
        StoreError: it is something else than a label store, of another version, or cannot be written.
    """
    _check_place(path, create=create)
    with store_errors(path):
        # Absolute, so that no name has a meaning of its own to SQLite, as ":memory:" has.
        connection = sqlite3.connect(path.absolute(), timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        with store_errors(path):
            _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_place(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a folder; a label store is a file")
    if not create and not path.exists():
        raise MissingError(f"no label store {path}; `boxwright queue` makes one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder of {path}: {error.strerror}") from error


@contextlib.contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside the block into a StoreError that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise StoreError(f"{path} is not a boxwright label store") from error
        raise StoreError(f"label store {path}: {error}") from error


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commit the block's changes when it ends, or take them all back when it raises."""
    # IMMEDIATE takes the write lock before anything is read: a reader that becomes a writer later would fail
    # with "database is locked" at once, without waiting for its turn.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection):
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            _create(connection)
        if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
            raise StoreError(f"{path} is not a boxwright label store")
        ((version,),) = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchall()
        if int(version) != VERSION:
            raise StoreError(f"{path} is a label store of version {version}; this boxwright reads version {VERSION}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _create(connection: sqlite3.Connection) -> None:
    # Statement by statement: executescript() would commit first, and another process could see half a store.
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute("INSERT INTO meta (key, value) VALUES ('version', ?)", (str(VERSION),))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
