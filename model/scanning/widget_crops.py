"""Cutting: the crop of each found widget on screens from anywhere, into a folder that is read as any other."""

import contextlib
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from PIL import Image

from base.errors import ImageError
from base.files import atomic_open, claim_folder
from base.progress import OnProgress
from model.finding.cutouts import cut_out, cutout_box
from model.finding.widgets import FoundWidget
from model.labelled_folders.metadata_rows import METADATA
from model.reading.images import Unreadable, decode_bytes
from model.reading.picture_reference import PictureReference
from model.scanning.scan import ScanJob
from model.scanning.screen_rows import SCREEN_KEEPER, ScannedScreen, ScreenReading, WidgetFilter
from model.scanning.screen_work import ScreenScanner
from model.streaming.in_order import PictureResult
from model.tables.journal import open_journal
from model.tables.output import check_beside
from model.tables.row_formats import json_line
from model.tables.table_run import TableSources, find_all_rows

if TYPE_CHECKING:
    from base.cluster import Cluster

CUT_JOURNAL = ".cut.part"
"""The journal of a run, in the folder that it writes."""


@dataclass(frozen=True)
class CutResult:
    """How many screens there were, how many crops were cut out of them, and which screens could not be read."""

    screens: int
    crops: int
    unreadable: tuple[Unreadable, ...]


def cut_widgets(
    scanner: ScreenScanner,
    sources: Sequence[str | Path],
    out: Path,
    *,
    settings: WidgetFilter | None = None,
    overwrite: bool = False,
    resume: bool = False,
    listed: BinaryIO | None = None,
    threads: int | None = None,
    cluster: "Cluster | None" = None,
    on_progress: OnProgress | None = None,
) -> CutResult:
    """Write the crop of each widget as the scanner cuts it to be read, and `metadata.jsonl` with a row for each.

    A row names the file, the screen and the widget's box in both, its kind, its state as `label`, and how sure the
    scanner is; crops of one screen are a group. It is written when all crops are. `screenshot` and
    `screenshot_box_px` say to the labeller where the crop was cut out of a screen that is a file.

    Args:
        scanner: made by `model.finding.scanner.load_scanner`.
        sources: see `model.reading.sources.find_pictures`.
        out: a folder that is empty or not there.
        settings: which widgets.
        overwrite: empty the folder first.
        resume: go on with an interrupted run of the same scanner, sources and settings.
        listed: what the source `-` stands for.
        threads: each has one screen in work; as many as there are cores when None.
        cluster: what reads and scans instead of threads here.
        on_progress: called with screens done and in all, 0 while that is not known.

    Raises:
        MissingError, InputError: a source does not exist or holds no picture, or an option does not fit.
        OutputExistsError: the folder holds something.
    """
    job = ScanJob(scanner, tuple(map(str, sources)), settings or WidgetFilter(), threads, cluster)
    job.check()
    check_beside(out, job.sources)
    claim_folder(out, overwrite=overwrite, resume=resume)
    with open_journal(out / CUT_JOURNAL, SCREEN_KEEPER, begun=job.journal_header, resume=resume) as journal:
        run = TableSources.of(job.sources, listed, on_progress)
        making = job.making(_Cutter(out, first=len(journal)).cut)
        rows = find_all_rows(run, making, journal, at_once=False)
        return _write_metadata(out, rows)


class _Cutter:
    """Writes the crops of one screen after the other; the number of a screen is part of their names."""

    def __init__(self, out: Path, *, first: int) -> None:
        self._out = out
        self._numbers = itertools.count(first)

    def cut(self, found: PictureResult[ScreenReading], row: ScannedScreen) -> ScannedScreen:
        number = next(self._numbers)
        if not row.widgets:
            return row
        try:
            image = _read(found.picture, row)
        except ImageError as error:
            return replace(row, problem=f"cannot be cut: {error}", reading=replace(row.reading, widgets=()))
        for place, widget in enumerate(row.widgets):
            with atomic_open(self._out / _crop_name(number, place, row)) as file:
                cut_out(image, widget.box).save(file, "PNG")
        return row


def _read(picture: PictureReference, row: ScannedScreen) -> Image.Image:
    return decode_bytes(picture.read_again(row.content, since="scanned")).image


def _crop_name(number: int, place: int, row: ScannedScreen) -> str:
    """Return a crop's file name: the number of its screen, what that is called, and its place on it."""
    stem = PurePosixPath(row.path.replace("::", "/")).stem
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in stem)[:60].strip(".-")
    return f"{number:06}-{kept}-{place:03}.png" if kept else f"{number:06}-{place:03}.png"


def _write_metadata(out: Path, rows: Iterator[ScannedScreen]) -> CutResult:
    screens, crops, unreadable = 0, 0, list[Unreadable]()
    with atomic_open(out / METADATA) as file:
        for number, row in enumerate(rows):
            screens += 1
            if row.error is not None:
                unreadable.append(Unreadable(Path(row.path), row.error))
            for place, widget in enumerate(row.widgets):
                file.write(json_line(_crop_row(out, number, place, row, widget)))
                crops += 1
    return CutResult(screens, crops, tuple(unreadable))


def _crop_row(out: Path, number: int, place: int, row: ScannedScreen, widget: FoundWidget) -> dict[str, Any]:
    size = row.reading.size or (0, 0)
    cutout = cutout_box(widget.box, size)
    left, top, _, _ = cutout
    box = [round(length, 1) for length in widget.box]
    return {
        "file_name": _crop_name(number, place, row),
        "label": widget.state,
        "kind": widget.kind,
        "box": [round(widget.box[0] - left, 1), round(widget.box[1] - top, 1), *box[2:]],
        "group": row.path,
        "confidence": round(widget.confidence, 4),
        "state_confidence": round(widget.state_confidence, 4),
        "enabled": widget.enabled,
        "words": widget.label,
        "screen_box": box,
        **_place_in_file(out, row.path, cutout),
    }


def _place_in_file(out: Path, screen: str, cutout: tuple[int, int, int, int]) -> dict[str, Any]:
    """Return where the labeller finds what is around a crop: nothing, where the screen is no file of its own."""
    if not Path(screen).is_file():
        return {}
    with contextlib.suppress(ValueError):  # another drive, to which no path leads from here
        place = os.path.relpath(Path(screen).resolve(), out.resolve())
        return {"screenshot": Path(place).as_posix(), "screenshot_box_px": list(cutout)}
    return {}
