"""Tk's widgets: those of ttk in its themes, and the classic ones, a theme called `plain`.

+++
about = "Tk widgets, ttk's and the classic ones"
probe = "import tkinter.ttk"
debian = ["python3-tk"]
others = ["button", "text", "entry", "slider", "progress", "combo", "spin"]
[widgets]
checkbox = ["checked", "unchecked", "mixed"]
radio = ["checked", "unchecked"]
+++
"""

import tkinter
from tkinter import font, ttk
from typing import Any

PLAIN = "plain"
ROOT: Any = tkinter.Tk()
SHOWN: list[Any] = []
VALUES = {"checked": "1", "unchecked": "0", "mixed": "mixed"}


def _describe() -> tuple[str, list[str]]:
    ROOT.withdraw()
    return f"Tk {ROOT.tk.call('info', 'patchlevel')}", [PLAIN, *sorted(ttk.Style().theme_names())]


def _settle() -> None:
    ROOT.update()


def _show(window: Any) -> list[Any]:
    plain = window.theme == PLAIN
    if not plain:
        ttk.Style().theme_use(window.theme)
    for name in ("TkDefaultFont", "TkTextFont"):
        font.nametofont(name).configure(size=-window.font_px)
    top = tkinter.Toplevel(ROOT)
    top.overrideredirect(True)
    top.geometry(f"{window.width}x{window.height}+0+0")
    frame = tkinter.Frame(top) if plain else ttk.Frame(top)
    frame.place(x=0, y=0, relwidth=1, relheight=1)
    made = [(PLAIN_WIDGETS if plain else TTK_WIDGETS)[item.kind](frame, item) for item in window.items]
    frame.focus_force()
    for item, widget in zip(window.items, made, strict=True):
        widget.place(x=item.x, y=item.y, width=item.width, height=item.height)
        if item.focused:
            widget.focus_force()
    ROOT.update()
    SHOWN.append(top)
    for old in SHOWN[:-1]:
        old.destroy()
    del SHOWN[:-1]
    return [_read(widget) for widget in made]


def _read(widget: Any) -> list[Any]:
    enabled = str(widget.cget("state")) != "disabled" if "state" in widget.keys() else True  # noqa: SIM118  Tk's own
    variable = getattr(widget, "told", None)
    if variable is None:
        return ["", enabled]
    if isinstance(widget, ttk.Widget):
        mixed, on = widget.instate(["alternate"]), widget.instate(["selected"])
    else:
        mixed, on = variable.get() == VALUES["mixed"], variable.get() == VALUES["checked"]
    return ["mixed" if mixed else "checked" if on else "unchecked", enabled]


def _ttk_toggle(make: Any) -> Any:
    def build(frame: Any, item: Any) -> Any:
        told = tkinter.StringVar(frame, VALUES[item.state])
        values = {"onvalue": "1", "offvalue": "0"} if make is ttk.Checkbutton else {"value": "1"}
        widget = make(frame, text=item.text, variable=told, **values)
        widget.told = told
        widget.configure(state="normal" if item.enabled else "disabled")
        widget.state(["alternate" if item.state == "mixed" else "!alternate"])
        return widget

    return build


def _plain_toggle(make: Any) -> Any:
    def build(frame: Any, item: Any) -> Any:
        told = tkinter.StringVar(frame, VALUES[item.state])
        values = {"onvalue": "1", "offvalue": "0"} if make is tkinter.Checkbutton else {"value": "1"}
        state: Any = "normal" if item.enabled else "disabled"
        widget = make(frame, text=item.text, variable=told, anchor="w", state=state, tristatevalue="mixed", **values)
        widget.told = told
        return widget

    return build


def _entry(frame: Any, item: Any) -> Any:
    widget = ttk.Entry(frame)
    widget.insert(0, item.text)
    return widget


def _combo(frame: Any, item: Any) -> Any:
    widget = ttk.Combobox(frame)
    widget.set(item.text)
    return widget


def _scale(make: Any) -> Any:
    def build(frame: Any, _: Any) -> Any:
        widget = make(frame, orient="horizontal", from_=0, to=10)
        widget.set(6)
        return widget

    return build


def _spin(frame: Any, _: Any) -> Any:
    widget = ttk.Spinbox(frame)
    widget.set(7)
    return widget


TTK_WIDGETS = {
    "checkbox": _ttk_toggle(ttk.Checkbutton),
    "radio": _ttk_toggle(ttk.Radiobutton),
    "button": lambda frame, item: ttk.Button(frame, text=item.text),
    "text": lambda frame, item: ttk.Label(frame, text=item.text),
    "entry": _entry,
    "slider": _scale(ttk.Scale),
    "progress": lambda frame, _: ttk.Progressbar(frame, value=40),
    "combo": _combo,
    "spin": _spin,
}
PLAIN_WIDGETS = TTK_WIDGETS | {
    "checkbox": _plain_toggle(tkinter.Checkbutton),
    "radio": _plain_toggle(tkinter.Radiobutton),
    "button": lambda frame, item: tkinter.Button(frame, text=item.text),
    "text": lambda frame, item: tkinter.Label(frame, text=item.text, anchor="w"),
    "slider": _scale(tkinter.Scale),
}

PAINTER = {"describe": _describe, "show": _show, "settle": _settle}
