"""Patience: whoever waits for a label store that somebody else holds says so after two seconds, and goes on waiting."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from base.timing import package_log

LOG = package_log(__name__)

QUIET_S = 2.0
"""How long a wait is nobody's business: a commit of somebody else's takes milliseconds."""


def say_in_log(message: str) -> None:
    """Say it as a warning, which the command line writes to stderr."""
    LOG.warning("%s", message)


class Patience:
    """Watches how long each call of a database takes; a thread, asleep unless one is slow, speaks up."""

    def __init__(self, describe: Callable[[], str], *, quiet_s: float = QUIET_S) -> None:
        """`describe` is asked, in the watching thread, what is waited for; `tell` may be replaced."""
        self.tell: Callable[[str], None] = say_in_log
        self._describe = describe
        self._quiet_s = quiet_s
        self._since: float | None = None
        self._called = threading.Event()
        self._closed = False
        self._watcher: threading.Thread | None = None

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        """Watch over the block, which is one call of the database."""
        self._since = time.monotonic()
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="label store", daemon=True)
            self._watcher.start()
        self._called.set()
        try:
            yield
        finally:
            self._since = None

    def close(self) -> None:
        """End the watching."""
        self._closed = True
        self._called.set()

    def _watch(self) -> None:
        told: float | None = None
        while self._called.wait() and not self._closed:
            since = self._since
            if since is None:
                self._called.clear()
                if self._since is not None:  # a call has begun just before
                    self._called.set()
                continue
            left_s = since + self._quiet_s - time.monotonic()
            if left_s > 0 or told == since:
                time.sleep(max(left_s, 0.2))
                continue
            told = since
            message = self._describe()
            if self._since == since:
                self.tell(message)
