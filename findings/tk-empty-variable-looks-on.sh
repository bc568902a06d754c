#!/usr/bin/env bash
# One would guess: a radio button of Tk whose variable has not been set yet is empty, and so is a checkbox: `StringVar()` is "",
# which is the value of none of them; what is drawn dimmed is disabled.
# In truth: "" is also what Tk takes for "mixed" unless told otherwise (`tristatevalue`). Each radio button of a group that shares
# a new `StringVar()` gets a dot, all at once, and a checkbox a tick. On X11 that mark is the one of a disabled widget that
# is on, to the last pixel: what waits for its first click looks like what is on and locked. With ttk's widgets the same
# variable draws them empty.
# Why it matters: settings windows start so. Who labels their pictures by what the program holds (`variable.get()` is not the
# value, so it is off) writes "unchecked" under a mark; who labels by eye writes "checked, disabled" for what is neither,
# and no reader of pixels can do better. Give `tristatevalue` a value that nothing else has, or set the variable.
# Seen with Tk 8.6.13 on 2026-11-30; looks that are the same to the last pixel:
#   tkinter.Radiobutton | not set = on, disabled = not set, disabled | off | off, disabled | on
#   tkinter.Radiobutton mixed | off = not set | on      (with tristatevalue="mixed")
#   tkinter.Checkbutton: the same twice
#   tkinter.ttk.Radiobutton | off = not set | on        tkinter.ttk.Checkbutton | off = not set | on
# Needs Debian's packages python3-tk and xvfb.
set -euo pipefail
command -v Xvfb >/dev/null && command -v xvfb-run >/dev/null || { echo "Xvfb is missing; on Debian: apt install xvfb" >&2; exit 1; }
/usr/bin/python3 -c "import tkinter" 2>/dev/null || { echo "Tk for Python is missing; on Debian: apt install python3-tk" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir screen
cat > draw.py <<'PY'
import struct, tkinter
from tkinter import ttk

SIDE = 24
root = tkinter.Tk()
root.overrideredirect(True)
root.geometry("120x60+0+0")
print("Tk", root.tk.call("info", "patchlevel"))

def pixels():
    """Return what is painted in the window's corner, read from the screen's file, which is an X window dump."""
    with open("screen/Xvfb_screen0", "rb") as file:
        data = file.read()
    header = struct.unpack(">25I", data[:100])
    row_bytes, pixel_bytes = header[12], header[11] // 8
    start = header[0] + 12 * header[19]
    return b"".join(data[start + row * row_bytes :][: SIDE * pixel_bytes] for row in range(SIDE))

def look(kind, value, **options):
    variable = tkinter.StringVar(value=value)
    values = {"value": "yes"} if "Radio" in kind.__name__ else {"onvalue": "yes", "offvalue": "no"}
    widget = kind(root, variable=variable, **values, **options)
    widget.place(x=0, y=0)
    for _ in range(20):
        root.update()
        root.after(10)
    assert variable.get() == value
    painted = pixels()
    widget.destroy()
    return painted

def alike(kind, states, **options):
    """Print and return the names of looks, those that are the same together."""
    groups = {}
    for state in states:
        for name, value in (("on", "yes"), ("off", "no"), ("not set", "")):
            painted = look(kind, value, **({"state": state} if state == "disabled" else {}), **options)
            groups.setdefault(painted, []).append(name + (", disabled" if state == "disabled" else ""))
    found = sorted(" = ".join(group) for group in groups.values())
    print(f"{kind.__module__}.{kind.__name__}", *options.values(), "|", " | ".join(found))
    return found

for kind in (tkinter.Radiobutton, tkinter.Checkbutton):
    marked = alike(kind, ("normal", "disabled"))
    assert marked == ["not set = on, disabled = not set, disabled", "off", "off, disabled", "on"]
    assert alike(kind, ("normal",), tristatevalue="mixed") == ["off = not set", "on"]
for kind in (ttk.Radiobutton, ttk.Checkbutton):
    assert alike(kind, ("normal",)) == ["off = not set", "on"]
PY
xvfb-run -a -s "-screen 0 160x120x24 -fbdir $work/screen" /usr/bin/python3 draw.py
