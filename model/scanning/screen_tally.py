"""What a table of screens holds, counted while it is written."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from model.scanning.screen_rows import ScannedScreen

MOST_UNREADABLE = 100
"""Screens that could not be read and are named in a report."""


@dataclass
class ScreenTally:
    """What a table holds, counted while it is written; of errors the first ones are kept."""

    total: int = 0
    unreadable: int = 0
    widgets: int = 0
    empty: int = 0
    states: Counter[str] = field(default_factory=Counter)
    errors: list[ScannedScreen] = field(default_factory=list)

    def counted(self, rows: Iterable[ScannedScreen]) -> Iterator[ScannedScreen]:
        """Yield rows, and count them."""
        for row in rows:
            self.total += 1
            self.widgets += len(row.widgets)
            self.states.update(widget.state for widget in row.widgets)
            if row.error is not None:
                self.unreadable += 1
                self.errors += [row] if len(self.errors) < MOST_UNREADABLE else []
            elif not row.widgets:
                self.empty += 1
            yield row
