"""Batch classification: pictures from anywhere, a row for each, to a file, an address or stdout."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import Field

from base.cluster import Cluster
from base.errors import ImageError, InputError, unknown_choice
from base.progress import OnProgress
from base.timing import package_log, timed
from model.classifying.columns import ClassifiedRow, Header, RowFilter, sorted_columns, to_row
from model.classifying.copy_to import check_copies, copy_picture
from model.classifying.journal import Journal, open_journal
from model.classifying.output import check_output, journal_place, write_rows
from model.classifying.tally import Tally
from model.reading.picture_reference import PictureReference
from model.reading.sources import are_files, check_sources, count_pictures, find_pictures
from model.running.any_model import AnyModel
from model.running.predict import PictureReading, Reading, read_in_order
from model.running.repeats import Repeats
from model.running.runtime_names import AUTO, RUNTIME_NAMES
from model.running.runtimes import check_runtime

LOG = package_log(__name__)

HandOver = Callable[[Iterator[ClassifiedRow]], object]
"""Gets the chosen rows when all are known, least certain first."""


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
    """How many pictures there were, how many of them could not be read, and how many rows were chosen."""

    total: int
    unreadable: int
    chosen: int


@dataclass(frozen=True)
class _Job:
    """What a run works on, from start to end."""

    model: AnyModel
    sources: tuple[str, ...]
    settings: ClassifySettings
    listed: BinaryIO | None
    threads: int | None
    cluster: Cluster | None
    on_progress: OnProgress | None

    @property
    def journal_header(self) -> dict[str, Any]:
        """Return what the rows, the copies and the pictures of the report depend on."""
        settings = self.settings.model_dump(mode="json", exclude={"sort", "report"})
        return {
            "model": self.model.fingerprint,
            "sources": self.sources,
            "working folder": str(Path.cwd()),
            **settings,
            "with a report": self.settings.report is not None,
        }


def classify_to_table(
    model: AnyModel,
    sources: Sequence[str | Path],
    *,
    output: str | Path | None = None,
    settings: ClassifySettings | None = None,
    resume: bool = False,
    hand_over: HandOver | None = None,
    listed: BinaryIO | None = None,
    threads: int | None = None,
    cluster: Cluster | None = None,
    on_progress: OnProgress | None = None,
) -> ClassifyResult:
    """Write a row for each picture of the sources, in their order or sorted; see `model.classifying.columns.Header`.

    Equal contents are computed once, however many names they have. To stdout, rows are written as they are found.
    A file is written when all are known; until then they are in a journal beside it (see `journal`), from
    which `resume` goes on to the same bytes as a run that was not interrupted.

    Args:
        model: its classes name the columns of probabilities, in its order.
        sources: see `model.reading.sources.find_pictures`.
        output: a file or an address that fsspec knows, in the format of its ending; CSV to stdout when None.
        settings: which rows, in which order, and what else becomes of them.
        resume: go on with an interrupted run of the same model, sources and settings; begin where there is none.
        hand_over: see `HandOver`.
        listed: what the source `-` stands for.
        threads: for decoding and the network; as many as there are cores when None. They change no byte of the output.
        cluster: what reads and classifies instead of threads here; it changes no byte either.
        on_progress: called with pictures done and in all, 0 while that is not known.

    Raises:
        MissingError, InputError: a source does not exist or holds no picture, or an option does not fit.
        OutputExistsError: another process is writing this output.
    """
    job = _Job(model, tuple(map(str, sources)), settings or ClassifySettings(), listed, threads, cluster, on_progress)
    _check(job, output, resume=resume, with_files=hand_over is not None)
    header, tally = Header.of(model), Tally()
    streams = output is None and job.settings.sort is None
    place = journal_place(output)
    with contextlib.ExitStack() as stack:
        journal = None
        if not streams or hand_over or job.settings.report:
            journal = stack.enter_context(open_journal(place, header, begun=job.journal_header, resume=resume))
        rows: Iterable[ClassifiedRow] = _find_rows(job, journal)
        if journal is not None and not streams:
            _fill(journal, rows)
            rows = journal.rows(sort=job.settings.sort)
        with timed(LOG, "reading, scoring and writing" if streams else "writing the rows") as found:
            write_rows(output, _choose(rows, job.settings, tally), header)
            found.note(pictures=tally.total, unreadable=tally.unreadable, chosen=tally.chosen)
        if journal is not None and job.settings.report is not None:
            from model.classifying.least_certain import write_row_report

            with timed(LOG, "writing the report"):
                write_row_report(job.settings.report, journal, tally, header, sources=job.sources)
        if journal is not None and hand_over is not None:
            with timed(LOG, "handing the chosen rows over"):
                hand_over(filter(job.settings.takes, journal.rows(sort="confidence")))
    return ClassifyResult(tally.total, tally.unreadable, tally.chosen)


def _check_report(path: Path) -> None:
    """Refuse a path at which no report can be written."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name an HTML file to write")


