"""A query whose rows are pictures: one statement, streamed, that can change nothing."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.errors import ImageError, InputError
from base.timing import package_log, timed
from model.databases.engines import database_errors, open_engine, parse_url, shown_url
from model.databases.row_columns import ID, PICTURE, find_columns, to_text
from model.reading.images import refuse_size
from model.reading.picture_reference import PictureReference, file_picture, held_picture, lost_picture
from model.reading.remote import is_remote, remote_picture

if TYPE_CHECKING:
    from sqlalchemy import URL, CursorResult

LOG = package_log(__name__)

ROWS_A_FETCH = 64
"""Rows that are in memory at a time, beside those whose pictures are worked on."""

_BEFORE = re.compile(r"(?:\s+|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.S)
"""What may stand before the first word of a statement."""

_STATEMENTS = ("SELECT", "WITH")


@dataclass(frozen=True)
class SqlQuery:
    """Pictures that a query of a database gives, a row each; see docs/databases.md for the columns.

    Attributes:
        url: of the database, as SQLAlchemy writes them; not shown, because it may have a password in it.
        query: a SELECT.
    """

    url: str = field(repr=False)
    query: str

    def __post_init__(self) -> None:
        """Refuse what is no SELECT.

        Raises:
            InputError: it is none.
        """
        first = self.query[_BEFORE.match(self.query).end() :].split(maxsplit=1)  # type: ignore[union-attr]  # matches all
        if not first:
            raise InputError("the query is empty; a SELECT is expected")
        if first[0].upper() not in _STATEMENTS:
            raise InputError(f"the query has to be a SELECT, and begins with {first[0][:40]}")


@dataclass(frozen=True)
class QueryRows:
    """A query at work: what its rows have, and their pictures, once.

    Attributes:
        database: its URL without the password.
        kept: the columns beside id and picture.
        id_kind: int or str.
        pictures: in the query's order, named by their ids; the connection is closed after the last.
    """

    database: str
    kept: tuple[str, ...]
    id_kind: type
    pictures: Iterator[PictureReference]


@contextlib.contextmanager
def open_query(query: SqlQuery) -> Iterator[QueryRows]:
    """Run a query, and give its rows as pictures; they are fetched as they are asked for, and never again.

    Raises:
        InputError: columns are missing or alike, an id is missing, there are no rows, or a package is missing.
        MissingError: there is no such SQLite file.
        DatabaseError: the database cannot be reached, or refuses the query.
    """
    url = parse_url(query.url)
    with contextlib.ExitStack() as stack:
        engine = stack.enter_context(open_engine(url))
        with timed(LOG, "running the query") as found, database_errors(url):
            found.note(database=shown_url(url))
            connection = stack.enter_context(engine.connect())
            options: dict[str, Any] = {"yield_per": ROWS_A_FETCH, "no_parameters": True}
            result = connection.execution_options(**options).exec_driver_sql(query.query.strip().rstrip(";"))
            stack.callback(result.close)  # before the connection: a driver may mind what was not fetched
            if not result.returns_rows:
                raise InputError("the query gives no rows; a SELECT is expected")
            names = list(result.keys())
            columns = find_columns(names)
            first = result.fetchone()
        if first is None:
            raise InputError("no pictures: the query gives no rows")
        _check_kinds(first[columns.id], first[columns.picture])
        id_kind = int if isinstance(first[columns.id], int) else str

        def pictures() -> Iterator[PictureReference]:
            for number, row in enumerate(chain([first], _rest(result, url)), start=1):
                name = _to_name(row[columns.id], number, id_kind)
                kept = tuple(to_text(row[place]) for place in columns.kept.values())
                yield replace(_to_picture(name, row[columns.picture]), kept=kept)
            connection.close()

        yield QueryRows(shown_url(url), tuple(columns.kept), id_kind, pictures())


def _rest(result: "CursorResult[Any]", url: "URL") -> Iterator[Sequence[Any]]:
    """Yield the rows that are left; what goes wrong while they are fetched is said in one line."""
    while True:
        with database_errors(url):
            rows = result.fetchmany(ROWS_A_FETCH)
        if not rows:
            return
        yield from rows


def _check_kinds(id_: object, picture: object) -> None:
    """Refuse a first row whose columns hold something else than is expected of them."""
    if id_ is None or isinstance(id_, float):
        raise InputError(f"the {ID} of the first row is {to_text(id_) or 'NULL'}; a whole number or text is expected")
    if picture is not None and not isinstance(picture, str | bytes | bytearray | memoryview):
        raise InputError(
            f"the column of the picture holds {picture!r:.40}; bytes, a path or an address is expected; write "
            f"AS {PICTURE} behind another"
        )


def _to_name(id_: object, number: int, kind: type) -> str:
    """Return an id as the name of a picture.

    Raises:
        InputError: there is none, or it is of another kind than the first one.
    """
    if id_ is None or id_ == "":
        raise InputError(f"row {number} of the query has no {ID}")
    if isinstance(id_, int) != (kind is int):
        words = ("a number", "text")
        now, then = words if kind is str else words[::-1]
        raise InputError(f"row {number} of the query: the {ID} {id_!r:.40} is {now}, the first one was {then}")
    return bytes(id_).hex() if isinstance(id_, bytes | bytearray | memoryview) else str(id_)


def _to_picture(name: str, cell: object) -> PictureReference:
    """Return the picture of a cell by the name of its row; a cell that holds none gives a lost one."""
    file_name = f"row-{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:80]}"
    if isinstance(cell, bytes | bytearray | memoryview) and len(cell):
        try:
            refuse_size(len(cell))
        except ImageError as error:
            return lost_picture(name, str(error))
        return held_picture(name, bytes(cell), file_name)
    if cell is None or cell in ("", b""):
        return lost_picture(name, "the row has no picture")
    if not isinstance(cell, str) or "\0" in cell:
        return lost_picture(name, f"the row has no bytes, path or address but {cell!r:.40}")
    found = remote_picture(cell) if is_remote(cell) else file_picture(Path(cell))
    return replace(found, name=name)
