"""GTK 4's widgets, in its own themes.

+++
about = "GTK 4 widgets, by GObject introspection"
probe = "import gi; gi.require_version('Gtk', '4.0'); from gi.repository import Gtk"
debian = ["python3-gi", "gir1.2-gtk-4.0"]
scale_variable = "GDK_SCALE"
others = ["button", "text", "entry", "slider", "progress", "combo", "spin", "tool"]
[environment]
GDK_BACKEND = "x11"
GDK_DEBUG = "no-portals"
GSETTINGS_BACKEND = "memory"
GSK_RENDERER = "cairo"
GTK_A11Y = "none"
[widgets]
checkbox = ["checked", "unchecked", "mixed"]
radio = ["checked", "unchecked", "mixed"]
switch = ["checked", "unchecked"]
+++
"""

from typing import Any

import gi

gi.require_version("Gtk", "4.0")
from gi.repository import GLib, Gtk  # noqa: E402  its version is chosen first

Gtk.init()
DARK = "-dark"
THEMES = ["Default", "Default-dark", "Default-hc", "Default-hc-dark"]
SHOWN: list[Any] = []
PARTNERS: list[Any] = []


def _describe() -> tuple[str, list[str]]:
    return f"GTK {Gtk.get_major_version()}.{Gtk.get_minor_version()}.{Gtk.get_micro_version()}", THEMES


def _settle() -> None:
    context = GLib.MainContext.default()
    while context.pending():
        context.iteration(False)


def _show(window: Any) -> list[Any]:
    settings = Gtk.Settings.get_default()
    settings.set_property("gtk-enable-animations", False)
    settings.set_property("gtk-xft-dpi", 96 * 1024)
    settings.set_property("gtk-theme-name", window.theme.removesuffix(DARK))
    settings.set_property("gtk-application-prefer-dark-theme", window.theme.endswith(DARK))
    settings.set_property("gtk-font-name", f"Sans {window.font_px * 0.75}")
    top = Gtk.Window(decorated=False, resizable=False)
    fixed = Gtk.Fixed(focusable=True)
    fixed.set_size_request(window.width, window.height)
    top.set_child(fixed)
    PARTNERS.clear()
    made = [_place(item, fixed) for item in window.items]
    top.set_focus_visible(True)
    top.present()
    fixed.grab_focus()
    for item, widget in zip(window.items, made, strict=True):
        if item.focused:
            widget.grab_focus()
    _settle()
    SHOWN.append(top)
    for old in SHOWN[:-1]:
        old.destroy()
    del SHOWN[:-1]
    return [_read(widget) for widget in made]


def _place(item: Any, fixed: Any) -> Any:
    widget = WIDGETS[item.kind](item.text)
    outer = widget
    if item.kind == "switch":
        widget.set_active(item.state == "checked")
        widget.set_valign(Gtk.Align.CENTER)
        outer = Gtk.Box(spacing=8)
        outer.append(widget)
        outer.append(Gtk.Label(label=item.text, xalign=0))
    elif item.kind == "radio":
        PARTNERS.append(Gtk.CheckButton())
        widget.set_group(PARTNERS[-1])
    if item.kind in ("checkbox", "radio"):
        widget.set_active(item.state == "checked")
        widget.set_inconsistent(item.state == "mixed")
    outer.set_size_request(item.width, item.height)
    fixed.put(outer, item.x, item.y)
    widget.set_sensitive(item.enabled)
    return widget


def _read(widget: Any) -> list[Any]:
    if isinstance(widget, Gtk.CheckButton) and widget.get_inconsistent():
        return ["mixed", widget.get_sensitive()]
    if isinstance(widget, Gtk.CheckButton | Gtk.Switch):
        return ["checked" if widget.get_active() else "unchecked", widget.get_sensitive()]
    return ["", widget.get_sensitive()]


def _entry(text: str) -> Any:
    widget = Gtk.Entry()
    widget.set_text(text)
    return widget


def _slider(_: str) -> Any:
    widget = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 0, 10, 1)
    widget.set_value(6)
    return widget


def _combo(text: str) -> Any:
    widget = Gtk.ComboBoxText()
    widget.append_text(text)
    widget.set_active(0)
    return widget


WIDGETS: dict[str, Any] = {
    "checkbox": lambda text: Gtk.CheckButton(label=text or " "),
    "radio": lambda text: Gtk.CheckButton(label=text or " "),
    "switch": lambda _: Gtk.Switch(),
    "button": lambda text: Gtk.Button(label=text),
    "text": lambda text: Gtk.Label(label=text, xalign=0),
    "entry": _entry,
    "slider": _slider,
    "progress": lambda _: Gtk.ProgressBar(fraction=0.4, valign=Gtk.Align.CENTER),
    "combo": _combo,
    "spin": lambda _: Gtk.SpinButton.new_with_range(0, 10, 1),
    "tool": lambda _: Gtk.Button(icon_name="user-trash-symbolic"),
}

PAINTER = {"describe": _describe, "show": _show, "settle": _settle}
