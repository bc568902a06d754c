"""What a table of rows holds, counted while it is written."""

from collections import Counter
from dataclasses import dataclass, field

from model.classifying.columns import ClassifiedRow

MOST_ERRORS = 100


@dataclass
class Tally:
    """What a table holds, counted while it is written."""

    unsure_below: float
    total: int = 0
    unreadable: int = 0
    chosen: int = 0
    unsure: int = 0
    predictions: Counter[str] = field(default_factory=Counter)
    errors: list[ClassifiedRow] = field(default_factory=list)

    def count(self, row: ClassifiedRow, *, chosen: bool) -> None:
        """Count a row; of errors the first ones are kept."""
        self.total += 1
        self.chosen += chosen
        self.unsure += row.confidence is not None and row.confidence < self.unsure_below
        if row.error is not None:
            self.unreadable += 1
            if len(self.errors) < MOST_ERRORS:
                self.errors.append(row)
        elif chosen and row.prediction is not None:
            self.predictions[row.prediction] += 1
