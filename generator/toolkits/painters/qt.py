"""Qt's widgets, in its own styles.

+++
about = "Qt 6 widgets, by PySide6"
probe = "import PySide6.QtWidgets"
pip = ["PySide6"]
debian = ["libegl1", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0"]
scale_variable = "QT_SCALE_FACTOR"
others = ["button", "text", "entry", "slider", "progress", "combo", "spin", "tool"]
environment = {QT_QPA_PLATFORM = "xcb", QT_QPA_PLATFORMTHEME = ""}
[widgets]
checkbox = ["checked", "unchecked", "mixed"]
radio = ["checked", "unchecked"]
+++
"""

import warnings
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

DARK = " dark"
DARK_GROUND = QtGui.QColor("#2d2d30")

warnings.simplefilter("ignore")
APP = QtWidgets.QApplication([])
SHOWN: list[Any] = []


def _describe() -> tuple[str, list[str]]:
    names = sorted(QtWidgets.QStyleFactory.keys())
    return f"Qt {QtCore.qVersion()}", [*names, *(name + DARK for name in names)]


def _settle() -> None:
    APP.processEvents()


def _show(window: Any) -> list[Any]:
    _dress(window.theme, window.font_px)
    frame = QtWidgets.QWidget()
    frame.setWindowFlags(QtCore.Qt.WindowType.FramelessWindowHint)
    frame.setGeometry(0, 0, window.width, window.height)
    made = [_place(item, frame) for item in window.items]
    frame.show()
    frame.activateWindow()
    for item, widget in zip(window.items, made, strict=True):
        if item.focused:
            widget.setFocus(QtCore.Qt.FocusReason.TabFocusReason)
    if not any(item.focused for item in window.items):
        frame.setFocus()
    SHOWN.append(frame)
    for old in SHOWN[:-1]:
        old.close()
        old.deleteLater()
    del SHOWN[:-1]
    return [_read(widget) for widget in made]


def _dress(theme: str, font_px: int) -> None:
    APP.setStyle(theme.removesuffix(DARK))
    APP.setPalette(QtGui.QPalette(DARK_GROUND) if theme.endswith(DARK) else APP.style().standardPalette())
    font = QtGui.QFont(APP.font())
    font.setPixelSize(font_px)
    APP.setFont(font)


def _place(item: Any, frame: Any) -> Any:
    widget = WIDGETS[item.kind](item.text)
    widget.setParent(frame)
    widget.setGeometry(item.x, item.y, item.width, item.height)
    if item.kind in ("checkbox", "radio"):
        widget.setAutoExclusive(False)
        widget.setChecked(item.state == "checked")
    if item.state == "mixed":
        widget.setCheckState(QtCore.Qt.CheckState.PartiallyChecked)
    widget.setEnabled(item.enabled)
    return widget


def _read(widget: Any) -> list[Any]:
    if isinstance(widget, QtWidgets.QCheckBox):
        return [widget.checkState().name.lower().replace("partiallychecked", "mixed"), widget.isEnabled()]
    if isinstance(widget, QtWidgets.QRadioButton):
        return ["checked" if widget.isChecked() else "unchecked", widget.isEnabled()]
    return ["", widget.isEnabled()]


def _progress(_: str) -> Any:
    bar = QtWidgets.QProgressBar()
    bar.setValue(40)
    return bar


def _combo(text: str) -> Any:
    box = QtWidgets.QComboBox()
    box.addItem(text)
    return box


def _tool(_: str) -> Any:
    button = QtWidgets.QToolButton()
    button.setIcon(APP.style().standardIcon(QtWidgets.QStyle.StandardPixmap.SP_TrashIcon))
    return button


WIDGETS: dict[str, Any] = {
    "checkbox": QtWidgets.QCheckBox,
    "radio": QtWidgets.QRadioButton,
    "button": QtWidgets.QPushButton,
    "text": QtWidgets.QLabel,
    "entry": QtWidgets.QLineEdit,
    "slider": lambda _: QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal),
    "progress": _progress,
    "combo": _combo,
    "spin": lambda _: QtWidgets.QSpinBox(),
    "tool": _tool,
}

PAINTER = {"describe": _describe, "show": _show, "settle": _settle}
