"""How long work tells how far it is."""

from collections.abc import Callable

OnProgress = Callable[[int, int], None]
"""Called some times a second with (done, total); total is 0 as long as it is not known."""

Bar = Callable[[str], OnProgress]
"""Makes a progress callback for the stage of that name."""


def mute_progress(done: int, total: int) -> None:
    """Tell nobody."""


def mute_bar(stage: str) -> OnProgress:
    """Make a callback that tells nobody how far the stage is."""
    return mute_progress
