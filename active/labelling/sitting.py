"""One person's sitting at the queue: what is shown, and what each command does to the store and says."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import monotonic

from active.labelling.prefetch import LoadedPicture, Loader
from active.labelling.surroundings import Context, find_context
from active.store.events import PLACE_WORDS, Decision, Dispute, Event, QueueItem
from active.store.store import LabelStore
from base.errors import LeaseLostError, StoreError
from model.finding.scanner import NO_WIDGET

PAUSE_S = 60
"""A longer gap between two labels is a pause, and does not slow the pace that is shown."""

AHEAD = 4
"""How many items a sitting holds: the one that is shown, and those whose pictures are loaded meanwhile."""


@dataclass(frozen=True)
class Notice:
    """What was just done, and to which picture; a warning says what was not."""

    mark: str
    text: str
    path: Path | None = None
    warning: bool = False


class Pace:
    """How fast labels come, over the last 30 of them."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=30)

    def add(self, time_s: float) -> None:
        """Note a label."""
        self._times_s.append(time_s)

    def drop(self) -> None:
        """Forget the last label, because it was undone."""
        if self._times_s:
            self._times_s.pop()

    def per_minute(self) -> float | None:
        """Return labels a minute, pauses left out; None before there is enough to tell."""
        gaps = [later - earlier for earlier, later in pairwise(self._times_s) if later - earlier < PAUSE_S]
        return 60 * len(gaps) / sum(gaps) if len(gaps) >= 3 and sum(gaps) > 0 else None


