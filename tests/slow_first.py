"""The order of the tests: who is left with a slow one at the end lets the other workers wait."""

import math
from collections import Counter
from pathlib import Path
from typing import Protocol


class Marked(Protocol):
    """What an item of pytest has."""

    path: Path

    def get_closest_marker(self, name: str) -> object | None: ...


def slow_first(tests: list[Marked]) -> None:
    """Put slow tests first, in place: files with few of them, which take long each, before files with many."""
    slow = Counter(test.path for test in tests if test.get_closest_marker("slow"))
    tests.sort(key=lambda test: slow[test.path] if test.get_closest_marker("slow") else math.inf)
