#!/usr/bin/env bash
# One would guess: a Qt style sheet that rounds the corners of checkboxes, `::indicator { border-radius: 3px }`, gives boxes with
# round corners, and `::indicator:disabled { border-color: gray }` a grey border to those that are disabled.
# In truth: any border, radius, background colour or image of `::indicator` takes the place of all that the style draws there,
# the tick included. Checkbox, radio button, checkable group box, and items of lists, trees and tables then look alike on
# and off, to the last pixel. A radius or the colour of a border alone paints nothing at all; a whole border makes of
# a radio button the square of a checkbox. Margin, padding, color and `background: none` leave the tick; a width without a
# height takes it from lists, trees and tables. A rule for `:disabled` or `:hover` takes it only there: the tick goes
# when the mouse comes. In menus on and off stay apart, but any rule for the indicator, or a padding of `QMenu::item`,
# draws actions of an exclusive group, which have a dot in Fusion, exactly as those that have a box.
# Why it matters: there is no warning, and isChecked() is right. Who renders labelled widgets in many looks by style sheets
# writes "checked" under an empty box, for some states of some widgets alone, and "radio" under a tick. Compare the
# pictures of on and off before either is kept; a sheet that styles the indicator has to bring an image for `:checked`.
# Seen with PySide6 6.12.0 on 2026-11-30; pixels that differ between on and off in the style Fusion (Windows has as many zeros, but
# for the group of a width alone):
#   (none)                                       checkbox  47  radio  40  group  47  list  47  tree  47  table  47  menu  47
#   ::indicator { background: none }             checkbox  47  radio  40  group  47  list  47  tree  47  table  47  menu 171
#   ::indicator { border-radius: 3px }           checkbox   0  radio   0  group   0  list   0  tree   0  table   0  menu 164
#   ::indicator { border: 1px solid gray }       checkbox   0  radio   0  group   0  list   0  tree   0  table   0  menu 140
#   ::indicator { width: 13px }                  checkbox  49  radio  32  group   0  list   0  tree   0  table   0  menu 171
#   ::indicator:disabled { border-color: gray }  checkbox  47  radio  40  group  47  list  47  tree  47  table  47  menu 171
#     the same, disabled                         checkbox   0  radio   0  group   0  list   0  tree   0  table   0  menu 164
#   ::indicator:hover { border-color: gray }: away from the mouse 47, under it 0
#   menu, ticked beside chosen, (none): 119, QMenu::item { padding: 4px 20px }: 0
# Needs python3, and Debian's packages libegl1 and libxkbcommon0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet PySide6-Essentials==6.12.0 shiboken6==6.12.0 2>/dev/null
cat > sheets.py <<'PY'
from PySide6 import QtCore, QtGui, QtTest, QtWidgets
from PySide6.QtCore import Qt

ON, OFF, HALF = Qt.CheckState.Checked, Qt.CheckState.Unchecked, Qt.CheckState.PartiallyChecked

def button(kind):
    def make(state):
        widget = kind("Mail")
        if state == HALF:
            widget.setTristate(True)
            widget.setCheckState(state)
        else:
            widget.setAutoExclusive(False)
            widget.setChecked(state == ON)
            assert widget.isChecked() == (state == ON)
        return widget
    return make

def group(state):
    widget = QtWidgets.QGroupBox("Mail")
    widget.setCheckable(True)
    widget.setChecked(state == ON)
    return widget

def listed(state):
    widget = QtWidgets.QListWidget()
    item = QtWidgets.QListWidgetItem("Mail", widget)
    item.setCheckState(state)
    return widget

def tree(state):
    widget = QtWidgets.QTreeWidget()
    QtWidgets.QTreeWidgetItem(widget, ["Mail"]).setCheckState(0, state)
    return widget

def table(state):
    widget = QtWidgets.QTableWidget(1, 1)
    item = QtWidgets.QTableWidgetItem("Mail")
    item.setCheckState(state)
    widget.setItem(0, 0, item)
    return widget

def menu(state, exclusive=False):
    widget = QtWidgets.QMenu()
    action = widget.addAction("Mail")
    action.setCheckable(True)
    if exclusive:
        actions = QtGui.QActionGroup(widget)
        actions.setExclusive(True)
        actions.addAction(action)
    action.setChecked(state == ON)
    return widget

