"""A real terminal for tests: a tmux server of its own, in which labellers run, one a session."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

LABEL = (
    "import sys; from active.labelling.labeller import run_labeller; from active.labelling.keys import LabelSettings; "
    "run_labeller(sys.argv[1], annotator=sys.argv[2], settings=LabelSettings(graphics=sys.argv[3]))"
)

_Result = TypeVar("_Result")


def wait_until(condition: Callable[[], _Result | None], *, within_s: float = 90) -> _Result:
    """Return what `condition` gives as soon as it gives something."""
    deadline = time.monotonic() + within_s
    while (result := condition()) is None:
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.02)
    return result


class Tmux:
    """A tmux server with a window of 80x24 for each session."""

    def __init__(self, name: str) -> None:
        self._name = name
        # A server that ends with its last session may refuse the next one while it is still ending.
        self("start-server", ";", "set-option", "-g", "exit-empty", "off")

    def __call__(self, *arguments: str, check: bool = True) -> str:
        command = ["tmux", "-L", self._name, "-f", "/dev/null", *arguments]
        # A size in the environment, as pytest may leave there, would win over the window's own.
        env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "COLORTERM")}
        return subprocess.run(command, check=check, capture_output=True, text=True, timeout=60, env=env).stdout

    def start(self, place: Path | str, *, who: str = "ann", graphics: str = "auto", term: str = "tmux-256color") -> int:
        """Start a labeller in a session called `who` and return its process id."""
        program = [sys.executable, "-c", LABEL, str(place), who, graphics]
        self("new-session", "-d", "-s", who, "-x", "80", "-y", "24", "env", f"TERM={term}", *program)
        return int(self("display-message", "-p", "-t", who, "#{pane_pid}"))

    def send(self, *keys: str, who: str = "ann") -> None:
        self("send-keys", "-t", who, *keys)

    def screen(self, who: str = "ann", *, check: bool = True) -> str:
        return self("capture-pane", "-p", "-t", who, check=check)

    def wait(self, what: str, *, who: str = "ann", within_s: float = 90) -> str:
        """Return the screen as soon as it shows `what`."""
        return wait_until(lambda: shown if what in (shown := self.screen(who)) else None, within_s=within_s)

    def wait_for_end(self, who: str = "ann") -> None:
        wait_until(lambda: None if who in self("list-sessions", "-F", "#S", check=False).split() else True)

    def close(self) -> None:
        self("kill-server", check=False)
