"""A toolkit's painter at work: a process that shows one window after the other and says how its widgets stand."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from base.arrays import Pixels
from base.errors import ToolkitError
from base.settings import Settings
from generator.toolkits.toolkit import Toolkit, clean_environment, find_interpreter
from generator.toolkits.virtual_display import grab_still
from generator.toolkits.window_plan import PlannedWindow

LOOP = Path(__file__).with_name("paint_loop.py")
ANSWER_S = 300.0
ENDING_S = 10.0
XTERM = ("xterm", "-tn", "xterm-256color", "-geometry", "160x60+0+0", "-fa", "DejaVu Sans Mono", "-fs", "11")
XTERM_PLAIN = ("-b", "0", "-bw", "0", "+sb", "-e")


class ToolkitAnswer(Settings):
    """What a toolkit says of itself at the start."""

    version: str
    themes: tuple[str, ...]


class WindowAnswer(Settings):
    """What a toolkit says of a window's items: state and whether it is enabled; others than widgets have no state."""

    items: tuple[tuple[str, bool], ...]


_Answer = TypeVar("_Answer", ToolkitAnswer, WindowAnswer)


@dataclass(frozen=True)
class ShownWindow:
    """A window's pixels (H, W, 3) and what the toolkit says of its items."""

    pixels: Pixels
    items: tuple[tuple[str, bool], ...]


class PainterProcess:
    """A toolkit's process. `answer` is what the toolkit says of itself, `scale` how many pixels one of its own has."""

    def __init__(self, toolkit: Toolkit, display: str, scale: int, folder: Path) -> None:
        self.toolkit = toolkit
        self.scale = scale
        self._display = display
        self._errors = folder / "errors"
        self._asked, self._answers = (folder / name for name in ("asked", "answers"))
        for pipe in (self._asked, self._answers):
            os.mkfifo(pipe)
        # Opened both ways, so that neither end waits for the other.
        self._writing, self._reading = (os.open(pipe, os.O_RDWR) for pipe in (self._asked, self._answers))
        self._kept = b""
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                self._command(),
                env=self._environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        try:
            self.answer = self._read(ToolkitAnswer)
        except BaseException:
            self.close()
            raise

    def show(self, window: PlannedWindow) -> ShownWindow:
        """Have a window shown and take its picture.

        Raises:
            ToolkitError: the process ended, does not answer, or answers for other items than were asked for.
        """
        os.write(self._writing, window.to_lines().encode())
        answer = self._read(WindowAnswer)
        asked = [item for item in window.items if item.shown]
        if len(answer.items) != len(asked):
            raise ToolkitError(f"{self.toolkit.name} answered for {len(answer.items)} items of {len(asked)}")
        size = (window.width * self.scale, window.height * self.scale)
        return ShownWindow(grab_still(self._display, size), answer.items)

    def close(self) -> None:
        """End the process and all that it started."""
        os.close(self._writing)
        os.close(self._reading)
        for one in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, one)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ENDING_S)

    def _command(self) -> Sequence[str]:
        declared, file = self.toolkit.declared, str(self.toolkit.file)
        pipes = (str(self._asked), str(self._answers))
        if self.toolkit.file.suffix == ".java":
            return (shutil.which("java") or "java", file, *pipes)
        python = self._python()
        return (*((*XTERM, *XTERM_PLAIN) if declared.terminal else ()), python, str(LOOP), file, *pipes)

    def _python(self) -> str:
        return find_interpreter(self.toolkit.declared.probe or "import json")

    def _environment(self, folder: Path) -> Mapping[str, str]:
        declared = self.toolkit.declared
        own = {"DISPLAY": self._display, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(folder)}
        scale = {declared.scale_variable: str(self.scale)} if declared.scale_variable else {}
        python = "" if self.toolkit.file.suffix == ".java" else self._python()
        inherited = {name: value for name, value in clean_environment(python).items() if name != "NO_COLOR"}
        return {**inherited, **own, **declared.environment, **scale}

    def _read(self, form: type[_Answer]) -> _Answer:
        line = self._read_line()
        try:
            return form.model_validate_json(line)
        except ValidationError as error:
            raise ToolkitError(f"{self.toolkit.name} answered {line[:80].decode(errors='replace')!r}") from error

    def _read_line(self) -> bytes:
        end = time.monotonic() + ANSWER_S
        while b"\n" not in self._kept:
            if select.select([self._reading], [], [], 0.1)[0]:
                self._kept += os.read(self._reading, 1 << 16)
            elif self._process.poll() is not None:
                raise ToolkitError(f"{self.toolkit.name} stopped: {self._last_error()}")
            elif time.monotonic() > end:
                raise ToolkitError(f"{self.toolkit.name} did not answer within {ANSWER_S:.0f} s: {self._last_error()}")
        line, _, self._kept = self._kept.partition(b"\n")
        return line

    def _last_error(self) -> str:
        lines = self._errors.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


@contextlib.contextmanager
def open_painter(toolkit: Toolkit, display: str, *, scale: int) -> Iterator[PainterProcess]:
    """Give a toolkit's painter on a display; it ends with the block.

    Raises:
        ToolkitError: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="boxwright-") as folder:
        painter = PainterProcess(toolkit, display, scale, Path(folder))
        try:
            yield painter
        finally:
            painter.close()
