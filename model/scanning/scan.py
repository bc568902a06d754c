"""Batch scanning: screenshots from anywhere, the widgets found on them, to a file, an address or stdout."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pydantic import Field

from base.progress import OnProgress
from base.timing import package_log, timed
from model.finding.cells import FOUND_KINDS
from model.reading.sources import check_sources
from model.scanning.scan_formats import scan_formats
from model.scanning.screen_rows import SCREEN_KEEPER, ScannedScreen, ScreenReading, WidgetFilter
from model.scanning.screen_tally import ScreenTally
from model.scanning.screen_work import MOST_SCREENS_REMEMBERED, ScreenScanner, scan_in_order
from model.streaming.in_order import PictureResult
from model.streaming.repeats import Repeats
from model.tables.journal import Journal, open_journal
from model.tables.output import check_beside, check_output, check_report, journal_place, write_rows
from model.tables.row_formats import TableFormats
from model.tables.table_run import RowMaking, TableSources, find_all_rows

if TYPE_CHECKING:
    from base.cluster import Cluster

LOG = package_log(__name__)


class ScanSettings(WidgetFilter):
    """Which widgets are meant, in the table as well as in drawings and the report, and what else becomes of them."""

    draw: Path | None = Field(default=None, description="a folder that gets each screen with its widgets marked")
    report: Path | None = Field(default=None, description="an HTML file")


@dataclass(frozen=True)
class ScanResult:
    """How many screens there were, how many could not be read, and how many widgets were found on the others."""

    total: int
    unreadable: int
    widgets: int


@dataclass(frozen=True)
class ScanJob:
    """What a run works on, from start to end; `begun` is what else its rows depend on."""

    scanner: ScreenScanner
    sources: tuple[str, ...]
    chosen: WidgetFilter
    threads: int | None
    cluster: "Cluster | None"
    begun: dict[str, Any] = field(default_factory=dict)

    @property
    def journal_header(self) -> dict[str, Any]:
        """Return what the rows, and what becomes of them, depend on."""
        return {
            "scanner": self.scanner.fingerprint,
            "sources": self.sources,
            "working folder": str(Path.cwd()),
            **self.chosen.model_dump(mode="json", exclude={"report"}),
            **self.begun,
        }

    def check(self) -> None:
        """Refuse names of kinds and states that there are not, and sources that hold nothing.

        Raises:
            MissingError, InputError: see above.
        """
        self.chosen.check(FOUND_KINDS, self.scanner.states)
        check_sources(self.sources)

    def making(
        self, finish: Callable[[PictureResult[ScreenReading], ScannedScreen], ScannedScreen]
    ) -> RowMaking[ScannedScreen, ScreenReading]:
        """Return how rows are made; `finish` is called with each before it is kept."""

        def to_row(found: PictureResult[ScreenReading]) -> ScannedScreen:
            return finish(found, ScannedScreen(found.picture.name, found.content, self.chosen.choose(found.reading)))

        return RowMaking(
            lambda pictures, known: scan_in_order(
                self.scanner,
                pictures,
                min_confidence=self.chosen.min_confidence,
                known=known,
                threads=self.threads,
                cluster=self.cluster,
            ),
            to_row,
            lambda row: row.reading,
            Repeats(MOST_SCREENS_REMEMBERED),
        )


def scan_to_table(
    scanner: ScreenScanner,
    sources: Sequence[str | Path],
    *,
    output: str | Path | None = None,
    settings: ScanSettings | None = None,
    resume: bool = False,
    listed: BinaryIO | None = None,
    threads: int | None = None,
    cluster: "Cluster | None" = None,
    on_progress: OnProgress | None = None,
) -> ScanResult:
    """Write the widgets of all screens of the sources, in their order; of a screen the surest widget first.

    Equal contents are scanned once, however many names they have. To stdout, widgets are written as they are found.
    A file is written when all are known; until then they are in a journal beside it, from which `resume` goes on to
    the same bytes as a run that was not interrupted.

    Args:
        scanner: made by `model.finding.scanner.load_scanner`.
        sources: see `model.reading.sources.find_pictures`.
        output: a file or an address that fsspec knows, in the format of its ending; CSV to stdout when None.
        settings: which widgets, and what else becomes of them.
        resume: go on with an interrupted run of the same scanner, sources and settings; begin where there is none.
        listed: what the source `-` stands for.
        threads: each has one screen in work; as many as there are cores when None. They change no byte of the output.
        cluster: what reads and scans instead of threads here; it changes no byte either.
        on_progress: called with screens done and in all, 0 while that is not known.

    Raises:
        MissingError, InputError: a source does not exist or holds no picture, or an option does not fit.
        OutputExistsError: another process is writing this output.
    """
    settings = settings or ScanSettings()
    with_report = {"with a report": settings.report is not None}
    job = ScanJob(scanner, tuple(map(str, sources)), settings, threads, cluster, with_report)
    formats = scan_formats(FOUND_KINDS, scanner.states, scanner.fingerprint)
    _check(job, settings, output, formats, resume=resume)
    tally = ScreenTally()
    with contextlib.ExitStack() as stack:
        journal = None
        if output is not None or settings.report is not None:
            place = journal_place(output, "scan")
            journal = stack.enter_context(open_journal(place, SCREEN_KEEPER, begun=job.journal_header, resume=resume))
        run = TableSources.of(job.sources, listed, on_progress)
        rows = find_all_rows(run, _making(job, settings, journal), journal, at_once=output is None)
        with timed(LOG, "reading, scanning and writing" if output is None else "writing the rows") as found:
            write_rows(output, tally.counted(rows), formats)
            found.note(screens=tally.total, unreadable=tally.unreadable, widgets=tally.widgets)
        if journal is not None and settings.report is not None:
            from model.scanning.scan_report import write_scan_report

            with timed(LOG, "writing the report"):
                write_scan_report(settings.report, journal, tally, scanner, sources=job.sources)
    return ScanResult(tally.total, tally.unreadable, tally.widgets)


def _check(
    job: ScanJob,
    settings: ScanSettings,
    output: str | Path | None,
    formats: TableFormats[ScannedScreen],
    *,
    resume: bool,
) -> None:
    """Refuse what cannot go well before anything is written."""
    check_output(output, formats, resume=resume)
    if settings.report is not None:
        check_report(settings.report)
    job.check()
    if settings.draw is not None:
        check_beside(settings.draw, job.sources)


def _making(
    job: ScanJob, settings: ScanSettings, journal: Journal[ScannedScreen] | None
) -> RowMaking[ScannedScreen, ScreenReading]:
    def finish(found: PictureResult[ScreenReading], row: ScannedScreen) -> ScannedScreen:
        if settings.draw is None:
            return row
        from model.scanning.marked_files import draw_marked  # few have them drawn

        return draw_marked(row, found.picture, settings.draw, sources=job.sources, states=job.scanner.states)

    making = job.making(finish)
    if settings.report is None or journal is None:
        return making
    from model.scanning.scan_report import shot_keeping  # likewise

    return replace(making, draw=shot_keeping(journal))
