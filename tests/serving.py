"""A real service, in a process of its own, for tests that stop, reload or visit it."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CLI = Path(__file__).parents[1] / "cli.py"


@dataclass(frozen=True)
class Running:
    """A service that listens at `address`; what it says on stderr goes into `log`."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


@contextlib.contextmanager
def running(folder: Path, *options: str, **environment: str) -> Iterator[Running]:
    """Start `boxwright serve` in `folder` on a free port; kill it at the end if it still runs."""
    log = folder / "serve.log"
    command = [sys.executable, str(CLI), "serve", "--port", "0", *options]
    with log.open("wb") as stderr:
        process = subprocess.Popen(command, cwd=folder, stderr=stderr, text=True, env={**os.environ, **environment})
    try:
        yield Running(process, _address(process, log), log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _address(process: subprocess.Popen[str], log: Path) -> str:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
        text = log.read_text(encoding="utf-8")
        if found := re.search(r"answers at (\S+)", text):
            return found[1]
        if process.poll() is not None:
            raise AssertionError(f"the service ended with {process.returncode}: {text}")
