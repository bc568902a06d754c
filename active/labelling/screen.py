"""The lines of the labeller's screen, each a pure function from what is known to styled text."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from rich.text import Text

from active.labelling.keys import PLACE_COMMANDS, KeyMap
from active.labelling.sitting import Notice
from active.store.events import Counts, Dispute, QueueItem

QUIET = "#7d8590"
PLAIN = "#d6dbe1"
ACCENT = "#7cc4a4"
WARNING = "#e08d79"
KEY = "bold #f2f4f7 on #353c46"

_BAR_CELLS = 24
_GAP = "   "


@dataclass(frozen=True)
class Outlook:
    """What a loop has to say beside a queue: what to expect from going on, and what leaving the labeller leads to."""

    expectation: str = ""
    then: str = ""


NO_OUTLOOK = Outlook()

_FEW = 10
"""A rate of fewer labels says nothing."""

SHOWN_KEYS = {"backspace": "⌫", "left": "←", "right": "→", "up": "↑", "down": "↓", "enter": "⏎"}


def progress_lines(counts: Counts, per_minute: float | None, width_cells: int, outlook: str = "") -> Text:
    """Return the bar, how many are done since the newest queue and left, pace, flip rates and what to expect."""
    total = counts.done + counts.open
    filled = _BAR_CELLS * counts.done // total if total else 0
    parts = [
        Text.assemble(("━" * filled, ACCENT), ("━" * (_BAR_CELLS - filled), "#353c46")),
        Text.assemble((f"{counts.done}", f"bold {PLAIN}"), (f" of {total} done", PLAIN)),
        Text(f"{counts.open} left{_of_them(counts)}", QUIET),
    ]
    if per_minute is not None:
        parts.append(Text(f"{per_minute:.0f} a minute", QUIET))
    if counts.compared >= _FEW:
        drawn = f", {counts.audit_flipped} of {counts.audited} at random" if counts.audited else ""
        parts.append(Text(f"flips {counts.flipped / counts.compared:.0%}{drawn}", QUIET))
    if outlook:
        parts.append(Text(printable(outlook), QUIET))
    return flow(parts, width_cells)


def _of_them(counts: Counts) -> str:
    kinds = (("skipped", counts.skipped), ("disputed", counts.disputed), ("with others", counts.held))
    said = ", ".join(f"{count} {kind}" for kind, count in kinds if count)
    return f" ({said})" if said else ""


def class_lines(keys: Mapping[str, str], counts: Counts, width_cells: int) -> Text:
    """Return the key, the name and the number of labels of each class, and what was put away where there is any."""
    parts = [
        Text.assemble(
            (f" {key} ", KEY),
            (f" {printable(name)}", f"bold {PLAIN}"),
            (f" {counts.labelled.get(name, 0)}", ACCENT),
        )
        for key, name in keys.items()
    ]
    away = (("discarded", counts.discarded), ("no widget", counts.no_widget), ("wrong box", counts.wrong_box))
    parts += [Text(f"{name} {count}", QUIET) for name, count in away if count]
    return flow(parts, width_cells)


def path_line(item: QueueItem, size_px: tuple[int, int] | None, width_cells: int, remarks: str = "") -> Text:
    """Return the path, cut on the left where it is too long, the picture's size and its remarks."""
    size = (f"   {size_px[0]}×{size_px[1]} px" if size_px else "") + remarks
    path = item.path
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return Text.assemble((_cut_left(printable(path), width_cells - len(size)) + size, QUIET))


def suggestion_lines(item: QueueItem, dispute: Dispute | None = None, *, suggestion: bool, why: bool) -> Text:
    """Return what the model thinks, likeliest class first, and why the picture is queued, as far as asked for."""
    lines = []
    if suggestion:
        line = Text("model  ", QUIET)
        for place, (name, probability) in enumerate(sorted(item.probabilities.items(), key=lambda entry: -entry[1])):
            line.append(f"{printable(name)} {probability:.2f}", f"bold {PLAIN}" if place == 0 else PLAIN)
            line.append("  ")
        lines.append(line)
    if why:
        lines.append(Text(f"why    {printable(_dispute_words(dispute) if dispute else item.reason)}", QUIET))
    return Text("\n").join(lines)


def _dispute_words(dispute: Dispute) -> str:
    said = (f"{who} said {label or 'discard'}" for who, label in dispute.labels)
    return f"disputed: {', '.join(said)}"


def help_lines(keys: KeyMap, width_cells: int, *, picture: bool, on_screen: bool = False) -> Text:
    """Return the keys that are not classes; without a picture, or one cut out of a screen, those that do something."""
    commands: tuple[str, ...] = ("undo", "back", "quit")
    if picture:
        of_places = PLACE_COMMANDS if on_screen else ()
        commands = ("accept", "suggestion", "why", "skip", "discard", *of_places)
        commands += ("flag", "note", "undo", "back", "zoom", "quit")
    parts = [
        Text.assemble((shown_key(keys.key_of(command)), f"bold {PLAIN}"), (f" {command.replace('_', ' ')}", QUIET))
        for command in commands
    ]
    return flow(parts, width_cells)


def shown_key(key: str) -> str:
    """Return a key as it stands on the keyboard."""
    return SHOWN_KEYS.get(key, key)


def notice_line(notice: Notice) -> Text:
    """Return what was just done, and to which picture."""
    path = f"   {printable(notice.path.name)}" if notice.path else ""
    mark = f"{notice.mark} " if notice.mark else ""
    colour = WARNING if notice.warning else ACCENT if notice.mark else QUIET
    return Text.assemble((f"{mark}{printable(notice.text)}", colour), (path, QUIET))


def remarks_text(*, flagged: bool, note: str, disputed: bool = False) -> str:
    """Return a picture's flag and note, and that people disagree, for the end of its path line."""
    return (
        ("   disputed" if disputed else "") + ("   ⚑" if flagged else "") + (f"   ✎ {printable(note)}" if note else "")
    )


def nothing_left(counts: Counts, then: str = "") -> Text:
    """Return what stands in the picture's place when the queue is empty: what was done and what to do next."""
    text = Text()
    text.append("Nothing left to label\n\n", f"bold {ACCENT}")
    text.append(f"{sum(counts.labelled.values())} labelled, {counts.discarded} discarded\n\n", PLAIN)
    if counts.open:
        text.append(f"{counts.open} on other people's screens; what they leave comes here\n\n", PLAIN)
    if then:
        return text.append(then, f"bold {PLAIN}")
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
        ("it can be discarded, or skipped for now", QUIET),
    )


def printable(text: str | Path) -> str:
    """Return `text` with what a terminal cannot show, or would obey, replaced."""
    decoded = os.fsencode(text).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in decoded)


def flow(parts: Sequence[Text], width_cells: int) -> Text:
    """Join parts with gaps into as many lines as the width asks for; no part is broken."""
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
