"""Batch classification: pictures from anywhere, a row for each, to a file, an address or stdout."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pydantic import Field

from base.cache import cache_folder
from base.errors import ImageError, InputError, unknown_choice
from base.progress import OnProgress
from base.timing import package_log, timed
from model.classifying.classified_pool import (
    AnySources,
    ClassifiedPool,
    check_pool,
    name_pool,
    open_pool,
    searched_folders,
)
from model.classifying.columns import ClassifiedRow, Header, RowFilter, sorted_columns, to_row
from model.classifying.copy_to import check_copies, copy_picture
from model.classifying.kept_rows import classified_formats, classified_keeper
from model.classifying.tally import Tally
from model.databases.prediction_table import PredictionTable
from model.databases.sql_query import SqlQuery
from model.reading.picture_reference import PictureReference
from model.reading.sources import are_files
from model.running.any_model import AnyModel
from model.running.predict import PictureReading, Reading, read_in_order
from model.running.runtime_names import AUTO, RUNTIME_NAMES
from model.running.runtimes import check_runtime
from model.streaming.repeats import KnownContents, Repeats
from model.tables.journal import Journal, open_journal
from model.tables.output import Output, check_output, check_report, journal_place, write_rows
from model.tables.row_formats import TableFormats
from model.tables.table_run import RowMaking, find_all_rows

if TYPE_CHECKING:
    from base.cluster import Cluster
    from model.evaluation.gallery import DrawMap  # drawings, which few ask for

LOG = package_log(__name__)

HandOver = Callable[[Iterator[ClassifiedRow]], object]
"""Gets the chosen rows when all are known, least certain first; where all are chosen, those the model is unsure of."""


class ClassifySettings(RowFilter):
    """What becomes of the rows: all but `sort` are of the chosen ones only, the table as well as copies and report."""

    sort: str | None = Field(
        default=None, description=f"by {', '.join(sorted_columns())}; needs all rows before the first"
    )
    copy_to: Path | None = Field(default=None, description="a folder that gets one of copies for each class")
    report: Path | None = Field(default=None, description="an HTML file")
    runtime: str = Field(default=AUTO, description=f"what runs the network: {', '.join((AUTO, *RUNTIME_NAMES))}")


@dataclass(frozen=True)
class ClassifyResult:
    """How many pictures there were; how many could not be read, were chosen, and leave the model unsure."""

    total: int
    unreadable: int
    chosen: int
    unsure: int


@dataclass(frozen=True)
class _Job:
    """What a run works on, from start to end."""

    model: AnyModel
    sources: AnySources
    settings: ClassifySettings
    write_to: str | None
    listed: BinaryIO | None
    threads: int | None
    cluster: "Cluster | None"
    on_progress: OnProgress | None

    @property
    def journal_header(self) -> dict[str, Any]:
        """Return what the rows, the copies and the pictures of the report depend on."""
        settings = self.settings.model_dump(mode="json", exclude={"sort", "report"})
        return {
            "model": self.model.fingerprint,
            "sources": name_pool(self.sources),
            "working folder": str(Path.cwd()),
            **settings,
            "with a report": self.settings.report is not None,
        }

    def journal_place(self, output: Output) -> Path | None:
        """Return where the journal lies: what is written to a table alone has it in the cache."""
        if output is None and self.write_to is not None:
            name = sha256("\n".join((*name_pool(self.sources)[:1], self.write_to)).encode()).hexdigest()[:16]
            return cache_folder("classify") / f"{name}.part"
        return journal_place(output, "classify")


def classify_to_table(
    model: AnyModel,
    sources: Sequence[str | Path] | SqlQuery,
    *,
    output: str | Path | None = None,
    write_to: str | None = None,
    settings: ClassifySettings | None = None,
    resume: bool = False,
    hand_over: HandOver | None = None,
    draw_map: "DrawMap | None" = None,
    listed: BinaryIO | None = None,
    threads: int | None = None,
    cluster: "Cluster | None" = None,
    on_progress: OnProgress | None = None,
) -> ClassifyResult:
    """Write a row for each picture of the sources, in their order or sorted; see `model.classifying.columns.Header`.

    Equal contents are computed once, however many names they have. To stdout, rows are written as they are found.
    A file is written when all are known; until then they are in a journal beside it (see `journal`), from
    which `resume` goes on to the same bytes as a run that was not interrupted.

    Args:
        model: its classes name the columns of probabilities, in its order.
        sources: see `model.reading.sources.find_pictures`; or a query of a database, which is run once.
        output: a file or an address that fsspec knows, in the format of its ending; CSV to stdout when None, unless
            they are written to a table.
        write_to: a table of the database that is queried; it gets the rows, without the query's own columns, in one
            transaction, and is made where there is none.
        settings: which rows, in which order, and what else becomes of them.
        resume: go on with an interrupted run of the same model, sources and settings; begin where there is none.
        hand_over: see `HandOver`.
        draw_map: draws, for the report, what of a picture speaks for its prediction.
        listed: what the source `-` stands for.
        threads: for decoding and the network; as many as there are cores when None. They change no byte of the output.
        cluster: what reads and classifies instead of threads here; it changes no byte either.
        on_progress: called with pictures done and in all, 0 while that is not known.

    Raises:
        MissingError, InputError: a source does not exist or holds no picture, or an option does not fit.
        OutputExistsError: another process is writing this output.
        DatabaseError: the database cannot be reached, or refuses the query or the table.
    """
    named = sources if isinstance(sources, SqlQuery) else tuple(map(str, sources))
    settings = (settings or ClassifySettings()).for_model(model.unsure_below)
    job = _Job(model, named, settings, write_to, listed, threads, cluster, on_progress)
    _check(job, output, classified_formats(Header.of(model)), resume=resume, with_files=hand_over is not None)
    tally, streams = Tally(model.unsure_below), output is None and write_to is None and job.settings.sort is None
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(open_pool(job.sources, listed, on_progress))
        header = Header.of(model, name_column=pool.name_column, kept=pool.kept)
        table = _open_table(job, header, pool)
        journal = None
        if not streams or hand_over or job.settings.report:
            place = job.journal_place(output)
            opened = open_journal(place, classified_keeper(header), begun=job.journal_header, resume=resume)
            journal = stack.enter_context(opened)
        rows = find_all_rows(pool.run, _making(job, journal), journal, at_once=streams, sort=job.settings.sort)
        chosen = _choose(rows, job.settings, tally)
        with timed(LOG, "reading, scoring and writing" if streams else "writing the rows") as found:
            if table is None or output is not None:
                write_rows(output, chosen, classified_formats(header))
                chosen = filter(job.settings.takes, journal.rows()) if journal else iter(())
            if table is not None:
                table.append(map(replace(header, kept=()).cells, chosen), resume=resume)
            found.note(pictures=tally.total, unreadable=tally.unreadable, chosen=tally.chosen)
        if journal is not None:
            _use_all(job, journal, tally, hand_over, draw_map)
    return ClassifyResult(tally.total, tally.unreadable, tally.chosen, tally.unsure)


def _open_table(job: _Job, header: Header, pool: ClassifiedPool) -> PredictionTable | None:
    """Return the table that is written to, if one is, when it is known to be one that can be."""
    if job.write_to is None or not isinstance(job.sources, SqlQuery):
        return None
    table = PredictionTable(job.sources.url, job.write_to, replace(header, kept=()).columns, pool.id_kind)
    table.check()
    return table


def _use_all(
    job: _Job,
    journal: Journal[ClassifiedRow],
    tally: Tally,
    hand_over: HandOver | None,
    draw_map: "DrawMap | None",
) -> None:
    """Do what is done when all rows are known."""
    if job.settings.report is not None:
        from model.classifying.least_certain import write_row_report

        with timed(LOG, "writing the report"):
            write_row_report(
                job.settings.report,
                journal,
                tally,
                Header.of(job.model),
                sources=name_pool(job.sources),
                draw_map=draw_map,
            )
    if hand_over is not None:
        with timed(LOG, "handing the chosen rows over"):
            asked = RowFilter(below=job.model.unsure_below) if job.settings.is_all else job.settings
            hand_over(filter(asked.takes, journal.rows(sort="confidence")))


def _check(
    job: _Job,
    output: str | Path | None,
    formats: TableFormats[ClassifiedRow],
    *,
    resume: bool,
    with_files: bool,
) -> None:
    """Refuse what cannot go well before anything is written."""
    settings, classes = job.settings, job.model.classes
    for name in settings.only:
        if name not in classes:
            raise unknown_choice("class", name, classes)
    if settings.sort is not None and settings.sort not in sorted_columns():
        raise unknown_choice("order", settings.sort, sorted_columns())
    check_runtime(job.model, settings.runtime)
    if job.write_to is None or output is not None:
        check_output(output, formats, resume=resume)
    if job.write_to is not None and not isinstance(job.sources, SqlQuery):
        raise InputError("a table is written to the database that a query reads; name both, the database and the query")
    if settings.report is not None:
        check_report(settings.report)
    check_pool(job.sources)
    if settings.copy_to is not None:
        check_copies(settings.copy_to, classes, searched_folders(job.sources))
    elif with_files and (isinstance(job.sources, SqlQuery) or not are_files(job.sources)):
        raise InputError("the queue takes files of this machine; --copy-to DIR makes some of these pictures")


def _making(job: _Job, journal: Journal[ClassifiedRow] | None) -> RowMaking[ClassifiedRow, Reading]:
    def read(pictures: Iterator[PictureReference], known: KnownContents[Reading]) -> Iterator[list[PictureReading]]:
        runtime = job.settings.runtime
        return read_in_order(
            job.model, pictures, threads=job.threads, known=known, runtime=runtime, cluster=job.cluster
        )

    draw = None
    if job.settings.report is not None and journal is not None:
        from model.classifying.least_certain import drawing  # drawings, which few ask for

        draw = drawing(journal, job.settings)
    return RowMaking(read, lambda each: _finish(each, job), lambda row: row.result.reading, Repeats[Reading](), draw)


def _finish(found: PictureReading, job: _Job) -> ClassifiedRow:
    """Return the row of a picture, which is copied if that was asked for."""
    row = to_row(found, job.model.classes)
    folder = job.settings.copy_to
    if folder is None or row.prediction is None or not job.settings.takes(row):
        return row
    try:
        return replace(row, file=copy_picture(found.picture, row, folder))
    except ImageError as error:
        return replace(row, problem=f"cannot be copied: {error}")


def _choose(rows: Iterable[ClassifiedRow], choice: RowFilter, tally: Tally) -> Iterator[ClassifiedRow]:
    for row in rows:
        chosen = choice.takes(row)
        tally.count(row, chosen=chosen)
        if chosen:
            yield row
