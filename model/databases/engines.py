"""Opening a database by its URL, through SQLAlchemy; no message ever has the password in it."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.errors import DatabaseError, InputError, MissingError, in_one_line

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""Which driver a URL without one means: that of an extra."""

EXTRAS = {"psycopg": "postgres", "pymysql": "mysql"}
"""By driver, the extra that brings it."""

_MYSQL = ("SET SESSION TRANSACTION READ ONLY", "SET SESSION net_write_timeout = 3600")

TO_READ = {
    "sqlite": ("PRAGMA query_only = ON",),
    "postgresql": (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SET SESSION idle_in_transaction_session_timeout = 0",
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
}
"""By database, what has it refuse whatever a query would change, and wait while pictures are worked on."""

LOCKED_S = 60.0
"""How long a SQLite file is waited for that another process writes."""


def parse_url(url: str) -> "URL":
    """Return the URL of a database with the driver that is meant.

    Raises:
        InputError: it is none, or SQLAlchemy is missing.
        MissingError: there is no such SQLite file.
    """
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError as error:
        raise InputError("a database needs SQLAlchemy; pip install 'boxwright[sql]'") from error
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # what was given may have a password in it, and is not shown
        raise InputError(
            "this is no URL of a database: sqlite:///FILE, postgresql://USER@HOST/DATABASE or "
            "mysql://USER@HOST/DATABASE is expected"
        ) from None
    if "@" in (parsed.host or ""):
        raise InputError(
            "the URL of the database has more than one @; in a user's name or a password it is written %40"
        )
    if parsed.get_backend_name() == "sqlite":
        _check_file(parsed)
    return parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))


def _check_file(url: "URL") -> None:
    """Refuse a SQLite file that is not there: it would be made."""
    if not url.database or url.database == ":memory:":
        raise InputError("sqlite:// names no file; sqlite:///FILE does, and sqlite:////FILE from the root")
    if url.database.startswith("file:"):
        return
    path = Path(url.database)
    if path.is_dir():
        raise InputError(f"{path} is a folder; a SQLite database is a file")
    if not path.exists():
        raise MissingError(f"no database {path}")


def shown_url(url: "URL") -> str:
    """Return a URL as it can be shown: its password and its options are left out."""
    plain = type(url).create(
        url.get_backend_name(), username=url.username, host=url.host, port=url.port, database=url.database
    )
    return plain.render_as_string()


@contextlib.contextmanager
def open_engine(url: "URL", *, writes: bool = False) -> Iterator["Engine"]:
    """Give what connects to a database, which takes no change unless it `writes`.

    Raises:
        InputError: the kind of database is not known, or its driver is missing.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.pool import NullPool

    options: dict[str, Any] = {"timeout": LOCKED_S} if url.get_backend_name() == "sqlite" else {}
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=options)
    except ModuleNotFoundError as error:
        package = error.name or url.get_driver_name()
        extra = EXTRAS.get(package)
        wanted = f"'boxwright[{extra}]'" if extra else package
        raise InputError(f"{shown_url(url)} needs {package}; pip install {wanted}") from error
    except ArgumentError as error:
        raise InputError(f"{shown_url(url)}: {in_one_line(error)}") from error
    if not writes:
        statements = TO_READ.get(engine.dialect.name, ())
        event.listen(engine, "connect", lambda connection, _: _prepare_reading(connection, statements))
    if writes and engine.dialect.name == "sqlite":  # Python's driver would commit a new table by itself
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        yield engine
    finally:
        engine.dispose()


def _prepare_reading(connection: Any, statements: Sequence[str]) -> None:  # noqa: ANN401  each driver has its own
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
    connection.commit()


@contextlib.contextmanager
def database_errors(url: "URL") -> Iterator[None]:
    """Make one line of what a database or its driver says, without the password.

    Raises:
        DatabaseError: instead of what was raised.
    """
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        said = cause.args[1] if len(cause.args) == 2 and isinstance(cause.args[1], str) else str(cause)
        raise DatabaseError(f"{shown_url(url)}: {_without_password(said, url)}") from None


def _without_password(text: str, url: "URL") -> str:
    """Return what was said, in one line, with stars for the password wherever it stands in the URL."""
    secrets = [url.password, *(value for key, value in url.query.items() if "pass" in key.lower())]
    text = text.partition("\n[SQL:")[0].partition("\n(Background on")[0]
    for secret in secrets:
        if isinstance(secret, str) and secret:
            text = text.replace(secret, "***")
    return " ".join(text.split())[:300]
