"""Who holds a file's locks, as far as the system tells."""

import os
from collections.abc import Sequence
from pathlib import Path

LOCKS = Path("/proc/locks")
"""Linux's list: number, kind, mode, type, process, device:inode, from, to."""


def lock_holders(files: Sequence[Path]) -> tuple[str, ...]:
    """Return the other processes that hold locks on one of the files, as `process 123 (its command)`.

    Where the system does not tell, there are none.
    """
    places = {_place(file) for file in files if file.exists()}
    try:
        rows = [line.split() for line in LOCKS.read_text(encoding="ascii").splitlines()]
    except OSError:
        return ()
    held = (row for row in rows if len(row) >= 8 and row[1] != "->" and row[3] == "WRITE")
    found = {int(row[4]) for row in held if row[5] in places and row[4].isdigit()}
    return tuple(f"process {process}{_command(process)}" for process in sorted(found - {os.getpid()}))


def _place(file: Path) -> str:
    status = file.stat()  # never opened: closing it again would drop this process's own locks
    return f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"


def _command(process: int) -> str:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    text = " ".join(b" ".join(words).decode("utf-8", "backslashreplace").split())  # of one line
    return f" ({text[:80]})" if text else ""
