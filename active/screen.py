"""The lines of the labeller's screen, each a pure function from what is known to styled text."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.text import Text

from active.events import Counts, QueueItem
from generator.errors import InputError

QUIET = "#7d8590"
PLAIN = "#d6dbe1"
ACCENT = "#7cc4a4"
WARNING = "#e08d79"
KEY = "bold #f2f4f7 on #353c46"

COMMAND_KEYS = "sdq"
CLASS_KEYS = "123456789" + "".join(key for key in "abcdefghijklmnopqrstuvwxyz" if key not in COMMAND_KEYS)

_BAR_CELLS = 24
_GAP = "   "


def class_keys(classes: Sequence[str]) -> dict[str, str]:
    """Return the key of each class, as key to class: digits in the classes' order, then the letters that are free.

    Raises:
        InputError: there are more classes than keys.
    """
    if len(classes) > len(CLASS_KEYS):
        raise InputError(f"{len(classes)} classes, but only {len(CLASS_KEYS)} keys to label them with")
    return dict(zip(CLASS_KEYS, classes, strict=False))


def progress_lines(counts: Counts, per_minute: float | None, width_cells: int) -> Text:
    """Return the bar, how many are done since the newest queue, how many are left, and the pace."""
    total = counts.done + counts.open
    filled = _BAR_CELLS * counts.done // total if total else 0
    parts = [
        Text.assemble(("━" * filled, ACCENT), ("━" * (_BAR_CELLS - filled), "#353c46")),
        Text.assemble((f"{counts.done}", f"bold {PLAIN}"), (f" of {total} done", PLAIN)),
        Text(f"{counts.open} left" + (f", {counts.skipped} of them skipped" * bool(counts.skipped)), QUIET),
    ]
    if per_minute is not None:
        parts.append(Text(f"{per_minute:.0f} a minute", QUIET))
    return _flow(parts, width_cells)


def class_lines(keys: Mapping[str, str], counts: Counts, width_cells: int) -> Text:
    """Return the key, the name and the number of labels of each class, and the discards where there are any."""
    parts = [
        Text.assemble(
            (f" {key} ", KEY),
            (f" {printable(name)}", f"bold {PLAIN}"),
            (f" {counts.labelled.get(name, 0)}", ACCENT),
        )
        for key, name in keys.items()
    ]
    if counts.discarded:
        parts.append(Text(f"discarded {counts.discarded}", QUIET))
    return _flow(parts, width_cells)


def path_line(item: QueueItem, size_px: tuple[int, int] | None, width_cells: int) -> Text:
    """Return the path, cut on the left where it is too long, and the picture's size."""
    size = f"   {size_px[0]}×{size_px[1]} px" if size_px else ""
    path = item.path
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return Text.assemble((_cut_left(printable(path), width_cells - len(size)) + size, QUIET))


def suggestion_lines(item: QueueItem) -> Text:
    """Return what the model thinks, likeliest class first, and why the picture was queued."""
    ranked = sorted(item.probabilities.items(), key=lambda entry: -entry[1])
    line = Text("model  ", QUIET)
    for place, (name, probability) in enumerate(ranked):
        line.append(f"{printable(name)} {probability:.2f}", f"bold {PLAIN}" if place == 0 else PLAIN)
        line.append("  ")
    line.append(f"\nwhy    {printable(item.reason)}", QUIET)
    return line


def help_lines(width_cells: int, *, picture: bool) -> Text:
    """Return the keys that are not classes; without a picture, those that still do something."""
    keys = [("⌫", "undo"), ("q", "quit")]
    if picture:
        keys = [("s", "skip"), ("d", "discard"), *keys, ("?", "suggestion"), ("+ -", "zoom"), ("←↑↓→", "move")]
    parts = [Text.assemble((key, f"bold {PLAIN}"), (f" {meaning}", QUIET)) for key, meaning in keys]
    return _flow(parts, width_cells)


def note_line(mark: str, text: str, path: Path, colour: str = ACCENT) -> Text:
    """Return what was just done, and to which picture."""
    return Text.assemble((f"{mark} {printable(text)}", colour), (f"   {printable(path.name)}", QUIET))


def nothing_left(counts: Counts) -> Text:
    """Return what stands in the picture's place when the queue is empty: what was done and what to do next."""
    text = Text()
    text.append("Nothing left to label\n\n", f"bold {ACCENT}")
    text.append(f"{sum(counts.labelled.values())} labelled, {counts.discarded} discarded\n\n", PLAIN)
    for command, meaning in (
        ("boxwright labels export DIR", "take the labels as folders and CSV"),
        ("boxwright queue POOL --model MODEL", "queue more pictures"),
    ):
        text.append(f"{command:<36}", f"bold {PLAIN}").append(f"{meaning}\n", QUIET)
    text.rstrip()
    return text


def no_picture(reason: str) -> Text:
    """Return what stands in the picture's place when it cannot be shown."""
    return Text.assemble(
        ("This picture cannot be shown\n\n", f"bold {WARNING}"),
        (f"{printable(reason)}\n\n", PLAIN),
        ("d discards it, s skips it for now", QUIET),
    )


def printable(text: str | Path) -> str:
    """Return `text` with what a terminal cannot show, or would obey, replaced."""
    decoded = os.fsencode(text).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in decoded)


def _flow(parts: Sequence[Text], width_cells: int) -> Text:
    """Join parts with gaps, into as many lines as the width asks for; no part is broken."""
    lines: list[list[Text]] = [[]]
    for part in parts:
        if lines[-1] and sum(each.cell_len + len(_GAP) for each in lines[-1]) + part.cell_len > width_cells:
            lines.append([])
        lines[-1].append(part)
    return Text("\n").join(Text(_GAP).join(line) for line in lines)


def _cut_left(text: str, width_cells: int) -> str:
    if cell_len(text) <= width_cells:
        return text
    while text and cell_len(text) > width_cells - 1:
        text = text[1:]
    return f"…{text}"
