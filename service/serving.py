"""What a running service holds: the model that answers now, the batcher, the figures."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from base.errors import BoxwrightError
from base.timing import package_log
from model.classifying.classifier import Classification, Classifier
from model.explaining.heat_map import HeatMap
from model.explaining.heat_maps import draw_heat_map
from model.finding.finder import Finder, load_finder
from service.batcher import Batcher, BusyError
from service.late import Late
from service.prometheus import Metrics
from service.scans import Scanned, Scans
from service.service_settings import ServeSettings

MOST_HEAT_MAPS = 4
"""Waiting at a time; each costs as much as some hundred pictures."""

log = package_log(__name__)


class Serving:
    """A service without its HTTP. Every answer is by the one model that was at work when its request came."""

    def __init__(
        self,
        load: Callable[[], Classifier],
        settings: ServeSettings,
        *,
        load_finder: Callable[[], Finder] = load_finder,
    ) -> None:
        """Load the model with `load`, and the finder with `load_finder` when the first screenshot comes.

        Both are called again for every reload, the second where a finder is at work.
        """
        self.settings = settings
        self.metrics = Metrics()
        self._load = load
        self._load_finder = load_finder
        self._reloading = threading.Lock()
        self._heat_maps = 0
        self.classifier = load()
        self.finder = Late(load_finder)
        self.metrics.name_model(self.classifier.model.fingerprint)
        self.batcher = Batcher(settings, on_batch=self.metrics.batches.observe)
        self.scans = Scans(settings, self.batcher.alone)
        self.metrics.watch(lambda: self.batcher.waiting + self.scans.waiting)
        self._explainer = ThreadPoolExecutor(1, thread_name_prefix="explain")

    async def classify(self, classifier: Classifier, pictures: Sequence[bytes]) -> list[Classification]:
        """Return a result for each picture, in order.

        Raises:
            BusyError: too much is waiting.
            TimeoutError: the answer took longer than the settings allow.
        """
        futures = [asyncio.wrap_future(future) for future in self.batcher.submit(classifier, pictures)]
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                return await asyncio.gather(*futures)
        finally:
            for future in futures:
                future.cancel()

    async def explain(self, classifier: Classifier, picture: bytes) -> HeatMap:
        """Return the heat map of a picture that can be read.

        Raises:
            BusyError: too many wait for theirs.
        """
        if self._heat_maps >= MOST_HEAT_MAPS:
            raise BusyError("too many heat maps are being drawn; try again in a second")
        self._heat_maps += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self._explainer, lambda: draw_heat_map(classifier, self.batcher.fit(classifier, picture))
            )
        finally:
            self._heat_maps -= 1

    async def scan(self, picture: bytes) -> Scanned:
        """Return what is on a screenshot; what it raises, `Scans.scan` says."""
        return await self.scans.scan(self.classifier, self.finder, picture)

    def reload(self) -> Classifier:
        """Put the model that is there now to work; requests that were accepted are answered by the one before.

        Raises:
            BoxwrightError, OSError: it cannot be loaded; the one before goes on.
        """
        with self._reloading:
            try:
                classifier, finder = self._load(), Late(self._load_finder)
                if self.finder.is_loaded:
                    finder.get()
            except (BoxwrightError, OSError) as error:
                self.metrics.reloads.labels("failed").inc()
                log.error("not reloaded, model %s goes on: %s", self.classifier.model.fingerprint, error)  # noqa: TRY400  the reason says all
                raise
            self.classifier, self.finder = classifier, finder
            self.metrics.reloads.labels("done").inc()
            self.metrics.name_model(classifier.model.fingerprint)
            log.info("reloaded; model %s answers now", classifier.model.fingerprint)
            return classifier

    def close(self) -> None:
        """Answer everything that was accepted."""
        self.batcher.close()
        self.scans.close()
        self._explainer.shutdown()
