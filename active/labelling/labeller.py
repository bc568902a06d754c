"""The terminal labeller: a picture at a time from the queue, one key a label, each committed before the next."""

import os
import sys
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.events import Key, Resize
from textual.widgets import Input, Static

from active.labelling import screen
from active.labelling.crop_view import CropView, is_dumb
from active.labelling.graphics import detect_graphics
from active.labelling.keys import SYNONYMS, KeyMap, LabelSettings, key_map
from active.labelling.prompt import run_prompt
from active.labelling.screen import NO_OUTLOOK, Outlook
from active.labelling.sitting import Notice, Sitting
from active.labelling.surroundings import SURROUNDINGS, draw_context
from active.store.events import Counts
from active.store.patience import say_in_log
from active.store.store import LabelStore
from base.errors import InputError, StoreError

MARGIN = 2
"""Cells left blank on either side of the screen."""


def run_labeller(
    place: str | Path, *, annotator: str, settings: LabelSettings | None = None, outlook: Outlook = NO_OUTLOOK
) -> Counts:
    """Label the queue of the store at `place` in this terminal until the user quits; return what it then holds.

    A terminal that cannot move its cursor (TERM=dumb) gets a prompt, a line for each picture. `outlook` is a
    loop's.

    Raises:
        InputError: this is no terminal, nothing was ever queued, or the settings give a key twice.
        MissingError: there is no such store.
        StoreError: the file is something else.
    """
    _check_terminal()
    chosen = settings or LabelSettings()
    with LabelStore.open(place, create=False, annotator=annotator) as store:
        if not store.classes():
            raise InputError(f"nothing is queued in {store.name}; `boxwright queue POOL --model MODEL` fills it")
        keys = key_map(store.classes(), chosen)
        if is_dumb():
            run_prompt(Sitting(store, suggest=chosen.suggest), keys, read=sys.stdin, write=sys.stdout, outlook=outlook)
        else:
            _run_app(LabelApp(store, chosen, outlook))
        return store.counts()


def has_terminal() -> bool:
    """Tell whether the labeller could run here."""
    try:
        _check_terminal()
    except InputError:
        return False
    return True


def _run_app(app: "LabelApp") -> None:
    app.run(mouse=False)  # the mouse stays the terminal's, so that text can be selected
    if app.failure is not None:
        app.failure.add_note("every label up to it is saved")
        raise app.failure


def _check_terminal() -> None:
    for stream, name in ((sys.__stdin__, "input"), (sys.__stderr__, "error output")):
        if stream is None or stream.closed or not stream.isatty():
            raise InputError(f"the labeller needs a terminal, but its {name} is not one (a pipe or a file?)")


