"""Textual's widgets in a terminal, xterm, in Textual's themes.

+++
about = "Textual widgets in xterm"
probe = "import textual.widgets"
programs = ["xterm"]
pip = ["textual"]
debian = ["xterm", "fonts-dejavu-core"]
terminal = true
environment = {COLORTERM = "truecolor"}
others = ["button", "text", "entry", "progress"]
[widgets]
checkbox = ["checked", "unchecked"]
radio = ["checked", "unchecked"]
switch = ["checked", "unchecked"]
+++
"""

import fcntl
import importlib.metadata
import struct
import sys
import termios
from typing import Any

from textual.app import App
from textual.widgets import Button, Checkbox, Input, Label, ProgressBar, RadioButton, Switch

PLAIN_STYLE = """
Screen { layers: base; }
Switch { border: none; height: 1; padding: 0; }
Switch:focus { border: none; }
"""


class _Terminal(App[None]):
    """Shows a window's items at the cells that lie below their pixels."""

    CSS = PLAIN_STYLE
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, loop: Any) -> None:
        super().__init__()
        self.loop = loop
        self.made: list[Any] = []

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.run_worker(self._serve, thread=True)

    def _serve(self) -> None:
        self.loop()
        self.call_from_thread(self.exit)

    async def present(self, window: Any) -> None:
        """Replace what is shown by a window's items."""
        self.theme = window.theme
        await self.screen.remove_children()
        self.made = [_make(item) for item in window.items]
        wide, high = _cell_px()
        placed: list[Any] = []
        for item, widget in zip(window.items, self.made, strict=True):
            column, row = -(-item.x // wide), (item.y + item.height // 2) // high
            words = [Label(item.text, markup=False)] if item.kind == "switch" else []
            for part, start in zip([widget, *words], (column, column + 10), strict=False):
                part.styles.position = "absolute"
                part.styles.max_height = 1
                part.styles.offset = (start, row)
                part.styles.max_width = item.width // wide - (start - column)
                placed.append(part)
            widget.disabled = not item.enabled
        await self.screen.mount_all(placed)
        self.screen.set_focus(None)
        for item, widget in zip(window.items, self.made, strict=True):
            if item.focused:
                widget.focus()


def _cell_px() -> tuple[int, int]:
    packed = fcntl.ioctl(sys.__stdout__.fileno(), termios.TIOCGWINSZ, b"\0" * 8)  # type: ignore[union-attr]  # a terminal
    rows, columns, width, height = struct.unpack("HHHH", packed)
    return width // columns, height // rows


def _make(item: Any) -> Any:
    on = item.state == "checked"
    match item.kind:
        case "checkbox":
            return Checkbox(item.text, on, compact=True)
        case "radio":
            return RadioButton(item.text, on, compact=True)
        case "switch":
            return Switch(on, animate=False)
        case "button":
            return Button(item.text or " ", compact=True)
        case "entry":
            return Input(item.text, compact=True)
        case "progress":
            bar = ProgressBar(total=10, show_eta=False)
            bar.progress = 4
            return bar
        case _:
            return Label(item.text, markup=False)


def _read(widget: Any) -> list[Any]:
    if isinstance(widget, Checkbox | RadioButton | Switch):
        return ["checked" if widget.value else "unchecked", not widget.disabled]
    return ["", not widget.disabled]


APPS: list[_Terminal] = []


def _run(loop: Any) -> None:
    APPS.append(_Terminal(loop))
    APPS[0].run()


def _describe() -> tuple[str, list[str]]:
    return f"Textual {importlib.metadata.version('textual')}", sorted(APPS[0].available_themes)


def _show(window: Any) -> Any:
    present: Any = APPS[0].present
    APPS[0].call_from_thread(present, window)
    return lambda: [_read(widget) for widget in APPS[0].made]


PAINTER = {"describe": _describe, "show": _show, "settle": lambda: None, "run": _run}
