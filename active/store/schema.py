"""The tables of the label store, how an empty database becomes one, and how one of an older version is brought up."""

from collections.abc import Sequence

from active.store.database import POSTGRES_SCHEMA, Database
from active.store.events import DECISIONS
from active.store.log import EVENT_COLUMNS, settle_task
from base.errors import MissingError, StoreError
from base.timing import package_log, timed

LOG = package_log(__name__)

VERSION = 3

_EVENTS = """CREATE TABLE events (
        seq {identity},
        at TEXT NOT NULL,
        session TEXT NOT NULL,
        annotator TEXT NOT NULL,
        item TEXT NOT NULL REFERENCES items (id),
        action TEXT NOT NULL CHECK (action IN ({actions})),
        label TEXT CHECK ((label IS NOT NULL) = (action = 'label')),
        note TEXT CHECK ((note IS NOT NULL) = (action = 'note')),
        hinted INTEGER NOT NULL DEFAULT 0,
        settles INTEGER NOT NULL DEFAULT 0,
        imported INTEGER NOT NULL DEFAULT 0,
        undoes BIGINT UNIQUE REFERENCES events (seq) CHECK ((undoes IS NOT NULL) = (action = 'undo'))
    )"""

# What an item's events come to, so that nothing reads the whole log; and the lease of who has it on the screen.
# deferred_seq is the skip, or the last word of a dispute, that moved an item behind the rest, or 0.
# reopened_seq is the last event before a second look was asked for: only a later decision closes the item again.
_TASKS = """CREATE TABLE tasks (
        item TEXT PRIMARY KEY REFERENCES items (id),
        batch BIGINT NOT NULL,
        rank INTEGER NOT NULL,
        reopened_seq BIGINT NOT NULL DEFAULT 0,
        open INTEGER NOT NULL DEFAULT 1,
        deferred_seq BIGINT NOT NULL DEFAULT 0,
        disputed INTEGER NOT NULL DEFAULT 0,
        decision_seq BIGINT,
        holder TEXT,
        held_until DOUBLE PRECISION,
        FOREIGN KEY (batch, item) REFERENCES queue_items (batch, item)
    )"""

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # The id is the sha256 of the file's content; the path is bytes, because names need not be UTF-8.
    "CREATE TABLE items (id TEXT PRIMARY KEY, path {bytes} NOT NULL)",
    # after_seq is the last event before the batch: later decisions are progress through it.
    """CREATE TABLE batches (
        id {identity},
        at TEXT NOT NULL,
        model TEXT NOT NULL,
        strategy TEXT NOT NULL,
        classes TEXT NOT NULL,
        after_seq BIGINT NOT NULL
    )""",
    """CREATE TABLE queue_items (
        batch BIGINT NOT NULL REFERENCES batches (id),
        rank INTEGER NOT NULL,
        item TEXT NOT NULL REFERENCES items (id),
        score DOUBLE PRECISION NOT NULL,
        reason TEXT NOT NULL,
        predicted TEXT NOT NULL,
        probabilities TEXT NOT NULL,
        PRIMARY KEY (batch, item)
    )""",
    _EVENTS,
    _TASKS,
)

_OF_EVENTS = (
    "CREATE INDEX events_by_item ON events (item, seq)",
    "CREATE INDEX events_by_annotator ON events (annotator, seq)",
    """CREATE VIEW live_events AS
        SELECT * FROM events AS event
        WHERE action <> 'undo' AND NOT EXISTS (SELECT 1 FROM events WHERE undoes = event.seq)""",
)

_INDEXES_AND_VIEWS = (
    *_OF_EVENTS,
    # The queue's own order, so that a claim reads no more rows than it takes.
    "CREATE INDEX tasks_in_order ON tasks (open, deferred_seq, batch DESC, rank)",
    "CREATE INDEX tasks_by_holder ON tasks (holder) WHERE holder IS NOT NULL",
    "CREATE INDEX tasks_by_decision ON tasks (decision_seq) WHERE decision_seq IS NOT NULL",
)

_APPEND_ONLY = {
    "sqlite": tuple(
        f"""CREATE TRIGGER events_refuse_{verb} BEFORE {verb} ON events
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"""
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        """CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$""",
        """CREATE TRIGGER events_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON events
            EXECUTE FUNCTION events_refuse()""",
    ),
}

