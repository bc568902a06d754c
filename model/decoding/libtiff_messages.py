"""What libtiff says while it reads a TIFF: heard here, and not written on the user's terminal.

Pillow silences its warnings, but not its errors, which it prints and then often goes on from with what it has.
"""

import ctypes
import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import _imaging

DAMAGED_IN_PLACES = "damaged in places: what can be decoded is taken"

_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
"""A module's name, a format and its values; nothing is done with them, so that they may be of any form."""


@dataclass
class Heard:
    """Whether libtiff complained."""

    complaint: bool = False


class _Thread(threading.local):
    heard: Heard | None = None


_thread = _Thread()


def _hear(*_: object) -> None:
    if _thread.heard is not None:
        _thread.heard.complaint = True


_handler = _HANDLER(_hear)  # must live as long as libtiff may call it


@functools.cache
def _take_over() -> None:
    """Make libtiff call us; where it cannot be reached, as on Windows, it goes on printing."""
    try:
        library = ctypes.CDLL(_imaging.__file__)  # whose dependencies are searched too
        library.TIFFSetErrorHandler(_handler)
    except (AttributeError, OSError):
        return


@contextmanager
def listening() -> Iterator[Heard]:
    """Give what libtiff says in this thread meanwhile."""
    _take_over()
    heard = Heard()
    before, _thread.heard = _thread.heard, heard
    try:
        yield heard
    finally:
        _thread.heard = before
