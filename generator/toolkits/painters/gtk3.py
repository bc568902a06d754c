"""GTK 3's widgets, in its own themes and in those that are installed.

+++
about = "GTK 3 widgets, by GObject introspection"
probe = "import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk"
debian = ["python3-gi", "gir1.2-gtk-3.0"]
scale_variable = "GDK_SCALE"
others = ["button", "text", "entry", "slider", "progress", "combo", "spin", "tool"]
environment = {GDK_BACKEND = "x11", NO_AT_BRIDGE = "1", GSETTINGS_BACKEND = "memory"}
[widgets]
checkbox = ["checked", "unchecked", "mixed"]
radio = ["checked", "unchecked", "mixed"]
switch = ["checked", "unchecked"]
+++
"""

from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk  # noqa: E402  its version is chosen first

DARK = "-dark"
BUILT_IN = ("Adwaita", "Adwaita-dark", "HighContrast", "HighContrastInverse")
SHOWN: list[Any] = []
PARTNERS: list[Any] = []


def _describe() -> tuple[str, list[str]]:
    version = f"GTK {Gtk.get_major_version()}.{Gtk.get_minor_version()}.{Gtk.get_micro_version()}"
    found = {path.parent.name for path in Path("/usr/share/themes").glob("*/gtk-3.0") if (path / "gtk.css").exists()}
    return version, sorted({*BUILT_IN, *found})


def _settle() -> None:
    while Gtk.events_pending():
        Gtk.main_iteration_do(False)


def _show(window: Any) -> list[Any]:
    settings = Gtk.Settings.get_default()
    settings.set_property("gtk-enable-animations", False)
    settings.set_property("gtk-xft-dpi", 96 * 1024)
    settings.set_property("gtk-theme-name", window.theme.removesuffix(DARK))
    settings.set_property("gtk-application-prefer-dark-theme", window.theme.endswith(DARK))
    settings.set_property("gtk-font-name", f"Sans {window.font_px * 0.75}")
    top = Gtk.Window(type=Gtk.WindowType.TOPLEVEL, decorated=False)
    top.set_size_request(window.width, window.height)
    fixed = Gtk.Fixed(can_focus=True)
    top.add(fixed)
    PARTNERS.clear()
    made = [_place(item, fixed) for item in window.items]
    top.set_focus_visible(True)
    top.show_all()
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
        outer.pack_start(widget, False, False, 0)
        outer.pack_start(Gtk.Label(label=item.text, xalign=0), False, False, 0)
    elif item.kind == "radio":
        PARTNERS.append(Gtk.RadioButton.new_from_widget(widget))
        PARTNERS[-1].set_active(item.state != "checked")
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
    widget.set_draw_value(False)
    widget.set_value(6)
    return widget


def _progress(_: str) -> Any:
    return Gtk.ProgressBar(fraction=0.4, valign=Gtk.Align.CENTER)


def _combo(text: str) -> Any:
    widget = Gtk.ComboBoxText()
    widget.append_text(text)
    widget.set_active(0)
    return widget


WIDGETS: dict[str, Any] = {
    "checkbox": lambda text: Gtk.CheckButton(label=text or " "),
    "radio": lambda text: Gtk.RadioButton(label=text or " "),
    "switch": lambda _: Gtk.Switch(),
    "button": lambda text: Gtk.Button(label=text),
    "text": lambda text: Gtk.Label(label=text, xalign=0),
    "entry": _entry,
    "slider": _slider,
    "progress": _progress,
    "combo": _combo,
    "spin": lambda _: Gtk.SpinButton.new_with_range(0, 10, 1),
    "tool": lambda _: Gtk.Button.new_from_icon_name("edit-delete-symbolic", Gtk.IconSize.BUTTON),
}

PAINTER = {"describe": _describe, "show": _show, "settle": _settle}
