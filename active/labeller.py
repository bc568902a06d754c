"""The terminal labeller: a picture at a time from the queue, one key a label, each on the disk before the next."""

import os
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import ClassVar

from PIL import Image
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.events import Key, Resize
from textual.widget import Widget
from textual.widgets import Static

from active import screen
from active.halfblocks import render, visible_box
from active.events import Action, Counts, QueueItem
from active.store import LabelStore
from generator.errors import BoxwrightError, ImageError, InputError, StoreError
from model.images import content_hash, decode_image

PAUSE_S = 60
"""A longer gap between two labels is a pause, and does not slow the pace that is shown."""

MARGIN = 2
"""Cells left blank on either side of the screen."""


def run_labeller(path: Path, *, annotator: str) -> Counts:
    """Label the queue of the store at `path` in this terminal until the user quits; return what the store then holds.

    Raises:
        InputError: this is no terminal, or nothing was ever queued.
        MissingError: there is no such store.
        StoreError: the file is something else.
    """
    _check_terminal()
    with LabelStore.open(path, create=False, annotator=annotator) as store:
        if not store.classes():
            raise InputError(f"nothing is queued in {path}; `boxwright queue POOL --model MODEL` fills it")
        app = LabelApp(store)
        app.run(mouse=False)  # the mouse stays the terminal's, so that text can be selected
        if app.return_code:
            raise BoxwrightError("the labeller stopped on an error; every label up to it is saved")
        return store.counts()


def _check_terminal() -> None:
    for stream, name in ((sys.__stdin__, "input"), (sys.__stderr__, "error output")):
        if stream is None or stream.closed or not stream.isatty():
            raise InputError(f"the labeller needs a terminal, but its {name} is not one (a pipe or a file?)")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise InputError("the labeller needs a terminal that can move its cursor; TERM says it cannot (try another)")


@dataclass(frozen=True)
class Picture:
    """A loaded picture, or the reason why there is none."""

    image: Image.Image | None
    error: str = ""


def load_picture(item: QueueItem) -> Picture:
    """Read the picture of a queue item, if its file still holds what was queued."""
    try:
        image = decode_image(item.path)
        if content_hash(item.path) != item.item:
            return Picture(None, "the file has changed since it was queued")
    except ImageError as error:
        return Picture(None, str(error))
    return Picture(image)


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


class CropView(Widget):
    """Shows one picture as large as the pane allows, or a text in its place."""

    ZOOMS = (1, 2, 4, 8)

    def __init__(self) -> None:
        super().__init__()
        self._content: Image.Image | Text = Text()
        self._zoom = 0
        self._centre = (0.5, 0.5)

    def show(self, content: Image.Image | Text) -> None:
        """Show a picture, whole and centred, or a text."""
        self._content, self._zoom, self._centre = content, 0, (0.5, 0.5)
        self.refresh()

    def zoom(self, steps: int) -> None:
        """Double the scale `steps` times, or halve it where negative, down to the whole picture."""
        self._zoom = min(max(self._zoom + steps, 0), len(self.ZOOMS) - 1)
        self.refresh()

    def move(self, right: int, down: int) -> None:
        """Move by quarters of what is visible, up to the picture's edges."""
        half = 0.5 / self.ZOOMS[self._zoom]
        x, y = (
            min(max(middle + steps * half / 2, half), 1 - half)
            for middle, steps in zip(self._centre, (right, down), strict=True)
        )
        self._centre = (x, y)
        self.refresh()

    def render(self) -> Text:
        """Draw the visible part for the pane's current size."""
        if isinstance(self._content, Text):
            return self._content
        pane_px = (self.size.width, 2 * self.size.height)
        box = visible_box(self._content.size, pane_px, zoom=self.ZOOMS[self._zoom], centre=self._centre)
        return render(self._content.crop(box), self.size.width, self.size.height)


