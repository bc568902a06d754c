"""Giving memory back: what a large picture took is the system's again as soon as it is decoded."""

import ctypes
import sys

M_MMAP_THRESHOLD = -3
"""glibc's number for the size from which on a block is mapped by itself, and unmapped when it is freed."""

OWN_BLOCK_BYTES = 4 << 20
"""Larger than what the network takes for a batch of crops, so that those are as quick as before."""


def give_back_large_blocks() -> None:
    """Fix the size from which on freed memory goes back at once; glibc would raise it with each block that is freed.

    Elsewhere than on glibc nothing is changed.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, OWN_BLOCK_BYTES)
