"""The loop in which a toolkit of Python shows one window after the other, as it is asked to.

It is run as a script, by an interpreter that may have the toolkit and not boxwright: it imports nothing of ours. A
painter may import what stands on the standard library alone.
"""

import json
import runpy
import select
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SETTLING_S = 0.1
"""How long a window's events are handled before it counts as shown."""

PAUSE_S = 0.02


@dataclass(frozen=True)
class AskedItem:
    """A widget or another thing to show; lengths are in the toolkit's pixels, `state` is empty for what has none."""

    kind: str
    state: str
    enabled: bool
    focused: bool
    x: int
    y: int
    width: int
    height: int
    text: str


@dataclass(frozen=True)
class AskedWindow:
    """A window to show at the display's upper left corner; what is not among the items is not seen."""

    theme: str
    width: int
    height: int
    font_px: int
    items: tuple[AskedItem, ...]


def read_window(lines: IO[str]) -> AskedWindow | None:
    """Read what is asked for, a tab between words: a line for the window, one an item, and `show`; None at the end."""
    theme, *lengths = lines.readline().rstrip("\n").split("\t")
    if not lengths:
        return None
    width, height, font_px = map(int, lengths)
    items = []
    while (line := lines.readline().rstrip("\n")) != "show":
        kind, state, enabled, focused, x, y, wide, high, text = line.split("\t")
        box = (int(x), int(y), int(wide), int(high))
        items.append(AskedItem(kind, state, enabled == "yes", focused == "yes", *box, text))
    return AskedWindow(theme, width, height, font_px, tuple(items))


def serve_windows(painter: Mapping[str, Any], asked: str, answers: str) -> None:
    """Say what the toolkit is, then show each window that is asked for and say how its widgets stand.

    `describe` of a painter returns the toolkit's version and themes, `show` a state and whether it is enabled for each
    item, and `settle` handles what events there are.
    """
    settle = painter["settle"]
    with open(asked, encoding="utf-8") as lines, open(answers, "w", encoding="utf-8") as out:  # noqa: PTH123  pipes
        version, themes = painter["describe"]()
        _say(out, {"version": version, "themes": themes})
        while True:
            while not select.select([lines], [], [], PAUSE_S)[0]:
                settle()
            window = read_window(lines)
            if window is None:
                return
            shown = painter["show"](window)
            end = time.monotonic() + SETTLING_S
            while time.monotonic() < end:
                settle()
                time.sleep(PAUSE_S / 4)
            _say(out, {"items": shown() if callable(shown) else shown})


def _say(out: IO[str], answer: Mapping[str, Any]) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


def _main(file: str, asked: str, answers: str) -> None:
    sys.path.append(str(Path(__file__).parents[2]))
    painter = runpy.run_path(file)["PAINTER"]
    run = painter.get("run", lambda loop: loop())
    run(lambda: serve_windows(painter, asked, answers))


if __name__ == "__main__":
    _main(*sys.argv[1:])
