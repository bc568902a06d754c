"""The contents that were seen last, so that a picture which occurs again need not be computed again."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

_Value = TypeVar("_Value")

MOST_REMEMBERED = 100_000
"""Contents that are remembered; about 60 MB."""


@dataclass
class Slot(Generic[_Value]):
    """Where the value of a content will stand; None until it is known."""

    value: _Value | None = None


class KnownContents(Protocol[_Value]):
    """Contents that need not be computed; `in` may be asked by any thread, `look_up` in the pictures' order alone."""

    def __contains__(self, content: str) -> bool:
        """Tell whether `look_up` would find the content now."""
        ...

    def look_up(self, content: str) -> tuple[Slot[_Value], bool]:
        """Return the slot of a content, and whether it is new, and so for the caller to fill."""
        ...


class Repeats(Generic[_Value]):
    """A bounded map from content hashes to slots, which forgets what was asked for longest ago.

    What it holds follows from the order of the calls of `look_up` alone. `in` may be asked by any thread.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._slots: OrderedDict[str, Slot[_Value]] = OrderedDict()

    def __contains__(self, content: str) -> bool:
        """Tell whether `look_up` would find the content now."""
        return content in self._slots

    def look_up(self, content: str) -> tuple[Slot[_Value], bool]:
        """Return the slot of a content, and whether it is new, and so for the caller to fill."""
        slot = self._slots.get(content)
        if slot is not None:
            self._slots.move_to_end(content)
            return slot, False
        slot = self._slots[content] = Slot()
        if len(self._slots) > self._most:
            self._slots.popitem(last=False)
        return slot, True