def _fill(journal: Journal, rows: Iterable[ClassifiedRow]) -> None:
    """Find all rows; each is in the journal when it comes."""
    with timed(LOG, "reading and scoring") as found:
        before = len(journal)
        for _ in rows:
            pass
        found.note(pictures=len(journal), known_before=before)


def _check(job: _Job, output: str | Path | None, *, resume: bool, with_files: bool) -> None:
    """Refuse what cannot go well before anything is written."""
    settings, classes = job.settings, job.model.classes
    for name in settings.only:
        if name not in classes:
            raise unknown_choice("class", name, classes)
    if settings.sort is not None and settings.sort not in sorted_columns():
        raise unknown_choice("order", settings.sort, sorted_columns())
    if output is None and resume:
        raise InputError("what is printed cannot be gone on with; --resume needs an output file")
    check_runtime(job.model, settings.runtime)
    check_output(output)
    if settings.report is not None:
        _check_report(settings.report)
    check_sources(job.sources)
    if settings.copy_to is not None:
        check_copies(settings.copy_to, classes, job.sources)
    elif with_files and not are_files(job.sources):
        raise InputError("the queue takes files of this machine; --copy-to DIR makes some of these pictures")


def _find_rows(job: _Job, journal: Journal | None) -> Iterator[ClassifiedRow]:
    """Yield the rows that the journal does not have yet, when it has them."""
    known = Repeats[Reading]()
    pictures = find_pictures(job.sources, listed=job.listed)
    done = _skip(pictures, journal, known) if journal else 0
    shots = None
    if job.settings.report is not None and journal is not None:
        from model.classifying.least_certain import KeptPictures, draw_kept  # drawings, which few ask for

        shots = KeptPictures((seq, row) for seq, row, _ in journal.shots())
    report = _reporter(job)
    report(done)
    chunks = read_in_order(
        job.model,
        pictures,
        threads=job.threads,
        known=known,
        runtime=job.settings.runtime,
        cluster=job.cluster,
    )
    for chunk in chunks:
        rows = [_finish(each, job) for each in chunk]
        if journal is not None:
            kept, dropped = draw_kept(rows, chunk, len(journal), job.settings, shots) if shots else ({}, [])
            journal.add(rows, shots=kept, unless=dropped)
        done += len(rows)
        yield from rows
        report(done)
    if not done:
        raise InputError("no pictures: the list on standard input is empty")


def _skip(pictures: Iterator[PictureReference], journal: Journal, known: Repeats[Reading]) -> int:
    """Pass over the pictures that the journal has, and make known what it says of them.

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
        if row.content:
            slot, is_new = known.look_up(row.content)
            if is_new:
                slot.value = row.result.reading
    return len(journal)


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


def _reporter(job: _Job) -> Callable[[int], None]:
    """Return what reports the progress; the total is counted meanwhile."""
    on_progress = job.on_progress
    if on_progress is None:
        return lambda done: None
    total: list[int | None] = [None]

    def count() -> None:
        with contextlib.suppress(OSError, ValueError):  # the run itself will say what is wrong
            total[0] = count_pictures(job.sources)

    threading.Thread(target=count, daemon=True).start()
    return lambda done: on_progress(done, max(done, total[0]) if total[0] else 0)


def _choose(rows: Iterable[ClassifiedRow], choice: RowFilter, tally: Tally) -> Iterator[ClassifiedRow]:
    for row in rows:
        chosen = choice.takes(row)
        tally.count(row, chosen=chosen)
        if chosen:
            yield row
