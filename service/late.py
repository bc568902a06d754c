"""What is loaded when it is first asked for."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Late(Generic[_Value]):
    """Something that `load` returns, called once for all threads; a failure is not kept, and tried again."""

    def __init__(self, load: Callable[[], _Value]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded: list[_Value] = []

    @property
    def is_loaded(self) -> bool:
        """Tell whether somebody has asked for it."""
        return bool(self._loaded)

    def get(self) -> _Value:
        """Return it; whatever `load` raises passes through."""
        with self._lock:
            if not self._loaded:
                self._loaded.append(self._load())
            return self._loaded[0]
