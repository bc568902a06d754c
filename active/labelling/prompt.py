"""Labels line by line, for terminals that cannot draw: a picture's path, and a prompt for what it shows."""

from typing import TextIO

from rich.text import Text

from active.labelling import screen
from active.labelling.keys import PLACE_COMMANDS, KeyMap
from active.labelling.screen import NO_OUTLOOK, Outlook
from active.labelling.sitting import Notice, Sitting

WIDTH_CELLS = 80

_SPOKEN = {"backspace": "undo", "space": "accept", "left": "back", "right": "forward"}
"""What is typed, with Enter, for keys that a line cannot hold."""


def run_prompt(sitting: Sitting, keys: KeyMap, *, read: TextIO, write: TextIO, outlook: Outlook = NO_OUTLOOK) -> None:
    """Ask for a line a picture until the queue is empty, `quit` or the end of the input.

    A line is a class's key or name, or a command's key or name; `note` takes the rest of its line.
    `outlook` is a loop's.
    """
    notice: Notice | None = Notice("", outlook.expectation) if outlook.expectation else None
    try:
        while True:
            write.write(_question(sitting, keys, notice, outlook.then))
            write.flush()
            line = read.readline()
            words = line.strip()
            if not line or keys.commands.get(words, words) == "quit":
                return
            notice = _answer(sitting, keys, words) if words else None
            sitting.store.renew()
    finally:
        sitting.close()


def _question(sitting: Sitting, keys: KeyMap, notice: Notice | None, then: str) -> str:
    counts = sitting.store.counts()
    lines = [screen.notice_line(notice).plain] if notice else []
    lines += [f"\n{counts.done} of {counts.done + counts.open} done"]
    if sitting.item is None:
        return "\n".join([*lines, screen.nothing_left(counts, then).plain, "undo   quit", "> "])
    image = sitting.picture.image
    lines.append(screen.path_line(sitting.item, image.size if image else None, 10 * WIDTH_CELLS).plain)
    if sitting.picture.error:
        lines.append(screen.printable(sitting.picture.error))
    seen = screen.suggestion_lines(sitting.item, sitting.dispute, suggestion=sitting.suggestion, why=sitting.why).plain
    classes = [Text(f"{key} {screen.printable(name)}") for key, name in keys.classes.items()]
    commands = [
        Text(command if key in _SPOKEN else f"{key} {command}")
        for key, command in keys.commands.items()
        if not command.startswith("zoom") and (sitting.context or command not in PLACE_COMMANDS)
    ]
    choices = [screen.flow(parts, WIDTH_CELLS).plain for parts in (classes, commands)]
    return "\n".join([*lines, *([seen] if seen else []), *choices, "> "])


def _answer(sitting: Sitting, keys: KeyMap, words: str) -> Notice | None:
    first, _, rest = words.partition(" ")
    if words in keys.classes.values():
        return sitting.label(words)
    if words.lower() in keys.classes:
        return sitting.label(keys.classes[words.lower()])
    command = keys.commands.get(first.lower(), first.lower())
    if command == "note":
        return sitting.note(rest)
    if command not in sitting.commands or rest:
        return Notice("", f"{words}: neither a class nor a command", warning=True)
    return sitting.commands[command]()
