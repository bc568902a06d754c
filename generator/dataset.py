"""Data sets: pages rendered by one or many workers into class folders and a manifest, resumable by page."""

import concurrent.futures
import contextlib
import hashlib
import importlib.metadata
import io
import json
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from generator.box import Box
from generator.browser import Capture, Choice, Studio, Surroundings, find_browser, survey
from generator.cell import Cell, Palette, draw_cell
from generator.degrade import degrade
from generator.errors import BrowserError, InputError, TemplateError
from generator.family import Family, load_families
from generator.files import atomic_open, claim_folder, write_json, write_jsonl
from generator.manifest import MANIFEST, Row
from generator.seeds import rng_for
from generator.settings import Settings
from generator.sheet import crop_box, describe, sheet_html

PAGE_SIZE = 100
SCALES = {1.0: 0.27, 1.25: 0.06, 1.5: 0.1, 2.0: 0.5, 3.0: 0.07}
DESCRIPTION = "dataset.json"
PAGES = ".pages"
ATTEMPTS = 2
PAGE_TIMEOUT_S = 300
HUNG = 75


class GenerateSettings(Settings):
    """What decides the content of a data set; `workers` and `browser` only decide how it is made."""

    n: int = Field(default=2000, gt=0)
    seed: int = 0
    families: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    templates: Path | None = None
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0)
    browser: str | None = None


