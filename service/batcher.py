"""Batching: pictures of many requests are decoded by a pool of threads and classified together by one."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from base.errors import BoxwrightError, ImageError
from model.classifying.classifier import Classification, Classifier
from model.running.stages import Fitted
from service.service_settings import ServeSettings

DECODERS = 4
"""Threads; they mostly wait for each other beyond the number of cores."""


class BusyError(BoxwrightError, RuntimeError):
    """So much is waiting that no more is accepted for now."""


@dataclass(frozen=True)
class Work:
    """A picture's bytes, the classifier that was at work when it was accepted, and the promise of a result."""

    classifier: Classifier
    data: bytes
    future: Future[Classification] = field(default_factory=Future)


@dataclass(frozen=True)
class _Ready:
    work: Work
    fitted: Fitted


class Batcher:
    """Accepts pictures from any thread, and keeps each promise, also when it is closed."""

    def __init__(self, settings: ServeSettings, *, on_batch: Callable[[int], None] = lambda _: None) -> None:
        """`on_batch` is called with the size of each batch."""
        self._settings = settings
        self._on_batch = on_batch
        self._lock = threading.Lock()
        self._waiting = 0
        self._closed = False
        self._ready: queue.SimpleQueue[_Ready | None] = queue.SimpleQueue()
        self._decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="decode")
        self._worker = threading.Thread(target=self._classify_batches, name="classify", daemon=True)
        self._worker.start()

    @property
    def waiting(self) -> int:
        """Return how many pictures are accepted and not answered yet."""
        return self._waiting

    @property
    def accepts(self) -> bool:
        """Return whether a picture that came now would be accepted."""
        return not self._closed and self._worker.is_alive() and self._waiting < self._settings.queue_pictures

    def submit(self, classifier: Classifier, pictures: Sequence[bytes]) -> list[Future[Classification]]:
        """Accept all of the pictures, or none; a result with an error is one that cannot be read.

        A future that is cancelled before its turn costs no more work.

        Raises:
            BusyError: too many are waiting, or the batcher is closed.
        """
        with self._lock:
            if self._closed:
                raise BusyError("the service is stopping")
            if self._waiting + len(pictures) > self._settings.queue_pictures:
                raise BusyError(f"{self._waiting} pictures are waiting already; try again in a second")
            self._waiting += len(pictures)
            works = [Work(classifier, data) for data in pictures]
            for work in works:
                work.future.add_done_callback(self._count_off)
                self._decoders.submit(self._decode, work)
        return [work.future for work in works]

    def close(self) -> None:
        """Accept no more, and return when everything that was accepted is answered."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._decoders.shutdown()
        self._ready.put(None)
        self._worker.join()

    def _count_off(self, _: Future[Classification]) -> None:
        with self._lock:
            self._waiting -= 1

    def _decode(self, work: Work) -> None:
        if not work.future.set_running_or_notify_cancel():
            return
        try:
            most_pixels = int(self._settings.max_megapixels * 10**6)
            self._ready.put(_Ready(work, work.classifier.fit(work.data, most_pixels=most_pixels)))
        except ImageError as error:
            work.future.set_result(Classification.failed(str(error)))
        except Exception as error:
            work.future.set_exception(error)

    def _classify_batches(self) -> None:
        while (first := self._ready.get()) is not None:
            batch, last = self._gather(first)
            self._on_batch(len(batch))
            for classifier in {id(item.work.classifier): item.work.classifier for item in batch}.values():
                _answer(classifier, [item for item in batch if item.work.classifier is classifier])
            if last:
                return

    def _gather(self, first: _Ready) -> tuple[list[_Ready], bool]:
        """Return a batch, and whether it is the last; waits only while something else was accepted that may come."""
        batch = [first]
        end_s = time.monotonic() + self._settings.batch_wait_ms / 1000
        while len(batch) < self._settings.batch_pictures:
            left_s = end_s - time.monotonic() if self._waiting > len(batch) else 0
            try:
                item = self._ready.get(timeout=max(0.0, left_s))
            except queue.Empty:
                break
            if item is None:
                return batch, True
            batch.append(item)
        return batch, False


def _answer(classifier: Classifier, batch: Sequence[_Ready]) -> None:
    try:
        results = classifier.results([item.fitted for item in batch])
    except Exception as error:
        for item in batch:
            item.work.future.set_exception(error)
        return
    for item, result in zip(batch, results, strict=True):
        item.work.future.set_result(result)
