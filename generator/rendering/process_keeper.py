"""Keeps one program: starts it, and ends it and deletes its folder as soon as whoever asked for it is gone.

It is run as a script, `process_keeper.py FOLDER PROGRAM …`, in a session of its own, and imports nothing of ours. Its
standard input is a pipe that nobody writes to: it ends with the process that holds the other end, even where that is
killed. What it exits with is the program's own status.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

ENDING_S = 10.0


def keep_program(folder: str, command: list[str]) -> int:
    """Run a program until it ends or the standard input does; return its exit status. Its folder is deleted."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_input, args=(program,), daemon=True).start()
    try:
        return program.wait()
    finally:
        _signal(program, signal.SIGKILL)  # what it started itself, and left behind
        shutil.rmtree(folder, ignore_errors=True)


def _end_with_input(program: "subprocess.Popen[bytes]") -> None:
    os.read(sys.stdin.fileno(), 1)
    _signal(program, signal.SIGTERM)
    time.sleep(ENDING_S)
    _signal(program, signal.SIGKILL)


def _signal(program: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    try:
        os.killpg(program.pid, how)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(keep_program(sys.argv[1], sys.argv[2:]))
