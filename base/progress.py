"""How long work tells how far it is."""

from collections.abc import Callable

OnProgress = Callable[[int, int], None]
"""Called some times a second with (done, total); total is 0 as long as it is not known."""

Bar = Callable[[str], OnProgress]
"""Makes a progress callback for the stage of that name."""
