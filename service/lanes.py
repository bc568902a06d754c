"""Lanes: where decoded pictures wait for the network. Ordinary ones go together, wide ones one at a time in turn."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class Lanes(Generic[_Item]):
    """A queue of batches, filled by many threads and emptied by one."""

    def __init__(self, *, most: int, wait_s: float, held: int) -> None:
        """A batch has `most` items at most and waits `wait_s` for more; with `held` in a lane, who brings one waits."""
        self._most = most
        self._wait_s = wait_s
        self._held = held
        self._changed = threading.Condition()
        self._ordinary: deque[_Item] = deque()
        self._wide: deque[_Item] = deque()
        self._wide_next = False
        self._closed = False

    def put(self, item: _Item, *, wide: bool) -> None:
        """Add an item, as soon as there is room."""
        with self._changed:
            lane = self._wide if wide else self._ordinary
            self._changed.wait_for(lambda: len(lane) < self._held or self._closed)
            lane.append(item)
            self._changed.notify_all()

    def close(self) -> None:
        """Let `take` say that there is nothing more, once all was taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self, *, accepted: Callable[[], int]) -> list[_Item]:
        """Return the next batch; an empty one when the queue is closed and empty.

        It waits only while more was `accepted` than it holds, and so may still come.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ordinary or self._wide or self._closed)
            if self._wide and (self._wide_next or not self._ordinary):
                self._wide_next = False
                batch = [self._wide.popleft()]
            else:
                self._wide_next = True
                self._gather(accepted)
                batch = [self._ordinary.popleft() for _ in range(min(self._most, len(self._ordinary)))]
            self._changed.notify_all()
            return batch

    def _gather(self, accepted: Callable[[], int]) -> None:
        end_s = time.monotonic() + self._wait_s
        while self._ordinary and len(self._ordinary) < min(self._most, accepted()) and not self._closed:
            if not self._changed.wait(max(0.0, end_s - time.monotonic())):
                return
