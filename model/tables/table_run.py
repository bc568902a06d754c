"""A run that makes a table: pictures from anywhere, a row for each, in their order, from where it was interrupted."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Generic, Self, TypeVar

from base.errors import InputError
from base.progress import OnProgress
from base.timing import package_log, timed
from model.reading.picture_reference import PictureReference
from model.reading.sources import count_pictures, find_pictures
from model.streaming.in_order import Noted, PictureResult
from model.streaming.repeats import KnownContents, Repeats
from model.tables.journal import Journal
from model.tables.keeping import PictureRow

LOG = package_log(__name__)

_Row = TypeVar("_Row", bound=PictureRow)
_Result = TypeVar("_Result", bound=Noted)

Drawn = tuple[Mapping[int, bytes], Sequence[int]]
"""Pictures for a report, by place among a chunk's rows, and the numbers of the rows whose pictures they replace."""


@dataclass(frozen=True)
class TableSources:
    """What a run reads.

    Attributes:
        find: gives the pictures, in their order; called once.
        count: gives how many there are, or None where that is not known.
        on_progress: for who waits.
        is_stable: the pictures are told by their names alone, whatever their order is when a run is gone on with.
    """

    find: Callable[[], Iterator[PictureReference]]
    count: Callable[[], int | None]
    on_progress: OnProgress | None
    is_stable: bool = False

    @classmethod
    def of(cls, sources: tuple[str, ...], listed: BinaryIO | None, on_progress: OnProgress | None) -> Self:
        """Return what files, folders and the like are read as; see `model.reading.sources.find_pictures`."""
        return cls(partial(find_pictures, sources, listed=listed), partial(count_pictures, sources), on_progress)


@dataclass(frozen=True)
class RowMaking(Generic[_Row, _Result]):
    """How rows are made.

    Attributes:
        read: gives the results of pictures in chunks, in their order, those of known contents without work.
        to_row: makes a row of a result, and whatever else becomes of the picture.
        result_of: gives the result that a row was made of.
        known: for the contents that were seen last.
        draw: called with the rows of a chunk, what they are of, and the number of the first; None without a report.
    """

    read: Callable[[Iterator[PictureReference], KnownContents[_Result]], Iterator[list[PictureResult[_Result]]]]
    to_row: Callable[[PictureResult[_Result]], _Row]
    result_of: Callable[[_Row], _Result]
    known: Repeats[_Result]
    draw: Callable[[Sequence[_Row], Sequence[PictureResult[_Result]], int], Drawn] | None = None


def find_rows(run: TableSources, making: RowMaking[_Row, _Result], journal: Journal[_Row] | None) -> Iterator[_Row]:
    """Yield the rows that the journal does not have yet, when it has them.

    Raises:
        InputError: the sources name other pictures than those that the journal has; or none, which is known late of a
            list on standard input.
    """
    pictures = run.find()
    done = 0
    if journal:
        done = len(journal)
        pictures = _without_known(pictures, journal, making) if run.is_stable else _skip(pictures, journal, making)
    report = _reporter(run)
    report(done)
    for chunk in making.read(pictures, making.known):
        rows = [making.to_row(each) for each in chunk]
        if journal is not None:
            shots, dropped = making.draw(rows, chunk, len(journal)) if making.draw else ({}, ())
            journal.add(rows, shots=shots, unless=dropped)
        done += len(rows)
        yield from rows
        report(done)
    if not done:
        raise InputError("no pictures: the list on standard input is empty")


def find_all_rows(
    run: TableSources,
    making: RowMaking[_Row, _Result],
    journal: Journal[_Row] | None,
    *,
    at_once: bool,
    sort: str | None = None,
) -> Iterator[_Row]:
    """Return all rows; `at_once`, each as it is found, else sorted when all are in the journal."""
    rows = find_rows(run, making, journal)
    if journal is None or at_once:
        return rows
    with timed(LOG, "reading and scoring") as found:
        before = len(journal)
        for _ in rows:
            pass
        found.note(pictures=len(journal), known_before=before)
    return journal.rows(sort=sort)


def _without_known(
    pictures: Iterator[PictureReference], journal: Journal[_Row], making: RowMaking[_Row, _Result]
) -> Iterator[PictureReference]:
    """Return the pictures without those that the journal has, in whatever order; what it says of them is made known."""
    for row in journal.rows():
        _make_known(row, making)
    return (picture for picture in pictures if not journal.pass_over(picture.name))


def _make_known(row: _Row, making: RowMaking[_Row, _Result]) -> None:
    if row.content:
        slot, is_new = making.known.look_up(row.content)
        if is_new:
            slot.value = making.result_of(row)


def _skip(
    pictures: Iterator[PictureReference], journal: Journal[_Row], making: RowMaking[_Row, _Result]
) -> Iterator[PictureReference]:
    """Return the pictures that are left of those that the journal has, and make known what it says of them.

    Raises:
        InputError: the sources name other pictures now.
    """
    for number, row in enumerate(journal.rows()):
        picture = next(pictures, None)
        if picture is None or picture.name != row.path:
            now = "nothing" if picture is None else picture.name
            raise InputError(
                f"the sources have changed: picture {number + 1} was {row.path} and is {now} now; "
                "leave out --resume to begin again"
            )
        _make_known(row, making)
    return pictures


def _reporter(run: TableSources) -> Callable[[int], None]:
    """Return what reports the progress; the total is counted meanwhile."""
    on_progress = run.on_progress
    if on_progress is None:
        return lambda done: None
    total: list[int | None] = [None]

    def count() -> None:
        with contextlib.suppress(OSError, ValueError):  # the run itself will say what is wrong
            total[0] = run.count()

    threading.Thread(target=count, daemon=True).start()
    return lambda done: on_progress(done, max(done, total[0]) if total[0] else 0)
