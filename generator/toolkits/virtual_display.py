"""A virtual display: an X server without a screen, and pictures of what is on it."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator

import numpy as np
from PIL import ImageGrab

from base.arrays import Pixels
from base.errors import ToolkitError

SIZE_PX = (880, 600)
"""Room for the largest window, where a pixel is one."""

STILL_S = 0.06
GIVING_UP_S = 30.0


@contextlib.contextmanager
def virtual_display(*, scale: int) -> Iterator[str]:
    """Start an X server for windows at so many pixels a pixel and give its name, as `:7`; it ends with the block.

    Raises:
        ToolkitError: it does not start.
    """
    reading, writing = os.pipe()
    # Twice as wide: the pointer stands in the middle, and must not hover over a window.
    width, height = 2 * SIZE_PX[0] * scale, SIZE_PX[1] * scale
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-dpi", "96"]
    command += ["-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise ToolkitError(f"Xvfb did not start: it ended with {server.wait()}")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def grab_still(display: str, size: tuple[int, int]) -> Pixels:
    """Return the pixels (H, W, 3) of the upper left corner, width and height in px, once it does not change any more.

    Raises:
        ToolkitError: it never stands still.
    """
    end = time.monotonic() + GIVING_UP_S
    before = _grab(display, size)
    while time.monotonic() < end:
        time.sleep(STILL_S)
        now = _grab(display, size)
        if np.array_equal(now, before):
            return now
        before = now
    raise ToolkitError(f"what is shown still changes after {GIVING_UP_S:.0f} s")


def _grab(display: str, size: tuple[int, int]) -> Pixels:
    return np.asarray(ImageGrab.grab((0, 0, *size), xdisplay=display).convert("RGB"))
