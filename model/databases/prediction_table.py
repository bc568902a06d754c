"""The table of a database that predictions are written to: its shape, and rows that are all there or none."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from base.errors import InputError
from base.timing import package_log, timed
from model.databases.engines import database_errors, open_engine, parse_url, shown_url
from model.tables.row_formats import Cells, Columns

if TYPE_CHECKING:
    from sqlalchemy import URL, Column, Connection, Table

LOG = package_log(__name__)

MODEL = "model"
"""With the id, this tells a row from all others: another model's predictions of the same rows can stand beside it."""

ROWS_AN_INSERT = 500

MOST_KEY_CHARACTERS = 255
"""MySQL wants to know how long what is in a key can be."""

_WORDS = {int: "whole numbers", float: "numbers", str: "text"}


@dataclass(frozen=True)
class PredictionTable:
    """A table by its name, which may have a schema's before it; `check` and `append` do all there is to do.

    Attributes:
        url: of its database; not shown, because it may have a password in it.
        name: of the table.
        columns: by name; the first is the id.
        id_kind: int or str.
    """

    url: str
    name: str
    columns: Columns
    id_kind: type

    def check(self) -> None:
        """Refuse a table that cannot be made, or is there with another shape; nothing is left changed.

        Raises:
            InputError: it has other columns, and which.
            DatabaseError: the database refuses it.
        """
        url = parse_url(self.url)
        with open_engine(url, writes=True) as engine, database_errors(url), engine.connect() as connection:
            self._refuse_other_shape(connection, url)
            self._table().create(connection, checkfirst=True)
            connection.rollback()

    def append(self, rows: Iterable[Cells], *, resume: bool) -> int:
        """Add rows to the table, which is made where there is none, in one transaction; return how many were added.

        Args:
            rows: any number, in the order of the columns; a batch of them is in memory at a time.
            resume: leave out those that the table has of this id and model already.

        Raises:
            InputError: it has a row of an id and model already, and this is not to `resume`; nothing is written.
            DatabaseError: the database refuses something; nothing is written.
        """
        url, table, added = parse_url(self.url), self._table(), 0
        with timed(LOG, "writing predictions to the database") as found, contextlib.ExitStack() as stack:
            stack.enter_context(database_errors(url))
            engine = stack.enter_context(open_engine(url, writes=True))
            connection = stack.enter_context(engine.begin())
            self._refuse_other_shape(connection, url)
            table.create(connection, checkfirst=True)
            for batch in _batches(rows):
                fresh = self._fresh(connection, table, [self._to_values(cells) for cells in batch], resume=resume)
                if fresh:
                    connection.execute(table.insert(), fresh)
                added += len(fresh)
            found.note(rows=added)
        return added

    @property
    def shown(self) -> str:
        """Return the table and its database, for who reads it."""
        return f"{self.name} of {shown_url(parse_url(self.url))}"

    def _fresh(
        self, connection: "Connection", table: "Table", batch: list[dict[str, Any]], *, resume: bool
    ) -> list[dict[str, Any]]:
        """Return those rows of a batch that the table does not have."""
        from sqlalchemy import select

        key, models = self._key, {values[MODEL] for values in batch}
        there = select(table.c[key], table.c[MODEL]).where(
            table.c[key].in_([values[key] for values in batch]), table.c[MODEL].in_(models)
        )
        known = {(id_, model) for id_, model in connection.execute(there)}
        if known and not resume:
            raise InputError(
                f"table {self.shown} has a row of {key} {min(id_ for id_, _ in known)} by this model already, and "
                "nothing was written; --resume leaves such rows as they are and adds the others"
            )
        return [values for values in batch if (values[key], values[MODEL]) not in known]

    def _to_values(self, cells: Cells) -> dict[str, Any]:
        values = dict(zip(self.columns, cells, strict=True))
        values[self._key] = self.id_kind(values[self._key])
        return values

    @property
    def _key(self) -> str:
        return next(iter(self.columns))

    def _table(self) -> "Table":
        from sqlalchemy import MetaData, Table

        schema, _, name = self.name.rpartition(".")
        columns = [self._column(each, kind.kind) for each, kind in self.columns.items()]
        return Table(name, MetaData(schema=schema or None), *columns, mysql_charset="utf8mb4")

    def _column(self, name: str, kind: type) -> "Column[Any]":
        from sqlalchemy import BigInteger, Column, Double, Integer, String, Text
        from sqlalchemy.dialects.mysql import VARCHAR

        if name not in (self._key, MODEL):
            return Column(name, {int: Integer, float: Double, str: Text}[kind])
        if name == self._key and self.id_kind is int:
            return Column(name, BigInteger, primary_key=True, autoincrement=False)
        exact = VARCHAR(MOST_KEY_CHARACTERS, charset="utf8mb4", collation="utf8mb4_bin")  # else "a" is "A"
        return Column(name, String(MOST_KEY_CHARACTERS).with_variant(exact, "mysql", "mariadb"), primary_key=True)

    def _refuse_other_shape(self, connection: "Connection", url: "URL") -> None:
        from sqlalchemy import inspect

        table, inspector = self._table(), inspect(connection)
        if not inspector.has_table(table.name, schema=table.schema):
            return
        found = {each["name"]: _kind_of(each["type"]) for each in inspector.get_columns(table.name, table.schema)}
        wanted = {name: self.id_kind if name == self._key else kind.kind for name, kind in self.columns.items()}
        differing = list(_differences(wanted, found))
        if differing:
            raise InputError(
                f"table {self.name} of {shown_url(url)} is none of these predictions: {'; '.join(differing)}; "
                "name another table"
            )


def _differences(wanted: dict[str, type], found: dict[str, type | None]) -> Iterator[str]:
    if lacking := [name for name in wanted if name not in found]:
        yield f"it lacks {', '.join(lacking)}"
    if more := [name for name in found if name not in wanted]:
        yield f"it has {', '.join(more)} too"
    for name, kind in wanted.items():
        if name in found and found[name] is not kind:
            yield f"its {name} is {_WORDS.get(found[name] or object, 'of another kind')}, not {_WORDS[kind]}"


def _kind_of(type_: Any) -> type | None:  # noqa: ANN401  any type of SQLAlchemy
    """Return what a column of a table holds: int, float or str; None for anything else."""
    from sqlalchemy import Float, Integer, Numeric, String

    if isinstance(type_, Integer):
        return int
    if isinstance(type_, Float | Numeric):
        return float
    return str if isinstance(type_, String) else None


def _batches(rows: Iterable[Cells]) -> Iterator[Sequence[Cells]]:
    rest = iter(rows)
    while batch := list(islice(rest, ROWS_AN_INSERT)):
        yield batch
