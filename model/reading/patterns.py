"""Patterns of file names. What is there by a name is meant by it, whatever signs of patterns the name has."""

import glob
import os


def match_pattern(pattern: str) -> list[str]:
    """Return the paths that a pattern matches; folders that are there by the name they are written with are no pattern.

    So `[red] on/*.png` names the pictures in the folder `[red] on` where there is one.
    """
    parts = pattern.split(os.sep)
    for end in range(len(parts), 0, -1):
        start = os.sep.join(parts[:end])
        if glob.has_magic(start) and os.path.lexists(start):
            pattern = os.sep.join([glob.escape(start), *parts[end:]])
            break
    return glob.glob(pattern, recursive=True)  # noqa: PTH207  takes absolute ones
