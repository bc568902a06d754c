"""What Prometheus is told."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from model.classifying.classifier import Classification
from model.finding.widgets import FoundWidget
from service.schemas import API_VERSION

SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("boxwright_requests", "Requests answered.", ("path", "status"), registry=self.registry)
        self.seconds = Histogram(
            "boxwright_request_seconds", "Time to the answer.", ("path",), registry=self.registry, buckets=SECONDS
        )
        self.predictions = Counter(
            "boxwright_predictions", "Pictures classified, by prediction.", ("prediction",), registry=self.registry
        )
        self.unreadable = Counter(
            "boxwright_unreadable_pictures", "Pictures that could not be read.", registry=self.registry
        )
        self.screens = Counter("boxwright_screens", "Screenshots scanned.", registry=self.registry)
        self.widgets = Counter(
            "boxwright_widgets", "Widgets found on screenshots.", ("kind", "state"), registry=self.registry
        )
        self.batches = Histogram(
            "boxwright_batch_pictures", "Pictures classified together.", registry=self.registry, buckets=SIZES
        )
        self.waiting = Gauge(
            "boxwright_waiting_pictures", "Pictures accepted and not answered yet.", registry=self.registry
        )
        self.reloads = Counter("boxwright_reloads", "Reloads of the model.", ("outcome",), registry=self.registry)
        self.model = Gauge(
            "boxwright_model", "1 for the model that answers now.", ("model", "version"), registry=self.registry
        )

    def watch(self, waiting: Callable[[], int]) -> None:
        """Ask this function how many pictures are waiting."""
        self.waiting.set_function(waiting)

    def count(self, result: Classification) -> None:
        """Count a picture's result."""
        if result.label is None:
            self.unreadable.inc()
        else:
            self.predictions.labels(result.label).inc()

    def count_screen(self, widgets: Iterable[FoundWidget]) -> None:
        """Count a screenshot and what was found on it."""
        self.screens.inc()
        for widget in widgets:
            self.widgets.labels(widget.kind, widget.state).inc()

    def name_model(self, fingerprint: str) -> None:
        """Say which model answers now."""
        self.model.clear()
        self.model.labels(fingerprint, API_VERSION).set(1)

    def text(self) -> bytes:
        """Return all of it in Prometheus's text format."""
        return generate_latest(self.registry)
