"""A scanner that reads the labels of what it finds, too."""

from importlib.metadata import version
from typing import Protocol

from PIL import Image

from model.captioning.text_reader import load_text_reader
from model.captioning.widget_labels import label_widgets
from model.finding.scanner import MIN_CONFIDENCE
from model.finding.widgets import FoundWidget


class WidgetScanner(Protocol):
    """What finds widgets: `model.finding.scanner.Scanner`, or the like."""

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


class LabellingScanner:
    """Another scanner whose widgets get labels. Any number of threads may use one, and it can be pickled.

    Raises:
        InputError: RapidOCR is not installed.
    """

    def __init__(self, scanner: WidgetScanner) -> None:
        load_text_reader()
        self.scanner = scanner

    @property
    def fingerprint(self) -> str:
        """Return what tells apart scanners that can answer differently."""
        return f"{self.scanner.fingerprint}-text-{version('rapidocr')}"

    @property
    def states(self) -> tuple[str, ...]:
        """Return the states that a widget may be found in."""
        return self.scanner.states

    def scan(self, image: Image.Image, *, min_confidence: float = MIN_CONFIDENCE) -> list[FoundWidget]:
        """Return the widgets on an RGB screenshot with their labels, the surest first."""
        return label_widgets(image, self.scanner.scan(image, min_confidence=min_confidence))
