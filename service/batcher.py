"""Batching: pictures of many requests are decoded by a pool of threads and classified together by one."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from base.counting import counted
from base.errors import BoxwrightError, ImageError
from model.classifying.classifier import Classification, Classifier
from model.reading.images import TooManyPixelsError
from model.running.stages import Fitted
from service.lanes import Lanes
from service.service_settings import MEGAPIXEL, ServeSettings

DECODERS = 3
"""Threads for ordinary pictures; they mostly wait for each other beyond the number of cores."""

ORDINARY_PIXELS = MEGAPIXEL
"""Larger ones are decoded one at a time: most take 5 bytes a pixel, a WebP 16. No ordinary one waits for them."""

WIDE = 2
"""A canvas of more than so many times a model's largest ordinary crop is classified by itself."""


class BusyError(BoxwrightError, RuntimeError):
    """So much is waiting that no more is accepted for now."""


@dataclass(frozen=True)
class Work:
    """A picture's bytes, the classifier that was at work when it was accepted, and the promise of a result."""

    classifier: Classifier
    data: bytes
    future: Future[Classification] = field(default_factory=Future)

    def settle(self, result: Classification | Exception) -> None:
        """Keep the promise, unless nobody waits for it any more."""
        if not self.future.set_running_or_notify_cancel():
            return
        if isinstance(result, Exception):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)


@dataclass(frozen=True)
class _Ready:
    work: Work
    fitted: Fitted

    @property
    def is_wide(self) -> bool:
        """Tell whether the network works on it as long as on many others."""
        geometry = self.work.classifier.model.geometry
        height, width = geometry.bucket((self.fitted.pixels.shape[0], self.fitted.pixels.shape[1]))
        return height * width > WIDE * geometry.max_area_px


class Batcher:
    """Accepts pictures from any thread, and keeps each promise, also when it is closed."""

    def __init__(self, settings: ServeSettings, *, on_batch: Callable[[int], None] = lambda _: None) -> None:
        """`on_batch` is called with the size of each batch."""
        self._settings = settings
        self._on_batch = on_batch
        self._lock = threading.Lock()
        self._waiting = 0
        self._large_pixels = 0
        self._closed = False
        most = settings.batch_pictures
        self._ready: Lanes[_Ready] = Lanes(most=most, wait_s=settings.batch_wait_ms / 1000, held=2 * most)
        self._decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="decode")
        self._large_decoder = ThreadPoolExecutor(1, thread_name_prefix="decode large")
        self._one_large = threading.Lock()
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

        A future that is cancelled before its turn costs no more work. One of a large picture may raise BusyError: how
        large it is shows only when it is looked at.

        Raises:
            BusyError: too many are waiting, or the batcher is closed.
        """
        with self._lock:
            if self._closed:
                raise BusyError("the service is stopping")
            if self._waiting + len(pictures) > self._settings.queue_pictures:
                raise BusyError(
                    f"{counted(self._waiting, 'picture is', 'pictures are')} waiting already; try again in a second"
                )
            self._waiting += len(pictures)
            works = [Work(classifier, data) for data in pictures]
            for work in works:
                work.future.add_done_callback(self._count_off)
                self._decoders.submit(self._decode, work)
        return [work.future for work in works]

    def fit(self, classifier: Classifier, data: bytes) -> Fitted:
        """Return a picture at the size that the model looks at, at once unless another large one is being decoded.

        Raises:
            ImageError: it cannot be read, or is too large.
        """
        with self.alone():
            return classifier.fit(data, most_pixels=self._settings.max_pixels)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold back other large pictures while one is read and worked on."""
        with self._one_large:
            yield

    def close(self) -> None:
        """Accept no more, and return when everything that was accepted is answered."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._decoders.shutdown()
        self._large_decoder.shutdown()
        self._ready.close()
        self._worker.join()

    def _count_off(self, _: Future[Classification]) -> None:
        with self._lock:
            self._waiting -= 1

    def _decode(self, work: Work) -> None:
        """Decode an ordinary picture; one that turns out to be large is left to the decoder of those."""
        ordinary = min(ORDINARY_PIXELS, self._settings.max_pixels)
        try:
            self._hand_on(work, lambda: work.classifier.fit(work.data, most_pixels=ordinary))
        except TooManyPixelsError as error:
            # Beyond the limit it is refused there, by its header, with the limit in the message.
            self._defer(work, min(error.pixels, self._settings.max_pixels))

    def _defer(self, work: Work, pixels: int) -> None:
        with self._lock:
            if self._large_pixels and self._large_pixels + pixels > self._settings.queue_megapixels * MEGAPIXEL:
                busy = BusyError("too many large pictures are waiting already; try again in a second")
            else:
                self._large_pixels += pixels
                self._large_decoder.submit(self._decode_large, work, pixels)
                return
        work.settle(busy)

    def _decode_large(self, work: Work, pixels: int) -> None:
        try:
            self._hand_on(work, lambda: self.fit(work.classifier, work.data))
        except TooManyPixelsError as error:
            work.settle(_unreadable(error))
        finally:
            with self._lock:
                self._large_pixels -= pixels

    def _hand_on(self, work: Work, fit: Callable[[], Fitted]) -> None:
        """Fit a picture that somebody still waits for, and put it before the network.

        Raises:
            TooManyPixelsError: it is larger than `fit` takes.
        """
        if work.future.cancelled():
            work.settle(_unreadable(ImageError("nobody waits for it")))
            return
        try:
            ready = _Ready(work, fit())
        except TooManyPixelsError:
            raise
        except ImageError as error:
            work.settle(_unreadable(error))
        except Exception as error:
            work.settle(error)
        else:
            self._ready.put(ready, wide=ready.is_wide)

    def _classify_batches(self) -> None:
        while batch := self._ready.take(accepted=lambda: self._waiting):
            self._on_batch(len(batch))
            for classifier in {id(item.work.classifier): item.work.classifier for item in batch}.values():
                _answer(classifier, [item for item in batch if item.work.classifier is classifier])


def _unreadable(error: ImageError) -> Classification:
    return Classification.failed(str(error))


def _answer(classifier: Classifier, batch: Sequence[_Ready]) -> None:
    asked = [item for item in batch if not item.work.future.cancelled()]
    try:
        results: Sequence[Classification | Exception] = classifier.results([item.fitted for item in asked])
    except Exception as error:
        results = [error] * len(asked)
    for item, result in zip(asked, results, strict=True):
        item.work.settle(result)
