"""The work on a screen: its bytes are decoded and scanned, one screen at a time for each core."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PIL import Image

from base.errors import ImageError
from base.threads import core_count
from model.finding.widgets import FoundWidget
from model.reading.images import MAX_PIXELS, TooManyPixelsError, decode_bytes
from model.reading.picture_reference import PictureReference
from model.scanning.screen_rows import ScreenReading
from model.streaming.chunks import PictureWork
from model.streaming.in_order import PictureResult, work_in_order
from model.streaming.repeats import KnownContents

if TYPE_CHECKING:
    from base.cluster import Cluster

LARGE_PIXELS = 9_000_000
"""Pictures with more are decoded and scanned one at a time; a 4K screen has 8.3 million."""

CHUNK_A_THREAD = 4
"""Screens of a chunk for each thread: when they are done, they are in the journal."""

MOST_SCREENS_REMEMBERED = 1_000
"""Contents whose widgets are remembered."""


class ScreenScanner(Protocol):
    """What finds widgets: `model.finding.scanner.Scanner`, or the like. For a cluster it can be pickled."""

    @property
    def fingerprint(self) -> str:
        """Return what tells apart scanners that can answer differently."""
        ...

    @property
    def states(self) -> tuple[str, ...]:
        """Return the states that a widget may be found in."""
        ...

    def scan(self, image: Image.Image, *, min_confidence: float) -> list[FoundWidget]:
        """Return the widgets on an RGB picture, the surest first."""
        ...


class ScreenReader:
    """Makes readings of files' bytes, for any number of threads."""

    def __init__(self, scanner: ScreenScanner, min_confidence: float) -> None:
        self._scanner = scanner
        self._min_confidence = min_confidence
        self._one_large = threading.Lock()

    def read(self, content: bytes) -> ScreenReading | str:
        """Return what is found on a picture, or the reason why it cannot be read."""
        try:
            return self._scan(content, LARGE_PIXELS)
        except TooManyPixelsError:
            with self._one_large:
                return self._read_large(content)
        except ImageError as error:
            return str(error)

    def read_all(self, contents: Sequence[bytes]) -> list[ScreenReading]:
        """Return the readings of pictures, one after the other."""
        found = map(self.read, contents)
        return [ScreenReading.failed(each) if isinstance(each, str) else each for each in found]

    def _read_large(self, content: bytes) -> ScreenReading | str:
        try:
            return self._scan(content, MAX_PIXELS)
        except ImageError as error:
            return str(error)

    def _scan(self, content: bytes, most_pixels: int) -> ScreenReading:
        decoded = decode_bytes(content, most_pixels=most_pixels)
        widgets = self._scanner.scan(decoded.image, min_confidence=self._min_confidence)
        return ScreenReading(tuple(widgets), size=decoded.image.size, note=decoded.note)


def scan_in_order(
    scanner: ScreenScanner,
    pictures: Iterable[PictureReference],
    *,
    min_confidence: float,
    known: KnownContents[ScreenReading],
    threads: int | None = None,
    cluster: "Cluster | None" = None,
) -> Iterator[list[PictureResult[ScreenReading]]]:
    """Yield chunks of pictures with what is found on them, in order; the next chunk is scanned meanwhile.

    Args:
        scanner: what finds widgets.
        pictures: any number; of each thread, one is decoded at a time.
        min_confidence: the least probability of being a widget.
        known: contents to answer without work, to which new ones are added.
        threads: that decode and scan; as many as there are cores when None.
        cluster: what decodes and scans, instead of this process's threads.
    """
    count = threads or core_count()
    work = _work_elsewhere(scanner, min_confidence) if cluster else _work_here(scanner, min_confidence)
    return work_in_order(
        work, pictures, threads=count, most=CHUNK_A_THREAD * max(2, count), known=known, cluster=cluster
    )


def _work_here(scanner: ScreenScanner, min_confidence: float) -> PictureWork[ScreenReading, ScreenReading]:
    """Return the work for threads: each has a screen at a time, from its bytes to its widgets."""
    return PictureWork(ScreenReader(scanner, min_confidence).read, lambda: list, ScreenReading.failed)


def _work_elsewhere(scanner: ScreenScanner, min_confidence: float) -> PictureWork[bytes, ScreenReading]:
    """Return the work for a cluster: what was read stays as it is until it is known which contents are new."""
    return PictureWork(_as_it_is, partial(_prepare_reader, scanner, min_confidence), ScreenReading.failed)


def _as_it_is(content: bytes) -> bytes:
    return content


def _prepare_reader(scanner: ScreenScanner, min_confidence: float) -> Callable[[Sequence[Any]], list[ScreenReading]]:
    return ScreenReader(scanner, min_confidence).read_all
