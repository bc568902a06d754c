#!/usr/bin/env bash
# One would guess: whether a half-checked box counts as checked may differ between toolkits, but within one release of Qt it does
# not; and in GTK a half-checked box that can be clicked is enabled to its accessibility tree as well.
# In truth: of the same state, Qt.PartiallyChecked, Qt Widgets' isChecked() says True and Qt Quick's `checked` says False. The
# accessibility interface of Qt Widgets says both checked and mixed. GTK 3 takes "enabled" from the accessible states of a
# checkbox, radio button or menu item as soon as it is inconsistent, while the widget stays sensitive.
# Why it matters: labels that are read back by the toolkit's one boolean put the same dash under "checked" for one half
# of Qt's programs and under "unchecked" for the other; and labels from the accessibility tree call each half-checked
# box of a GTK 3 program disabled, though none is. Ask for the third state first: checkState, get_inconsistent(), and of
# the tree INDETERMINATE and SENSITIVE.
# Seen with PySide6 6.12.0, GTK 3.24.38 on 2026-11-30:
#   Qt PartiallyChecked: Widgets isChecked() True, Quick checked False; Widgets' tree: checked True, mixed True
#   GTK CheckButton, inconsistent False, sensitive True, tree: checked, enabled, sensitive
#   GTK CheckButton, inconsistent True, sensitive True, tree: checked, indeterminate, sensitive
# Needs python3, and Debian's packages python3-gi, gir1.2-gtk-3.0, xvfb, libegl1 and libxkbcommon0.
set -euo pipefail
command -v xvfb-run >/dev/null || { echo "xvfb-run is missing; on Debian: apt install xvfb" >&2; exit 1; }
/usr/bin/python3 -c "import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk" 2>/dev/null ||
  { echo "GTK 3 for Python is missing; on Debian: apt install python3-gi gir1.2-gtk-3.0" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet PySide6-Essentials==6.12.0 shiboken6==6.12.0 2>/dev/null
cat > qt.py <<'PY'
from PySide6 import QtCore, QtGui, QtQml, QtWidgets
from PySide6.QtQuickControls2 import QQuickStyle

SOURCE = b"""
import QtQuick
import QtQuick.Controls
Item {
  component Box: CheckBox { tristate: true; property int shown: checkState }
  Box { objectName: "Unchecked"; checkState: Qt.Unchecked }
  Box { objectName: "PartiallyChecked"; checkState: Qt.PartiallyChecked }
  Box { objectName: "Checked"; checkState: Qt.Checked }
}"""
app = QtWidgets.QApplication([])
QQuickStyle.setStyle("Basic")
engine = QtQml.QQmlApplicationEngine()
engine.loadData(SOURCE)
root = engine.rootObjects()[0]
print("Qt", QtCore.qVersion())
said = {}
for state in QtCore.Qt.CheckState:
    widget = QtWidgets.QCheckBox()
    widget.setTristate(True)
    widget.setCheckState(state)
    quick = root.findChild(QtCore.QObject, state.name)
    assert widget.checkState() == state and quick.property("shown") == state.value
    tree = QtGui.QAccessible.queryAccessibleInterface(widget).state()
    said[state.name] = widget.isChecked(), quick.property("checked"), bool(tree.checked), bool(tree.checkStateMixed)
    print(f"{state.name:16} Widgets isChecked() {said[state.name][0]!s:5}  Quick checked {said[state.name][1]!s:5}  "
          f"Widgets' tree: checked {said[state.name][2]}, mixed {said[state.name][3]}")
assert said["Unchecked"] == (False, False, False, False)
assert said["PartiallyChecked"] == (True, False, True, True)
assert said["Checked"] == (True, True, True, False)
PY
QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software venv/bin/python qt.py
cat > gtk.py <<'PY'
import gi
gi.require_version("Gtk", "3.0")
gi.require_version("Atk", "1.0")
from gi.repository import Atk, Gtk

print(f"GTK {Gtk.get_major_version()}.{Gtk.get_minor_version()}.{Gtk.get_micro_version()}")
ASKED = {"checked": Atk.StateType.CHECKED, "indeterminate": Atk.StateType.INDETERMINATE,
         "enabled": Atk.StateType.ENABLED, "sensitive": Atk.StateType.SENSITIVE}
for kind in (Gtk.CheckButton, Gtk.RadioButton, Gtk.CheckMenuItem):
    for inconsistent in (False, True):
        widget = kind(label="Mail")
        widget.set_active(True)
        widget.set_inconsistent(inconsistent)
        states = widget.get_accessible().ref_state_set()
        there = [name for name, state in ASKED.items() if states.contains_state(state)]
        print(f"{kind.__name__:14} inconsistent {inconsistent!s:5} sensitive {widget.get_sensitive()}  tree: {', '.join(there)}")
        assert widget.get_sensitive() and not widget.get_state_flags() & Gtk.StateFlags.INSENSITIVE and "sensitive" in there
        assert ("indeterminate" in there) == inconsistent and ("enabled" in there) == (not inconsistent)
PY
GDK_BACKEND=x11 NO_AT_BRIDGE=1 xvfb-run -a /usr/bin/python3 gtk.py
