"""Data sets drawn in a process of their own, one after the other, while who asked for them does something else."""

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

Draw = tuple[Callable[..., object], object]
"""A function such as `boxwright.generate`, and its settings; it takes the folder first, and `resume`."""


class DrawingAhead:
    """The folders that are being drawn; asking for one waits until it is done."""

    def __init__(self, drawn: dict[Path, Future[object]]) -> None:
        self._drawn = drawn

    def wait_for(self, folder: Path) -> Path:
        """Return the folder once it is whole.

        Raises:
            BoxwrightError: what drawing it raised.
        """
        self._drawn[folder].result()
        return folder


@contextlib.contextmanager
def drawing_ahead(wanted: Sequence[tuple[Path, Draw]]) -> Iterator[DrawingAhead]:
    """Draw the folders in that order; those that are not begun when the block is left are not drawn.

    What is drawn follows from the settings alone, so that each folder has the bytes that it would have by itself. A
    folder that was whole before is left as it is.
    """
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    try:
        asked = {folder: pool.submit(draw, folder, settings, resume=True) for folder, (draw, settings) in wanted}
        yield DrawingAhead(asked)
    finally:
        pool.shutdown(cancel_futures=True)
