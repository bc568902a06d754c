"""Work that is spread over processes: the protocol of what spreads it, here or over machines, and what does it here."""

import concurrent.futures
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeVar

from base.errors import WorkerDiedError
from base.timing import are_stages_shown, show_stages

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

Prepare = Callable[[], Callable[[_Task], _Result]]
"""Called once in each process, for what is dear to make; gives the function that does one task."""

TASKS_AHEAD = 4
"""Tasks under way for each that is worked on: enough that a slow one does not hold up the others."""

ORPHANED = 76
"""The exit status of a worker that ended itself because nobody waits for it any more."""


class Engine(Protocol):
    """Does tasks that do not depend on each other."""

    def map(self, prepare: Prepare[_Task, _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
        """Yield the result of each task, in their order; a bounded number of them is asked for ahead.

        A task may be done more than once, where what did it died before it could say so.

        Raises:
            WorkerDiedError: a process was killed, and nothing does its task again.
            BoxwrightError: what a task raised.
        """
        ...


class InProcess:
    """Does one task after another, in this process."""

    def map(self, prepare: Prepare[_Task, _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
        """See `Engine`."""
        yield from map(prepare(), tasks)


@dataclass(frozen=True)
class Processes:
    """Does tasks in so many processes of this machine; what they run must be importable by name."""

    workers: int

    def map(self, prepare: Prepare[_Task, _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
        """See `Engine`; nothing is done twice."""
        context = multiprocessing.get_context("spawn")
        pool = concurrent.futures.ProcessPoolExecutor(
            self.workers, mp_context=context, initializer=partial(_start, prepare, with_stages=are_stages_shown())
        )
        try:
            futures = (pool.submit(_run, task) for task in tasks)
            for future in start_ahead(futures, TASKS_AHEAD * self.workers):
                yield future.result()
        except BrokenProcessPool as error:
            raise WorkerDiedError("a worker process died: it was killed, or ran out of memory") from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def start_ahead(started: Iterable[_Task], ahead: int) -> Iterator[_Task]:
    """Yield what an iterator gives, which is asked for `ahead` items more than were taken."""
    rest = iter(started)
    waiting = deque(islice(rest, ahead))
    while waiting:
        yield waiting.popleft()
        waiting.extend(islice(rest, 1))


class _Worker:
    """What a worker process does with a task."""

    function: Callable[[Any], Any]


def _start(prepare: Prepare[Any, Any], *, with_stages: bool) -> None:
    # Ctrl-C is the parent's to handle; it cancels what is queued and lets the tasks at hand finish.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if with_stages:
        show_stages()
    try:
        _Worker.function = prepare()
    except Exception as error:
        # Raised from here, the pool would only say that a process died.
        _Worker.function = partial(_fail, error)


def _run(task: Any) -> Any:  # noqa: ANN401  whatever the function takes and gives
    return _Worker.function(task)


def _fail(error: Exception, _task: object) -> None:
    raise error


def end_with_parent() -> None:
    """Have this process end, and with it its browser, when the one that started it does, be it by a kill."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    # Of a parent that was killed, the pool's queue would never say so.
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(ORPHANED)