class Sitting:
    """A walk through the queue of an open store; `item` is what is shown, None where nothing is left.

    `context` is where it was cut out of a screenshot, as far as its folder says so.
    `back` counts how far back in the own history it stands, 0 at the head of the queue. `suggestion` and `why` say
    whether the model's view is in sight; once it was, the label is logged as hinted.
    """

    def __init__(self, store: LabelStore, *, suggest: bool = False) -> None:
        self.store = store
        self.pace = Pace()
        self.item: QueueItem | None = None
        self.dispute: Dispute | None = None
        self.picture = LoadedPicture(None)
        self.context: Context | None = None
        self.back = 0
        self.suggestion = self.why = self._hinted = False
        self._suggest = suggest
        self._past: list[str] = []
        self._loader = Loader()
        self.commands: Mapping[str, Callable[[], Notice | None]] = {
            "accept": self.accept,
            "suggestion": self.toggle_suggestion,
            "why": self.toggle_why,
            "skip": self.skip,
            "discard": self.discard,
            "no_widget": self.no_widget,
            "wrong_box": self.wrong_box,
            "flag": self.flag,
            "undo": self.undo,
            "back": self.go_back,
            "forward": self.forward,
        }
        store.release_dead()
        self.refresh()

    def close(self) -> None:
        """Stop loading pictures; the store stays open."""
        self._loader.close()

    def refresh(self, first: str | None = None) -> None:
        """Show the head of the queue, or `first`."""
        self.back = 0
        items = self.store.claim(AHEAD, first=first)
        self._show(items[0] if items else None, items[1:])

    def tick(self) -> bool:
        """Give a sign of life; tell whether something has come to a sitting that had nothing left."""
        self.store.renew()
        if self.item is None:
            self.refresh()
            return self.item is not None
        return False

    def _show(self, item: QueueItem | None, ahead: list[QueueItem]) -> None:
        self.item = item
        self.picture = self._loader.load(item, ahead) if item else LoadedPicture(None)
        self.context = find_context(item.path) if item else None
        self.dispute = self.store.dispute(item.item) if item else None
        self.suggestion = self._hinted = self._suggest and item is not None
        self.why = False

    def label(self, name: str) -> Notice | None:
        """Label what is shown and go on."""
        if self.item is not None and self.picture.image is None:
            return Notice("", "there is no picture to label: discard it, or skip it for now", warning=True)
        return self._decide("label", name)

    def discard(self) -> Notice | None:
        """Put what is shown away as a bad crop and go on."""
        return self._decide("discard", None)

    def no_widget(self) -> Notice | None:
        """Say that no widget is where this was cut out of a screenshot: the class for that, or where none is, so."""
        if self.item is None or self.context is None:
            return self._of_no_screenshot()
        if NO_WIDGET in self.store.classes():
            return self._decide("label", NO_WIDGET)
        return self._decide("no_widget", None)

    def wrong_box(self) -> Notice | None:
        """Say that there is a widget, but not where its box is: this crop is not labelled."""
        return self._of_no_screenshot() if self.context is None else self._decide("wrong_box", None)

    def _of_no_screenshot(self) -> Notice | None:
        if self.item is None:
            return None
        return Notice("", "that is said of places on screenshots, and this picture was cut out of none", warning=True)

    def _decide(self, action: Decision, name: str | None) -> Notice | None:
        if self.item is None:
            return None
        path, head = self.item.path, self.back == 0
        try:
            self.store.record(self.item.item, action, name, hinted=self._hinted, claimed=head)
        except LeaseLostError as error:
            self.refresh()
            return Notice("", f"not saved: {error}", path, warning=True)
        except StoreError as error:
            return Notice("", f"not saved: {error}", warning=True)
        if action == "label":
            self.pace.add(monotonic())
        self._go_on()
        return Notice("✓", name, path) if name else Notice("✗", PLACE_WORDS.get(action, "discarded"), path)

    def skip(self) -> Notice | None:
        """Put what is shown behind the rest; what is decided already is left as it is."""
        if self.item is None:
            return None
        path = self.item.path
        if self.back:
            return self.forward()
        try:
            self.store.record(self.item.item, "skip", hinted=self._hinted, claimed=True)
        except LeaseLostError:
            pass  # whoever has it now takes care of it
        except StoreError as error:
            return Notice("", f"not saved: {error}", warning=True)
        self._go_on()
        return Notice("→", "skipped, comes back after the rest", path)

    def flag(self) -> Notice | None:
        """Flag what is shown, or take its flag away."""
        if self.item is None:
            return None
        flagged, _ = self.store.remarks(self.item.item)
        try:
            self.store.record(self.item.item, "unflag" if flagged else "flag")
        except StoreError as error:
            return Notice("", f"not saved: {error}", warning=True)
        return Notice("⚑", "flag taken away" if flagged else "flagged", self.item.path)

    def note(self, text: str) -> Notice | None:
        """Give what is shown a note, or take it away where `text` is empty."""
        if self.item is None:
            return None
        try:
            self.store.record(self.item.item, "note", note=" ".join(text.split()))
        except StoreError as error:
            return Notice("", f"not saved: {error}", warning=True)
        return Notice("✎", "noted" if text.strip() else "note taken away", self.item.path)

    def undo(self) -> Notice:
        """Take back the own last event, and show its picture again."""
        try:
            undone = self.store.undo()
        except StoreError as error:
            return Notice("", f"not undone: {error}", warning=True)
        if undone is None:
            return Notice("", "nothing left to undo")
        if undone.action == "label" and undone.session == self.store.session:
            self.pace.drop()
        item = self.store.item(undone.item)
        self.refresh(first=undone.item)
        return Notice(
            "↶",
            f"took back {undone.label or PLACE_WORDS.get(undone.action, undone.action)}",
            item.path if item else None,
        )

    def accept(self) -> Notice | None:
        """Label as the model suggests; a suggestion that is out of sight is shown first, and not accepted unseen."""
        if self.item is None:
            return None
        if not self.item.predicted:
            return Notice("", "there is no suggestion for this picture", warning=True)
        if not self.suggestion:
            self.toggle_suggestion()
            return Notice("?", f"{self.item.predicted}: once more to accept")
        return self.label(self.item.predicted)

    def toggle_suggestion(self) -> None:
        """Show or hide what the model says."""
        self.suggestion = not self.suggestion
        self._hinted = self._hinted or (self.suggestion and self.item is not None)

    def toggle_why(self) -> None:
        """Show or hide why the picture was queued, which may name classes too."""
        self.why = not self.why
        self._hinted = self._hinted or (self.why and self.item is not None)

    def go_back(self) -> Notice:
        """Show what was decided before."""
        if self.back == 0:
            self._past = self.store.history()
        if self.back == len(self._past):
            return Notice("", "nothing before this one")
        self.back += 1
        return self._show_past()

    def forward(self) -> Notice | None:
        """Show what was decided after, and at the end the head of the queue."""
        if self.back > 1:
            self.back -= 1
            return self._show_past()
        if self.back == 1:
            self.refresh()
        return None

    def _show_past(self) -> Notice:
        item = self.store.item(self._past[-self.back])
        self._show(item, [])
        own: Event | None = self.store.opinion(item.item) if item else None
        said = "nothing that counts" if own is None else own.label or PLACE_WORDS.get(own.action, "discarded")
        return Notice("←", f"{self.back} back; you said: {said}")

    def _go_on(self) -> None:
        if self.back:
            self.forward()
        else:
            self.refresh()