@dataclass(frozen=True)
class Job:
    """What a worker needs to render any page of a data set."""

    out: Path
    seed: int
    n: int
    palette: Palette
    choice: Choice

    def pages(self) -> range:
        """Return the numbers of all pages."""
        return range(-(-self.n // PAGE_SIZE))

    def indices(self, page: int) -> range:
        """Return the indices of the crops on a page."""
        return range(page * PAGE_SIZE, min(self.n, (page + 1) * PAGE_SIZE))


@dataclass(frozen=True)
class Summary:
    """What a data set holds: crops by class and by family."""

    folder: Path
    classes: Mapping[str, int]
    families: Mapping[str, int]


Progress = Callable[[int, int], None]


def generate(
    out: Path,
    settings: GenerateSettings,
    *,
    overwrite: bool = False,
    resume: bool = False,
    on_progress: Progress | None = None,
) -> Summary:
    """Render `settings.n` labelled crops into `out`: a folder a class, metadata.jsonl and dataset.json.

    The same settings, browser and fonts give the same bytes, whatever the number of workers, and also when
    a run was killed and resumed. `on_progress` is called with crops done and crops in all.

    Raises:
        OutputExistsError: `out` is not empty and neither `overwrite` nor `resume` is set.
        InputError: an unknown family, or `resume` with other settings than those the folder was begun with.
        TemplateError: a family's template is broken; nothing is skipped silently.
        BrowserError: no browser starts, or a page failed twice.
    """
    families = _chosen(settings)
    choice = find_browser(settings.browser)
    surroundings = survey(choice)
    job = Job(out, settings.seed, settings.n, Palette(families, surroundings.fonts, surroundings.scripts), choice)
    claim_folder(out, overwrite=overwrite, resume=resume)
    _settle_description(out, _describe_run(job, surroundings))
    done = sum(len(job.indices(page)) for page in job.pages() if _part(out, page).exists())
    todo = [page for page in job.pages() if not _part(out, page).exists()]
    for page in _render_pages(job, todo, workers=settings.workers):
        done += len(job.indices(page))
        if on_progress:
            on_progress(done, settings.n)
    return _finish(job)


def _chosen(settings: GenerateSettings) -> dict[str, Family]:
    catalogue = load_families(folder=settings.templates)
    # Names in `without` are checked too: a typing error there would leak what was to be held out.
    load_families((*settings.families, *settings.without), folder=settings.templates)
    names = settings.families or tuple(catalogue)
    families = {name: catalogue[name] for name in names if name not in settings.without}
    if not families:
        raise InputError("no family is left to draw from")
    return families


def _describe_run(job: Job, surroundings: Surroundings) -> dict[str, Any]:
    """Return what the bytes depend on; a resumed run must agree with it."""
    sources = {
        name: hashlib.sha256(repr(family).encode()).hexdigest()[:16] for name, family in job.palette.families.items()
    }
    return {
        "n": job.n,
        "seed": job.seed,
        "families": sources,
        "browser": job.choice.version,
        "fonts": list(surroundings.fonts),
        "scripts": list(surroundings.scripts),
        "versions": {name: importlib.metadata.version(name) for name in ("faker", "jinja2", "pillow")},
    }


def _settle_description(out: Path, description: dict[str, Any]) -> None:
    path = out / DESCRIPTION
    if path.exists():
        begun = json.loads(path.read_text(encoding="utf-8"))
        changed = sorted(key for key in description if begun.get(key) != description[key])
        if changed:
            raise InputError(
                f"{out} was begun with other settings ({', '.join(changed)}); "
                "resume with the same ones, or start again with --overwrite"
            )
    else:
        write_json(path, description)


def _render_pages(job: Job, pages: list[int], *, workers: int) -> Iterator[int]:
    """Yield the pages as they are committed; each worker has its own browser."""
    if not pages:
        return
    context = multiprocessing.get_context("spawn")
    workers = min(workers, len(pages))
    pool = concurrent.futures.ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(job,))
    try:
        futures = [pool.submit(_render_page, page) for page in pages]
        for future in concurrent.futures.as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        raise BrowserError(
            f"a rendering worker died: it was killed, ran out of memory or hung for {PAGE_TIMEOUT_S} s on a page; "
            "run again with --resume"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Worker:
    """A worker process's job and its running studio, which is replaced when it fails."""

    job: Job
    studio: Studio | None = None


def _start(job: Job) -> None:
    # Ctrl-C is the parent's to handle; it cancels what is queued and lets the pages at hand finish.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Worker.job = job


def _render_page(page: int) -> int:
    job = _Worker.job
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _watchdog():
                if _Worker.studio is None:
                    _Worker.studio = Studio(job.choice).__enter__()
                commit_page(job, page, _Worker.studio)
        except BrowserError as error:
            _drop_studio()
            if attempt == ATTEMPTS:
                names = sorted(
                    {draw_cell(job.palette, seed=job.seed, index=index).family for index in job.indices(page)}
                )
                raise BrowserError(
                    f"page {page} failed {ATTEMPTS} times: {error} (families: {', '.join(names)})"
                ) from error
        else:
            break
    return page


@contextlib.contextmanager
def _watchdog() -> Iterator[None]:
    """End this worker when a page takes too long: a hung browser answers no call that could be timed out."""
    timer = threading.Timer(PAGE_TIMEOUT_S, os._exit, args=(HUNG,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _drop_studio() -> None:
    studio, _Worker.studio = _Worker.studio, None
    if studio is not None:
        try:
            studio.__exit__(None, None, None)
        except BrowserError:
            # It has just failed; that is why it is being dropped.
            return


def commit_page(job: Job, page: int, studio: Studio) -> None:
    """Render one page, write its crops, then its rows: the rows' file is what marks the page as done."""
    rows = []
    for row, png in render_page(job, page, studio):
        path = job.out / row.file_name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png)
        rows.append(row.model_dump_json())
    write_jsonl(_part(job.out, page), rows)


def render_page(job: Job, page: int, studio: Studio) -> Iterator[tuple[Row, bytes]]:
    """Yield the page's crops, each as its manifest row and PNG bytes, in the order of their indices."""
    cells = [draw_cell(job.palette, seed=job.seed, index=index) for index in job.indices(page)]
    scale = rng_for(job.seed, page, "scale").choices(list(SCALES), weights=list(SCALES.values()))[0]
    capture = studio.capture(sheet_html(cells, job.palette.families), count=len(cells), scale=scale)
    for slot, cell in enumerate(cells):
        yield _cut(cell, capture, page=page, slot=slot, group=f"{job.seed}-{cell.index}")


def _cut(cell: Cell, capture: Capture, *, page: int, slot: int, group: str) -> tuple[Row, bytes]:
    placed = capture.placed[slot]
    bounds = Box(0, 0, capture.image.width, capture.image.height)
    window = crop_box(cell, placed).scaled(capture.scale, capture.scale).rounded().clipped(bounds)
    widget = placed.widget.scaled(capture.scale, capture.scale).clipped(window)
    if min(widget.width, widget.height) < 1:
        raise TemplateError(f"{cell.family}: nothing to crop for state '{cell.state}' with {dict(cell.params)}")
    image = capture.image.crop((int(window.x), int(window.y), int(window.right), int(window.bottom)))
    image, box = degrade(image, widget.moved(-window.x, -window.y), cell.degradation)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=3)
    png = buffer.getvalue()
    row = Row(
        file_name=f"{cell.state}/{cell.index:07d}.png",
        label=cell.state,
        group=group,
        family=cell.family,
        kind=cell.kind,
        box=(round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1)),
        width=image.width,
        height=image.height,
        index=cell.index,
        page=page,
        slot=slot,
        scale=capture.scale,
        sha256=hashlib.sha256(png).hexdigest(),
        spec=describe(cell),
    )
    return row, png


def _finish(job: Job) -> Summary:
    """Join the pages' rows into the manifest, in order, and count what is there."""
    classes: Counter[str] = Counter()
    families: Counter[str] = Counter()
    with atomic_open(job.out / MANIFEST) as manifest:
        for line in _lines(_part(job.out, page) for page in job.pages()):
            row = Row.model_validate_json(line)
            classes[row.label] += 1
            families[row.family] += 1
            manifest.write(line)
    return Summary(job.out, dict(sorted(classes.items())), dict(sorted(families.items())))


def _lines(files: Iterable[Path]) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as lines:
            yield from lines


def _part(out: Path, page: int) -> Path:
    return out / PAGES / f"{page:06d}.jsonl"
