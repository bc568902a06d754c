"""Workers: processes with a browser each, which render the shards of a data set."""

import contextlib
import os
import platform
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import ClassVar

from base.counting import counted
from base.errors import BrowserError, InputError, WorkerDiedError
from base.timing import package_log, timed
from base.work import Engine
from generator.crops.page import Crop, Rejected
from generator.datasets.shard import ShardJob, commit_shard
from generator.formats.crop_formats import CROP_FORMATS
from generator.rendering.painters import PAINTERS, SheetPainter, survey_painters
from generator.screens.rows import Screenshot

LOG = package_log(__name__)

ATTEMPTS = 2
PAGE_TIMEOUT_S = 300
HUNG = 75
"""The exit status of a worker that ended itself because a page hung."""

Watch = Callable[[], contextlib.AbstractContextManager[None]]
"""Gives what is around the work on a page."""


def render_shards(job: ShardJob, shards: Sequence[int], *, engine: Engine) -> Iterator[int]:
    """Yield the shards, in order, as they are committed; each process of the engine has its own browser.

    Raises:
        BrowserError: a page failed twice, or a process was killed.
        InputError: a process is on another machine, whose fonts differ or which does not share the folder.
    """
    if not shards:
        return
    prepare = partial(_start, job, platform.node())
    try:
        for shard in engine.map(prepare, shards):
            if not job.rows_file(shard).exists():
                raise InputError(
                    f"shard {shard} was written on another machine and is not in {job.out} here; "
                    "all machines must share that folder, under one name"
                )
            yield shard
    except WorkerDiedError as error:
        raise BrowserError(
            f"a rendering worker died: it was killed, ran out of memory or hung for {PAGE_TIMEOUT_S} s on a page; "
            "run again with --resume"
        ) from error


def render_shard_here(job: ShardJob, shard: int) -> None:
    """Render and commit one shard in this process: another would load again what this one has.

    Raises:
        BrowserError: a page failed twice, or the browser hung.
    """
    done: Future[int] = Future()
    most_s = PAGE_TIMEOUT_S * len(job.pages(shard))

    def run() -> None:
        painters: Painters = {}
        try:
            done.set_result(_render_shard(job, shard, painters=painters, watch=contextlib.nullcontext))
        except BaseException as error:
            done.set_exception(error)
        finally:
            for name in tuple(painters):
                _drop_painter(painters, name)

    # A thread that waits for a browser which hangs holds up nobody, and ends with the process.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        done.result(most_s)
    except TimeoutError as error:
        raise BrowserError(f"the browser hung for {most_s} s; run again with --resume") from error
    thread.join()


Painters = dict[str, SheetPainter]
"""Running painters, by name; one that fails is replaced."""


class _Worker:
    """What a worker process keeps from one shard to the next."""

    painters: ClassVar[Painters] = {}


def _start(job: ShardJob, home: str) -> Callable[[int], int]:
    if platform.node() != home:
        _require_same_surroundings(job)
    return partial(_render_shard, job, painters=_Worker.painters, watch=_watchdog)


def _require_same_surroundings(job: ShardJob) -> None:
    """Refuse a machine that would draw other crops than the one where the data set was begun."""
    here, there = survey_painters(job.choices), job.recipe.palette
    if (here.fonts, here.scripts) != (there.fonts, there.scripts):
        raise InputError(
            f"the machine {platform.node()} has other fonts than the one that asks: "
            f"{counted(len(here.fonts), 'family', 'families')} and {counted(len(here.scripts), 'script')}, not "
            f"{len(there.fonts)} and {len(there.scripts)}; install the same ones"
        )


def _render_shard(job: ShardJob, shard: int, *, painters: Painters, watch: Watch) -> int:
    with timed(LOG, f"shard {shard}") as found:
        pages = (_render_page(job, page, painters, watch) for page in job.pages(shard))
        commit_shard(job, shard, [item for page in pages for item in page])
        found.note(crops=job.count(shard))
    return shard


def _render_page(job: ShardJob, page: int, painters: Painters, watch: Watch) -> list[Crop | Screenshot | Rejected]:
    name = job.recipe.painter(page)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with watch():
                if name not in painters:
                    painters[name] = PAINTERS[name](job.choices[name]).__enter__()
                return list(CROP_FORMATS[job.format].render(job.recipe, page, painters[name]))
        except BrowserError as error:
            _drop_painter(painters, name)
            if attempt == ATTEMPTS:
                names = sorted({cell.family for cells in job.recipe.slots(page) for cell in cells})
                raise BrowserError(
                    f"page {page} failed {ATTEMPTS} times: {error} (families: {', '.join(names)})"
                ) from error
    raise AssertionError("the last attempt returns or raises")


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


def _drop_painter(painters: Painters, name: str) -> None:
    painter = painters.pop(name, None)
    if painter is not None:
        try:
            painter.__exit__(None, None, None)
        except BrowserError:
            # It has just failed, or is not needed any more.
            return
