"""What is found on a screen: the reading of its content, the row of the picture, and how a journal keeps that."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import Field

from base.errors import unknown_choice
from base.settings import Settings
from model.finding.scanner import MIN_CONFIDENCE
from model.finding.widgets import FoundWidget
from model.tables.keeping import KeptRow, RowKeeper


@dataclass(frozen=True)
class ScreenReading:
    """What a scanner makes of a picture's content.

    Attributes:
        widgets: the surest first; None where there is an error.
        error: why the picture cannot be read.
        size: its width and height in pixels, upright.
        note: what of its file was not used, or how it was understood where it does not say.
    """

    widgets: tuple[FoundWidget, ...] | None
    error: str | None = None
    size: tuple[int, int] | None = None
    note: str | None = None

    @classmethod
    def failed(cls, error: str) -> "ScreenReading":
        """Return what there is to say of a picture that cannot be read."""
        return cls(None, error)

    def to_values(self) -> list[Any]:
        """Return what can be written as JSON."""
        widgets = None if self.widgets is None else [[getattr(each, name) for name in _KEPT] for each in self.widgets]
        return [widgets, self.error, self.size, self.note]

    @classmethod
    def from_values(cls, values: Sequence[Any]) -> "ScreenReading":
        """Return the reading whose `to_values`, written as JSON and read again, these are."""
        widgets, error, size, note = values
        found = None if widgets is None else tuple(_widget_of(each) for each in widgets)
        return cls(found, error, None if size is None else (size[0], size[1]), note)


_KEPT = tuple(each.name for each in fields(FoundWidget))


def _widget_of(values: Sequence[Any]) -> FoundWidget:
    given: dict[str, Any] = dict(zip(_KEPT, values, strict=True))
    return FoundWidget(**{**given, "box": tuple(given["box"])})


@dataclass(frozen=True)
class ScannedScreen:
    """A picture's row: its name, its content and what was found on it.

    Attributes:
        path: the picture's name; two rows may share one.
        content: the whole SHA-256, empty where the bytes could not be read.
        reading: what was found, of that what was asked for.
        file: where what was drawn of it lies.
        problem: why nothing could be drawn or cut.
    """

    path: str
    content: str
    reading: ScreenReading
    file: Path | None = None
    problem: str | None = None

    @property
    def widgets(self) -> tuple[FoundWidget, ...]:
        """Return the widgets; none where the picture could not be read."""
        return self.reading.widgets or ()

    @property
    def error(self) -> str | None:
        """Return what went wrong with the picture."""
        return self.problem or self.reading.error

    @property
    def certainty(self) -> float | None:
        """Return how certain the least certain widget is; None where there is none."""
        return min(map(certainty_of, self.widgets), default=None)


def certainty_of(widget: FoundWidget) -> float:
    """Return how certain it is that this is a widget, or what it shows: the lesser of both."""
    return min(widget.confidence, widget.state_confidence)


SCREEN_KEEPER = RowKeeper[ScannedScreen](
    fields=("widgets", "error", "size", "note", *_KEPT),
    to_values=lambda row: row.reading.to_values(),
    to_row=lambda kept: _row_of(kept),
    orders={"confidence": "certainty IS NULL, certainty, seq"},
    sorting=("certainty",),
    to_sorting=lambda row: [row.certainty],
)


def _row_of(kept: KeptRow) -> ScannedScreen:
    return ScannedScreen(kept.path, kept.content, ScreenReading.from_values(kept.reading), kept.file, kept.problem)


class WidgetFilter(Settings):
    """Which widgets are meant: those of some kinds, in some states, that surely are widgets; or all."""

    kind: tuple[str, ...] = Field(default=(), description="kinds of widgets")
    state: tuple[str, ...] = Field(default=(), description="states that they show")
    min_confidence: float = Field(default=MIN_CONFIDENCE, ge=0, le=1, description="the probability of being a widget")

    def check(self, kinds: Sequence[str], states: Sequence[str]) -> None:
        """Refuse names that a scanner does not know.

        Raises:
            InputError: there is no such kind or state.
        """
        for what, given, available in (("kind", self.kind, kinds), ("state", self.state, states)):
            for name in given:
                if name not in available:
                    raise unknown_choice(what, name, available)

    def takes(self, widget: FoundWidget) -> bool:
        """Tell whether a widget is meant."""
        is_named = (not self.kind or widget.kind in self.kind) and (not self.state or widget.state in self.state)
        return is_named and widget.confidence >= self.min_confidence

    def choose(self, reading: ScreenReading) -> ScreenReading:
        """Return a reading with the widgets that are meant."""
        if reading.widgets is None:
            return reading
        widgets = tuple(filter(self.takes, reading.widgets))
        return ScreenReading(widgets, reading.error, reading.size, reading.note)
