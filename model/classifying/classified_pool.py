"""Where the pictures of a classification come from: files, folders and the like, or a query of a database."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from base.progress import OnProgress
from model.classifying.columns import NAME_COLUMN
from model.databases.engines import parse_url, shown_url
from model.databases.row_columns import ID
from model.databases.sql_query import SqlQuery, open_query
from model.reading.sources import check_sources
from model.tables.table_run import TableSources

AnySources = tuple[str, ...] | SqlQuery


@dataclass(frozen=True)
class ClassifiedPool:
    """What a classification reads.

    Attributes:
        run: gives the pictures.
        name_column: what the column of their names is called.
        kept: the columns that the rows of a database have of their own.
        id_kind: int or str, of rows of a database.
    """

    run: TableSources
    name_column: str = NAME_COLUMN
    kept: tuple[str, ...] = ()
    id_kind: type = str


@contextlib.contextmanager
def open_pool(sources: AnySources, listed: BinaryIO | None, on_progress: OnProgress | None) -> Iterator[ClassifiedPool]:
    """Give what is read of sources that were checked; a query is run now."""
    if not isinstance(sources, SqlQuery):
        yield ClassifiedPool(TableSources.of(sources, listed, on_progress))
        return
    with open_query(sources) as rows:
        run = TableSources(lambda: rows.pictures, lambda: None, on_progress, is_stable=True)
        yield ClassifiedPool(run, ID, rows.kept, rows.id_kind)


def check_pool(sources: AnySources) -> None:
    """Refuse what is not there, without reading it; see `model.reading.sources.check_sources`."""
    if isinstance(sources, SqlQuery):
        parse_url(sources.url)
    else:
        check_sources(sources)


def name_pool(sources: AnySources) -> tuple[str, ...]:
    """Return what is read in words, for a report and to know it again; without the password."""
    if isinstance(sources, SqlQuery):
        return (shown_url(parse_url(sources.url)), sources.query)
    return sources


def searched_folders(sources: AnySources) -> tuple[str | Path, ...]:
    """Return the sources in which copies would be found again."""
    return () if isinstance(sources, SqlQuery) else sources
