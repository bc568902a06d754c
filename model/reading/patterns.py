"""Patterns of file names. What is there by a name is meant by it, whatever signs of patterns the name has."""

import glob
import os


def match_pattern(pattern: str) -> list[str]:
    """Return the paths that a pattern matches; folders that are there by the name they are written with are no pattern.

    So `[red] on/*.png` names the pictures in the folder `[red] on` where there is one.
    """
    ends = [place for place, sign in enumerate(pattern) if sign == os.sep and place]
    for end in (len(pattern), *reversed(ends)):
        start = pattern[:end]
        if glob.has_magic(start) and os.path.lexists(start):
            pattern = glob.escape(start) + pattern[end:]
            break
    return glob.glob(pattern, recursive=True)  # noqa: PTH207  takes absolute ones