WIDGETS = {"checkbox": button(QtWidgets.QCheckBox), "radio": button(QtWidgets.QRadioButton), "group": group,
           "list": listed, "tree": tree, "table": table, "menu": menu}
LEAVE = ("width: 13px; height: 13px", "margin: 2px", "padding: 4px", "color: red", "background: none")
TAKE = ("border-radius: 3px", "border: 1px solid gray", "border-color: gray", "border: none", "background: white",
        "background: transparent", "image: none")

def picture(widget, sheet, enabled=True):
    widget.setStyleSheet(sheet)
    widget.setEnabled(enabled)
    widget.resize(160, 60)
    return widget.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_RGB32)

def apart(one, other):
    assert one.size() == other.size()
    places = ((x, y) for x in range(one.width()) for y in range(one.height()))
    return sum(one.pixel(*place) != other.pixel(*place) for place in places)

def looks(sheet, enabled=True):
    """Count for each widget the pixels in which it differs between on and off."""
    found = {name: apart(*(picture(make(state), sheet, enabled) for state in (OFF, ON))) for name, make in WIDGETS.items()}
    print(f"  {sheet or '(none)':60} {'' if enabled else 'disabled':8}", *(f"{name} {count:3} " for name, count in found.items()))
    assert found.pop("menu")
    return set(found.values())

def shown(state, sheet, hovered):
    """Take the picture of a checkbox in a window that is open, with the mouse on it or away."""
    window = QtWidgets.QWidget()
    window.setStyleSheet(sheet)
    QtWidgets.QLineEdit(window).setGeometry(10, 50, 80, 24)
    box = QtWidgets.QCheckBox("Mail", window)
    box.setChecked(state == ON)
    box.move(10, 10)
    box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    window.resize(160, 90)
    window.show()
    assert QtTest.QTest.qWaitForWindowExposed(window)
    for place in (QtCore.QPoint(16, 18), QtCore.QPoint(150, 85), QtCore.QPoint(17, 19))[: 3 if hovered else 2]:
        QtTest.QTest.mouseMove(window.windowHandle(), place)
        QtTest.QTest.qWait(50)
    assert box.underMouse() == hovered
    taken = window.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_RGB32)
    window.close()
    return taken

app = QtWidgets.QApplication([])
print("Qt", QtCore.qVersion())
for style in ("Fusion", "Windows"):
    app.setStyle(style)
    print(style)
    assert 0 not in looks("")
    for rule in LEAVE:
        assert 0 not in looks(f"::indicator {{ {rule} }}")
    for rule in TAKE:
        sheet = f"::indicator {{ {rule} }}"
        assert looks(sheet) == {0}
        box = WIDGETS["checkbox"]
        assert apart(picture(box(HALF), sheet), picture(box(ON), sheet)) == 0
    looks("::indicator { width: 13px }")
    for name, make in WIDGETS.items():
        found = apart(*(picture(make(state), "::indicator { width: 13px }") for state in (OFF, ON)))
        assert name == "group" or bool(found) == (name not in ("list", "tree", "table")), name
    assert 0 not in looks("* { border: 1px solid gray; border-radius: 3px }")
    dim = "::indicator:disabled { border-color: gray }"
    assert 0 not in looks(dim) and looks(dim, enabled=False) == {0}
    line = "::indicator { border: 1px solid gray }"
    if style == "Fusion":  # with Windows a radio button's place is a pixel smaller
        assert apart(picture(WIDGETS["radio"](ON), line), picture(WIDGETS["checkbox"](OFF), line)) == 0
    hover = "::indicator:hover { border-color: gray }"
    away, under = (apart(*(shown(state, hover, hovered) for state in (OFF, ON))) for hovered in (False, True))
    print(f"  {hover}: away from the mouse {away}, under it {under}")
    assert away and under == 0
    for sheet in ("", "QMenu::item { padding: 4px 20px }", "QMenu::indicator { width: 13px }"):
        found = apart(*(picture(menu(ON, exclusive), sheet) for exclusive in (False, True)))
        print(f"  menu, ticked beside chosen, {sheet or '(none)'}: {found}")
        assert (found == 0) == (bool(sheet) or style == "Windows")
PY
QT_QPA_PLATFORM=offscreen venv/bin/python sheets.py