class LabelApp(App[None]):
    """The labeller's screen on an open store; the store signs what is recorded."""

    TITLE = "boxwright label"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+c", "quit", "quit")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012  the base declares no class variable
    CSS = f"""
    Screen {{ background: #14171b; padding: 0 {MARGIN}; }}
    Screen.-high {{ padding: 1 {MARGIN}; }}
    Static {{ text-wrap: nowrap; text-overflow: ellipsis; }}
    CropView {{ height: 1fr; margin: 1 0 0 0; content-align: center middle; }}
    Screen.-high CropView {{ margin: 1 0; }}
    #path, #said {{ height: 1; }}
    #suggestion {{ height: 2; }}
    Screen.-high #said {{ margin: 1 0; }}
    #said.warning {{ height: auto; max-height: 4; text-wrap: wrap; }}
    Input {{ display: none; height: 1; border: none; padding: 0; background: #353c46; }}
    """

    def __init__(self, store: LabelStore, settings: LabelSettings | None = None, outlook: Outlook = NO_OUTLOOK) -> None:
        super().__init__()
        chosen = settings or LabelSettings()
        self._keys: KeyMap = key_map(store.classes(), chosen)
        self._sitting = Sitting(store, suggest=chosen.suggest)
        self._store = store
        self._outlook = outlook
        self._view = CropView(detect_graphics(os.environ) if chosen.graphics == "auto" else chosen.graphics)
        self._around = 0
        self._waited = False
        store.tell_waits(self._show_wait)
        self._looks: dict[str, Callable[[], None]] = {
            "note": self._ask_for_note,
            "zoom": self._zoom_in,
            "zoom_out": partial(self._view.zoom, -1),
            "quit": self.exit,
            "shift+left": partial(self._view.move, -1, 0),
            "shift+right": partial(self._view.move, 1, 0),
            "shift+up": partial(self._view.move, 0, -1),
            "shift+down": partial(self._view.move, 0, 1),
        }

    @property
    def failure(self) -> Exception | None:
        """Return what ended the app, if an error did."""
        return self._exception

    def _fatal_error(self) -> None:
        """Leave the screen; Textual would print the error with its variables, where `run_labeller` raises it."""
        self._close_messages_no_wait()

    def compose(self) -> ComposeResult:
        """Lay out the lines around the picture."""
        yield Static(id="progress")
        yield self._view
        yield Static(id="path")
        yield Static(id="suggestion")
        yield Static(id="classes")
        yield Static(id="said")
        yield Input(placeholder="a note, then Enter; Esc leaves it", disabled=True)
        yield Static(id="help")

    def on_mount(self) -> None:
        """Show the head of the queue, and give a sign of life from time to time."""
        self._show()
        self.set_interval(self._store.lease_s / 3, self._tick)

    def on_unmount(self) -> None:
        """Let go of the pictures that nobody will see, and of the screen."""
        self._store.tell_waits(say_in_log)
        self._sitting.close()

    def on_resize(self, _event: Resize) -> None:
        """Break the lines anew; the picture follows its pane by itself."""
        self.call_after_refresh(self._write_lines)

    def on_key(self, event: Key) -> None:
        """Label, or run a command; other keys do nothing."""
        if self.query_one(Input).display:
            if event.key == "escape":
                self._end_note()
            return
        typed = event.character if event.is_printable and event.character != " " else event.key
        key = (typed or event.key).lower()  # caps lock
        key = key if key in self._keys.commands or key in self._keys.classes else SYNONYMS.get(key, key)
        command = self._keys.commands.get(key, key)
        if command in self._looks:
            self._looks[command]()
        elif command in self._sitting.commands:
            self._do(self._sitting.commands[command])
        elif key in self._keys.classes:
            self._do(partial(self._sitting.label, self._keys.classes[key]))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Record the note."""
        self._end_note()
        self._do(partial(self._sitting.note, event.value))

    def _do(self, command: Callable[[], Notice | None]) -> None:
        """Run a command, show what came of it and say so."""
        shown, back = self._sitting.item, self._sitting.back
        try:
            notice = command()
        except StoreError as error:
            notice = Notice("", str(error), warning=True)
        self._end_wait()
        if self._sitting.item != shown or self._sitting.back != back:
            self._show()
        else:
            self._write_lines()
        if notice is not None:
            self._say(notice)

    def _show_wait(self, message: str) -> None:
        """Say what is waited for, from the thread that watches: this one's screen stands still meanwhile."""
        self._waited = True
        assert sys.__stderr__ is not None  # a terminal, or the labeller would not run
        lines = textwrap.wrap(screen.printable(message), self.size.width)
        first = self.size.height - len(lines) + 1
        below = "".join(f"\x1b[{first + number};1H\x1b[2K{line}" for number, line in enumerate(lines))
        sys.__stderr__.write(f"\x1b7{below}\x1b8")
        sys.__stderr__.flush()

    def _end_wait(self) -> None:
        if self._waited:
            self._waited = False
            self.refresh(layout=True)

    def _tick(self) -> None:
        try:
            changed = self._sitting.tick()
        except StoreError as error:
            self._say(Notice("", str(error), warning=True))
            return
        finally:
            self._end_wait()
        if changed:
            self._show()
        elif self._sitting.item is None:
            self._write_lines()

    def _show(self) -> None:
        """Show what the sitting stands at."""
        self._around = 0
        item, picture = self._sitting.item, self._sitting.picture
        if item is None:
            self._view.show(screen.nothing_left(self._store.counts(), self._outlook.then))
        else:
            self._view.show(picture.image or screen.no_picture(picture.error))
        self._write_lines()

    def _zoom_in(self) -> None:
        """Show what is around the crop, and the whole screenshot, where known, then the crop larger, then all of it."""
        image, context = self._sitting.picture.image, self._sitting.context
        if image is None:
            return
        further = context is not None and self._around < len(SURROUNDINGS) and not self._view.zoomed_in
        around = draw_context(context, SURROUNDINGS[self._around]) if context and further else None
        if self._view.zoomed_in and self._view.at_full_zoom:
            self._around = 0
            self._view.show(image)
        elif around is not None:
            self._around += 1
            self._view.show(around)
        else:
            if self._around and not self._view.zoomed_in:
                self._view.show(image)
            self._view.zoom(1)

    def _ask_for_note(self) -> None:
        if self._sitting.item is None:
            return
        field = self.query_one(Input)
        field.value = self._store.remarks(self._sitting.item.item)[1]
        self.query_one("#said").display = False
        field.display, field.disabled = True, False
        field.focus()

    def _end_note(self) -> None:
        field = self.query_one(Input)
        field.display, field.disabled = False, True
        self.query_one("#said").display = True
        self.set_focus(None)

    def _write_lines(self) -> None:
        sitting, width = self._sitting, self.size.width - 2 * MARGIN
        counts = self._store.counts()
        item, image = sitting.item, sitting.picture.image
        self._write(
            "progress", screen.progress_lines(counts, sitting.pace.per_minute(), width, self._outlook.expectation)
        )
        if item is None:
            path = suggestion = Text()
        else:
            flagged, note = self._store.remarks(item.item)
            remarks = screen.remarks_text(flagged=flagged, note=note, disputed=sitting.dispute is not None)
            path = screen.path_line(item, image.size if image else None, width, remarks)
            suggestion = screen.suggestion_lines(item, sitting.dispute, suggestion=sitting.suggestion, why=sitting.why)
        self._write("path", path)
        self._write("suggestion", suggestion)
        self._write("classes", screen.class_lines(self._keys.classes, counts, width))
        self._write(
            "help",
            screen.help_lines(self._keys, width, picture=item is not None, on_screen=sitting.context is not None),
        )

    def _say(self, notice: Notice) -> None:
        self.query_one("#said").set_class(notice.warning, "warning")
        self._write("said", screen.notice_line(notice))

    def _write(self, line: str, text: Text) -> None:
        self.query_one(f"#{line}", Static).update(text)
