"""The tools themselves: what is on a screenshot, what a crop shows, and which widget a text belongs to."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from base.counting import counted
from base.errors import ImageError, InputError
from model.captioning.widget_search import WidgetSearch, search_widgets
from model.finding.widgets import FoundWidget
from service.agents.agent_answers import CropAnswer, FindAnswer, ScreenAnswer
from service.agents.given_pictures import GivenPictures
from service.found_answers import FoundBox, found_body
from service.late import Late

if TYPE_CHECKING:
    from PIL import Image

    from model.classifying.classifier import Classifier
    from model.decoding.upright import Decoded
    from model.finding.scanner import Scan

    LabelThem = Callable[[Image.Image, Sequence[FoundWidget]], list[FoundWidget]]
    """Returns the widgets of a screenshot with the words beside each."""

MOST_WAITING = 8
"""Calls at a time, of which one is at work: agents call one after another, and memory is for one screenshot."""

NOTHING_FOUND = (
    "No checkbox, radio button or switch was found. Send the screenshot in full resolution, not made smaller; for a "
    "picture of a single widget use read_crop."
)

NO_LABEL_READ = (
    "No words were read beside any widget: call scan_screen and choose by place, or send the screenshot in full "
    "resolution."
)

NOT_THE_SAME = "The words beside it are only like the text: see that `label` is what you mean before you click."

LOOKS_LIKE_A_SCREEN = "This is larger than a crop of one widget: call scan_screen or find_widget with it instead."

LOOKS_DISABLED = "It looks as if it cannot be used now: a click may do nothing."


class ScreenTools:
    """What agents call, from any thread; everything that needs a model is loaded at the first call."""

    def __init__(
        self,
        pictures: GivenPictures,
        *,
        classifier: "Late[Classifier]",
        scan: "Late[Scan]",
        label: "Late[LabelThem]",
    ) -> None:
        """`label` raises InputError where there is nothing to read words with."""
        self._pictures = pictures
        self._classifier = classifier
        self._scan = scan
        self._label = label
        self._waiting = threading.Semaphore(MOST_WAITING)
        self._at_work = threading.Lock()

    def scan_screen(self, path: str, base64: str) -> ScreenAnswer:
        """Return the widgets on a screenshot.

        Raises:
            BoxwrightError: the picture cannot be had, or too much is waiting.
        """
        decoded, widgets, unread = self._look(path, base64)
        hint = None if unread is None else f"Labels are null: {unread}"
        hint = hint if widgets else NOTHING_FOUND
        width, height = decoded.image.size
        return ScreenAnswer(
            width_px=width, height_px=height, widgets=list(map(found_body, widgets)), note=decoded.note, hint=hint
        )

    def read_crop(self, path: str, base64: str) -> CropAnswer:
        """Return what one widget shows.

        Raises:
            BoxwrightError: the picture cannot be had, or too much is waiting.
        """
        with self._turn():
            classifier = self._classifier.get()
            [result] = classifier([self._pictures.read(path, base64)])
        if result.label is None or result.confidence is None:
            raise ImageError(f"the picture {result.error}")
        is_screen = result.size is not None and classifier.model.geometry.remark_on(result.size[::-1]) is not None
        return CropAnswer(
            state=result.label,
            confidence=round(result.confidence, 6),
            probabilities={name: round(value, 6) for name, value in result.probabilities.items()},
            kind=result.kind,
            box=None if result.box is None else FoundBox.of(result.box),
            note=result.note,
            hint=LOOKS_LIKE_A_SCREEN if is_screen else None,
        )

    def find_widget(self, text: str, path: str, base64: str) -> FindAnswer:
        """Return the widget that a text belongs to, or why there is not one.

        Raises:
            BoxwrightError: the picture cannot be had, or too much is waiting.
        """
        if not text.strip():
            raise InputError("`text` is empty; give the words beside the widget, as they stand on the screenshot")
        _, widgets, unread = self._look(path, base64)
        if widgets and unread is not None:
            raise unread
        return _found(search_widgets(widgets, text), widgets)

    def _look(self, path: str, base64: str) -> "tuple[Decoded, list[FoundWidget], InputError | None]":
        """Return a screenshot, its widgets from top to bottom, and why their words were not read."""
        from model.reading.images import decode_bytes

        unread = None
        with self._turn():
            try:
                decoded = decode_bytes(self._pictures.read(path, base64))
            except ImageError as error:
                raise ImageError(f"the picture {error}") from error
            widgets = self._scan.get()(decoded.image)
            try:
                widgets = self._label.get()(decoded.image, widgets)
            except InputError as error:
                unread = error
        return decoded, sorted(widgets, key=lambda widget: (widget.centre[1], widget.centre[0])), unread

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the one before; few may wait."""
        if not self._waiting.acquire(blocking=False):
            raise InputError("too many calls are waiting already; try again in a second")
        try:
            with self._at_work:
                yield
        finally:
            self._waiting.release()


def _found(search: WidgetSearch, widgets: Sequence[FoundWidget]) -> FindAnswer:
    matches = list(map(found_body, search.matches))
    if len(matches) == 1:
        hints = [NOT_THE_SAME] * (search.how == "similar") + [LOOKS_DISABLED] * (matches[0].enabled is False)
        hint = " ".join(hints) or None
        return FindAnswer(outcome="found", widget=matches[0], click=matches[0].centre, candidates=[], hint=hint)
    if matches:
        hint = f"{counted(len(matches), 'widget')} have that text: choose one of `candidates` by its box or state."
        return FindAnswer(outcome="several", widget=None, click=None, candidates=matches, hint=hint)
    nearest = [found_body(widget) for label in search.nearest for widget in widgets if widget.label == label]
    hint = "No widget has that text; `candidates` have the nearest. Scroll if it is elsewhere, or call scan_screen."
    hint = hint if nearest else (NO_LABEL_READ if widgets else NOTHING_FOUND)
    return FindAnswer(outcome="none", widget=None, click=None, candidates=nearest, hint=hint)
