"""How many threads compute side by side here."""

import os


def core_count() -> int:
    """Return how many of the machine's cores this process may use; OMP_NUM_THREADS, where it is set, goes first."""
    wanted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if wanted.isdigit() and int(wanted):
        return int(wanted)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