class LabelApp(App[None]):
    """The labeller's screen on an open store; the store signs what is recorded."""

    TITLE = "boxwright label"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+c", "quit", "quit")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012  the base declares no class variable
    CSS = f"""
    Screen {{ background: #14171b; padding: 0 {MARGIN}; }}
    Screen.-high {{ padding: 1 {MARGIN}; }}
    Static {{ text-wrap: nowrap; text-overflow: ellipsis; }}
    CropView {{ height: 1fr; margin: 1 0 0 0; content-align: center middle; }}
    Screen.-high CropView {{ margin: 1 0; }}
    #path, #note {{ height: 1; }}
    #suggestion {{ height: 2; }}
    Screen.-high #note {{ margin: 1 0; }}
    #note.warning {{ height: auto; max-height: 4; text-wrap: wrap; }}
    """

    def __init__(self, store: LabelStore) -> None:
        super().__init__()
        self._store = store
        self._keys = screen.class_keys(store.classes())
        self._view = CropView()
        self._item: QueueItem | None = None
        self._picture = Picture(None)
        self._revealed = False
        self._pace = Pace()
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="picture")
        self._loading: dict[str, Future[Picture]] = {}
        self._commands: dict[str, Callable[[], None]] = {
            "s": partial(self._record, "skip"),
            "d": partial(self._record, "discard"),
            "q": self.exit,
            "?": self._toggle_suggestion,
            "backspace": self._undo,
            "ctrl+h": self._undo,  # what some terminals send for backspace
            "+": partial(self._view.zoom, 1),
            "=": partial(self._view.zoom, 1),  # the same key without shift
            "-": partial(self._view.zoom, -1),
            "left": partial(self._view.move, -1, 0),
            "right": partial(self._view.move, 1, 0),
            "up": partial(self._view.move, 0, -1),
            "down": partial(self._view.move, 0, 1),
        }

    def compose(self) -> ComposeResult:
        """Lay out the lines around the picture."""
        yield Static(id="progress")
        yield self._view
        yield Static(id="path")
        yield Static(id="suggestion")
        yield Static(id="classes")
        yield Static(id="note")
        yield Static(id="help")

    def on_mount(self) -> None:
        """Show the head of the queue."""
        self._advance()

    def on_unmount(self) -> None:
        """Let go of the pictures that nobody will see."""
        self._loader.shutdown(wait=False, cancel_futures=True)

    def on_resize(self, _event: Resize) -> None:
        """Break the lines anew; the picture follows its pane by itself."""
        self.call_after_refresh(self._write_lines)

    def on_key(self, event: Key) -> None:
        """Label, or run a command; other keys do nothing."""
        key = event.character if event.is_printable and event.character else event.key
        key = key.lower()  # caps lock
        if key in self._commands:
            self._commands[key]()
        elif key in self._keys:
            self._record("label", self._keys[key])

    def _record(self, action: Action, label: str | None = None) -> None:
        if self._item is None:
            return
        if action == "label" and self._picture.image is None:
            self._warn("there is no picture to label: d discards it, s skips it")
            return
        try:
            self._store.record(self._item.item, action, label, hinted=self._revealed)
        except StoreError as error:
            self._warn(f"not saved: {error}")
            return
        if action == "label":
            self._pace.add(monotonic())
        mark, text = {
            "label": ("✓", label or ""),
            "skip": ("→", "skipped, comes back after the rest"),
            "discard": ("✗", "discarded"),
        }[action]
        self._note(screen.note_line(mark, text, self._item.path))
        self._advance()

    def _undo(self) -> None:
        try:
            undone = self._store.undo()
        except StoreError as error:
            self._warn(f"not undone: {error}")
            return
        if undone is None:
            self._note(Text("nothing left to undo", screen.QUIET))
            return
        if undone.action == "label" and undone.session == self._store.session:
            self._pace.drop()
        self._advance(first=undone.item)
        if self._item is not None and self._item.item == undone.item:
            what = undone.label or undone.action
            self._note(screen.note_line("↶", f"took back {what}", self._item.path, screen.PLAIN))

    def _toggle_suggestion(self) -> None:
        self._revealed = not self._revealed
        self._write_lines()

    def _advance(self, first: str | None = None) -> None:
        """Show the head of the queue, or `first`, and start to load the one after it."""
        items = self._store.open_items(limit=2, first=first)
        self._loading = {
            item.item: self._loading.get(item.item) or self._loader.submit(load_picture, item) for item in items
        }
        self._item = items[0] if items else None
        self._picture = self._loading[items[0].item].result() if items else Picture(None)
        self._revealed = False
        self._show_picture()
        self._write_lines()

    def _show_picture(self) -> None:
        if self._item is None:
            self._view.show(screen.nothing_left(self._store.counts()))
        else:
            self._view.show(self._picture.image or screen.no_picture(self._picture.error))

    def _write_lines(self) -> None:
        counts = self._store.counts()
        item, image, width = self._item, self._picture.image, self.size.width - 2 * MARGIN
        self._write("progress", screen.progress_lines(counts, self._pace.per_minute(), width))
        self._write("path", screen.path_line(item, image.size if image else None, width) if item else Text())
        self._write("suggestion", screen.suggestion_lines(item) if item and self._revealed else Text())
        self._write("classes", screen.class_lines(self._keys, counts, width))
        self._write("help", screen.help_lines(width, picture=item is not None))

    def _note(self, text: Text) -> None:
        self.query_one("#note").remove_class("warning")
        self._write("note", text)

    def _warn(self, text: str) -> None:
        self.query_one("#note").add_class("warning")
        self._write("note", Text(screen.printable(text), screen.WARNING))

    def _write(self, line: str, text: Text) -> None:
        self.query_one(f"#{line}", Static).update(text)
