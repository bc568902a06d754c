"""Scanning screenshots for the service: one at a time, by a finder that is loaded when the first one comes."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass

from model.classifying.classifier import Classifier
from model.finding.finder import Finder
from model.finding.scanner import Scanner
from model.finding.widgets import FoundWidget
from model.reading.images import decode_bytes
from service.batcher import BusyError
from service.late import Late
from service.service_settings import ServeSettings

MOST_SCANS = 8
"""Screenshots that wait at a time; each costs as much as some hundred crops."""


@dataclass(frozen=True)
class Scanned:
    """What was found on a screenshot.

    Attributes:
        fingerprint: of the scanner.
        size: width and height in pixels, upright.
        note: how its file was understood where it does not say.
        widgets: the surest first.
    """

    fingerprint: str
    size: tuple[int, int]
    note: str | None
    widgets: Sequence[FoundWidget]


class Scans:
    """Takes screenshots from an event loop, and scans them in a thread of its own."""

    def __init__(self, settings: ServeSettings, alone: Callable[[], AbstractContextManager[None]]) -> None:
        """While one is scanned, `alone` holds back other large pictures: their memory is bounded together."""
        self._settings = settings
        self._alone = alone
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="scan")
        self.waiting = 0

    async def scan(self, classifier: Classifier, finder: Late[Finder], picture: bytes) -> Scanned:
        """Return what is on a screenshot.

        Raises:
            BusyError: too many wait for theirs.
            TimeoutError: the answer took longer than the settings allow.
            ImageError: it cannot be read, or is too large.
            ModelError, MissingError: the finder cannot be loaded.
        """
        if self.waiting >= MOST_SCANS:
            raise BusyError("too many screenshots are waiting already; try again in a second")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._worker, self._scan, classifier, finder, picture)
        finally:
            self.waiting -= 1

    def close(self) -> None:
        """Answer everything that was accepted."""
        self._worker.shutdown()

    def _scan(self, classifier: Classifier, finder: Late[Finder], picture: bytes) -> Scanned:
        scanner = Scanner(finder.get(), classifier)
        with self._alone():
            decoded = decode_bytes(picture, most_pixels=self._settings.max_pixels)
            return Scanned(scanner.fingerprint, decoded.image.size, decoded.note, scanner.scan(decoded.image))
