"""A process with a browser that many data sets share: most tests are about what is drawn, not about who draws it."""

import concurrent.futures
import concurrent.futures.process
import functools
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from base.work import Prepare, start_ahead
from generator.datasets.dataset import DatasetSummary, GenerateSettings, generate
from generator.datasets.workers import _Worker
from generator.rendering.studio import Studio

AHEAD = 2


class KeptWorker:
    """See `base.work.Engine`; its process lives as long as the tests do."""

    def map(self, prepare: Prepare[Any, Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """See `base.work.Engine`."""
        pool = _pool()
        started = (pool.submit(_work, prepare, task, os.environ["BOXWRIGHT_CACHE"]) for task in tasks)
        for future in start_ahead(started, AHEAD):
            yield future.result()


def _pool() -> concurrent.futures.ProcessPoolExecutor:
    """Return the process; another where a test before was the end of it."""
    try:
        _started().submit(os.getpid).result()
    except concurrent.futures.process.BrokenProcessPool:
        _started.cache_clear()
    return _started()


@functools.cache
def _started() -> concurrent.futures.ProcessPoolExecutor:
    return concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def _work(prepare: Prepare[Any, Any], task: object, cache: str) -> object:
    if os.environ["BOXWRIGHT_CACHE"] != cache:
        os.environ["BOXWRIGHT_CACHE"] = cache
        _forget_libraries()
    return prepare()(task)


def _forget_libraries() -> None:
    """Close the pages: each keeps the libraries that it was given, and in another cache there are others."""
    for painter in _Worker.painters.values():
        if isinstance(painter, Studio):
            for stage in painter._stages.values():
                stage.page.context.close()
            painter._stages.clear()


def draw(out: Path, settings: GenerateSettings, *, overwrite: bool = False, resume: bool = False) -> DatasetSummary:
    """Generate a data set as one worker does."""
    return generate(out, settings, overwrite=overwrite, resume=resume, engine=KeptWorker())
