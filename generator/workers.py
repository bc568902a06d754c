"""Workers: processes with a browser each, which render the shards of a data set."""

import concurrent.futures
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

from generator.errors import BrowserError
from generator.formats import FORMATS
from generator.page import Crop, Rejected
from generator.screens import Screenshot
from generator.shard import Job, commit_shard
from generator.studio import Studio

ATTEMPTS = 2
PAGE_TIMEOUT_S = 300
HUNG = 75
"""The exit status of a worker that ended itself because a page hung."""

ORPHANED = 76
"""The exit status of a worker that ended itself because nobody waits for it any more."""


def render_shards(job: Job, shards: list[int], *, workers: int) -> Iterator[int]:
    """Yield the shards as they are committed; each worker has its own browser."""
    if not shards:
        return
    context = multiprocessing.get_context("spawn")
    workers = min(workers, len(shards))
    pool = concurrent.futures.ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(job,))
    try:
        futures = [pool.submit(_render_shard, shard) for shard in shards]
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
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Worker.job = job


def _end_with_parent() -> None:
    """End this worker, and with it its browser, when the parent was killed: the pool's queue would never say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(ORPHANED)


def _render_shard(shard: int) -> int:
    job = _Worker.job
    commit_shard(job, shard, [item for page in job.pages(shard) for item in _render_page(job, page)])
    return shard


def _render_page(job: Job, page: int) -> list[Crop | Screenshot | Rejected]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _watchdog():
                if _Worker.studio is None:
                    _Worker.studio = Studio(job.choice).__enter__()
                return list(FORMATS[job.format].render(job.recipe, page, _Worker.studio))
        except BrowserError as error:
            _drop_studio()
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


def _drop_studio() -> None:
    studio, _Worker.studio = _Worker.studio, None
    if studio is not None:
        try:
            studio.__exit__(None, None, None)
        except BrowserError:
            # It has just failed; that is why it is being dropped.
            return
