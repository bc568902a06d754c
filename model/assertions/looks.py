"""How something should look, how it looks, and what to say where the two differ."""

import functools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image

from base.errors import ImageError, InputError, unknown_choice
from model.assertions.page_state import screen_image, widgets_on
from model.captioning.widget_search import in_words, search_widgets
from model.classifying.classifier import AnyPicture, Classification, Classifier, load_classifier
from model.finding.scanner import Scan
from model.finding.widgets import FoundWidget
from model.running.readings import BoxPx
from model.scanning.marking import mark_widgets

MOST_TOLD = 30
"""A failure names no more widgets than these; the screenshot shows all."""


@dataclass(frozen=True)
class Expectation:
    """What a widget should look like.

    Attributes:
        label: a class of the classifier's model; with `named`, a state that the scanner knows.
        confidence: the least probability of that class.
        box: left, top, width and height of the part that shows the widget, in pixels of the screenshot; all of it when
            None. A canvas often holds a whole application.
        classifier: the model in the box when None; what `named` widgets are read with, `scan` says.
        named: the words beside the widget, of several on the screenshot; the screenshot shows one alone when None.
        scan: what finds widgets where one is `named`; the scanner in the box when None.
        folder: where the screenshot of a failure is kept; the folder for temporary files when None.
    """

    label: str
    confidence: float = 0.5
    box: BoxPx | None = None
    classifier: Classifier | None = None
    named: str | None = None
    scan: Scan | None = None
    folder: Path | None = None

    def check(self) -> None:
        """Refuse what no screenshot could fulfil.

        Raises:
            InputError: the classifier's model has no such class.
        """
        if self.named is None and self.label not in (classes := self.reader.model.classes):
            raise unknown_choice("class", self.label, classes)

    @property
    def reader(self) -> Classifier:
        """Return what reads the screenshot of one widget."""
        return self.classifier or _classifier_in_the_box()


@dataclass(frozen=True)
class PageLook:
    """What was made of a screenshot: what it looks like as a whole, or which widgets are on it."""

    image: Image.Image
    result: Classification | None = None
    widgets: tuple[FoundWidget, ...] = ()

    def fits(self, expected: Expectation) -> bool:
        """Return whether this is what was expected."""
        if self.result is not None:
            return self.result.label == expected.label and (self.result.confidence or 0.0) >= expected.confidence
        matches = search_widgets(self.widgets, expected.named or "").matches
        return (
            len(matches) == 1
            and matches[0].state == expected.label
            and matches[0].state_confidence >= expected.confidence
        )


def look_at_picture(picture: AnyPicture, expected: Expectation) -> PageLook:
    """Return what the model, or the scanner, makes of a screenshot.

    Raises:
        InputError: the box is not in the screenshot, or RapidOCR is asked for and not installed.
    """
    try:
        image = screen_image(picture)
    except ImageError as error:
        return PageLook(Image.new("RGB", (1, 1)), Classification.failed(str(error)))
    if expected.box is not None:
        image = image.crop(_edges(expected.box, image.size))
    if expected.named is None:
        return PageLook(image, expected.reader([image])[0])
    return PageLook(image, widgets=tuple(widgets_on(image, labels=True, scan=expected.scan)))


def failure_text(look: PageLook, expected: Expectation, timeout_s: float) -> str:
    """Return what to say of the last screenshot, which is written to a file; widgets on it are marked."""
    who = "it" if expected.named is None else f"the widget '{expected.named}'"
    wanted = f"expected {who} to look {expected.label}, at {expected.confidence:.0%} or more, within {timeout_s:g} s"
    if look.result is None:
        states = sorted({widget.state for widget in look.widgets})
        path = _keep(mark_widgets(look.image, look.widgets, states), expected.folder)

        return f"{wanted}, but {_named_look(look.widgets, expected)}; the last screenshot is {path}"
    if look.result.error:
        return f"{wanted}; the screenshot {look.result.error}"
    others = ", ".join(f"{name} {share:.1%}" for name, share in look.result.probabilities.items())
    path = _keep(look.image, expected.folder)
    return f"{wanted}, but it looks {look.result.label} ({others}); the last screenshot is {path}"


def _named_look(widgets: Sequence[FoundWidget], expected: Expectation) -> str:
    """Return how the named widget looks, or why there is no such one, and what else was seen."""
    found = search_widgets(widgets, expected.named or "")
    if len(found.matches) == 1:
        said = f"it looks {found.matches[0].state} ({found.matches[0].state_confidence:.1%})"
    elif found.matches:
        said = f"{len(found.matches)} widgets are called so"
    else:
        said = "no widget is called so"
    seen = [f"{number}. {in_words(widget)}" for number, widget in enumerate(widgets[:MOST_TOLD], 1)]
    more = [f"and {len(widgets) - MOST_TOLD} more"] if len(widgets) > MOST_TOLD else []
    return f"{said}; seen: {'; '.join(seen + more) or 'no widget at all'}"


def _edges(box: BoxPx, size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top, width, height = box
    edges = (round(left), round(top), round(left + width), round(top + height))
    if not (0 <= edges[0] < edges[2] <= size[0] and 0 <= edges[1] < edges[3] <= size[1]):
        raise InputError(f"the box {box} is not within the screenshot of {size[0]}x{size[1]} px")
    return edges


def _keep(image: Image.Image, folder: Path | None) -> str:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    file: IO[bytes]
    with tempfile.NamedTemporaryFile(prefix="boxwright-", suffix=".png", dir=folder, delete=False) as file:
        image.save(file, "PNG")
        return file.name


@functools.cache
def _classifier_in_the_box() -> Classifier:
    return load_classifier()