_SET_EVENTS_ASIDE = (
    # Triggers and references follow a table that is renamed, unless told otherwise.
    "PRAGMA legacy_alter_table = ON",
    "DROP TRIGGER events_refuse_UPDATE",
    "DROP TRIGGER events_refuse_DELETE",
    "ALTER TABLE events RENAME TO events_old",
    _EVENTS,
)

_ACTIONS = ", ".join(f"'{action}'" for action in (*DECISIONS, "skip", "flag", "unflag", "note", "undo"))

_TYPES = {
    "sqlite": {"identity": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"},
    "postgresql": {"identity": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bytes": "BYTEA"},
}


def prepare_tables(database: Database, *, create: bool) -> None:
    """Make an empty database a label store, if `create` says so, or bring one of an older version up to date.

    Raises:
        MissingError: the database is empty and `create` is False.
        StoreError: it is something else than a label store, or of a newer version.
    """
    with database.writing():
        if database.is_empty():
            if not create:
                raise MissingError(f"no label store in {database.name}; `boxwright queue` makes one")
            _create(database)
        if not database.is_store():
            raise StoreError(f"{database.name} is not a boxwright label store")
        ((version,),) = database.execute("SELECT value FROM meta WHERE key = 'version'")
        if version in _UPGRADES:
            with timed(LOG, f"bringing the label store from version {version} to {VERSION}"):
                _UPGRADES[version](database)
                database.execute("UPDATE meta SET value = ? WHERE key = 'version'", (str(VERSION),))
        elif version != str(VERSION):
            raise StoreError(
                f"{database.name} is a label store of version {version}; this boxwright reads versions 1 to {VERSION}"
            )
    if database.dialect == "sqlite":
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA foreign_keys = ON")


def _create(database: Database) -> None:
    if database.dialect == "postgresql":
        database.execute(f"CREATE SCHEMA {POSTGRES_SCHEMA}")
    # Statement by statement: executescript() would commit first, and another process could see half a store.
    _run(database, (*_TABLES, *_INDEXES_AND_VIEWS, *_APPEND_ONLY[database.dialect]))
    database.execute("INSERT INTO meta (key, value) VALUES ('version', ?)", (str(VERSION),))
    database.mark()


def _upgrade_1(database: Database) -> None:
    """Bring a store of version 1, which is a SQLite file, up to date: the log is copied, and nothing is left out."""
    views = ("open_queue", "current_labels", "decisions", "live_events")
    _run(database, [f"DROP VIEW {view}" for view in views])
    _run(
        database,
        (
            *_SET_EVENTS_ASIDE,
            """INSERT INTO events (seq, at, session, annotator, item, action, label, hinted, undoes)
                SELECT seq, at, session, annotator, item, action, label, hinted, undoes FROM events_old ORDER BY seq""",
            "DROP TABLE events_old",
            _TASKS,
            *_INDEXES_AND_VIEWS,
            *_APPEND_ONLY["sqlite"],
            """INSERT INTO tasks (item, batch, rank) SELECT item, batch, rank FROM queue_items AS queued
                WHERE batch = (SELECT max(batch) FROM queue_items WHERE item = queued.item)""",
            "PRAGMA legacy_alter_table = OFF",
        ),
    )
    for (item,) in database.execute("SELECT item FROM tasks"):
        settle_task(database, item)


def _upgrade_2(database: Database) -> None:
    """Let a store of version 2 take what is said of places on screenshots; SQLite copies the log for that."""
    if database.dialect == "postgresql":
        _run(
            database,
            (
                "ALTER TABLE events DROP CONSTRAINT events_action_check",
                "ALTER TABLE events ADD CONSTRAINT events_action_check CHECK (action IN ({actions}))",
            ),
        )
        return
    _run(
        database,
        (
            "DROP VIEW live_events",
            *_SET_EVENTS_ASIDE,
            f"""INSERT INTO events ({EVENT_COLUMNS}, undoes)
                SELECT {EVENT_COLUMNS}, undoes FROM events_old ORDER BY seq""",
            "DROP TABLE events_old",
            *_OF_EVENTS,
            *_APPEND_ONLY["sqlite"],
            "PRAGMA legacy_alter_table = OFF",
        ),
    )


_UPGRADES = {"1": _upgrade_1, "2": _upgrade_2}


def _run(database: Database, statements: Sequence[str]) -> None:
    for statement in statements:
        database.execute(statement.format(**_TYPES[database.dialect], actions=_ACTIONS))
