"""What a network says of a crop: one record, from the network to the row of a table, and what carries it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from base.arrays import Floats  # help and completion read the columns, and load no NumPy

BoxPx = tuple[float, float, float, float]
"""Left, top, width and height, in pixels of the picture."""

_Attribute = TypeVar("_Attribute")


@dataclass(frozen=True)
class Reading:
    """What a model makes of a picture's content: probabilities in the order of its classes, or why there are none.

    Attributes:
        probabilities: of the classes, calibrated where the model is; None where there is an error.
        error: why the picture cannot be read.
        kind: the widget's, `none` where the picture shows none; None where the model was not taught to tell.
        box: where the widget is; None where there is none, or the model cannot tell.
        size: the picture's width and height in pixels, upright.
        note: what of its file was not used, or how it was understood where it does not say.
        features: penultimate, (F,), where they were asked for; not kept in files.
    """

    probabilities: tuple[float, ...] | None
    error: str | None = None
    kind: str | None = None
    box: BoxPx | None = None
    size: tuple[int, int] | None = None
    note: str | None = None
    features: "Floats | None" = field(default=None, compare=False, repr=False)

    @cached_property
    def index(self) -> int | None:
        """Return the index of the most probable class; a row asks for it again and again."""
        if self.probabilities is None:
            return None
        return self.probabilities.index(max(self.probabilities))

    @property
    def confidence(self) -> float | None:
        """Return the probability of that class."""
        return None if self.probabilities is None else max(self.probabilities)

    def to_values(self) -> list[Any]:
        """Return what can be written as JSON, in the order of `KEPT`."""
        return [getattr(self, name) for name in KEPT]

    @classmethod
    def from_values(cls, values: Sequence[Any]) -> "Reading":
        """Return the reading whose `to_values`, written as JSON and read again, these are."""
        found: list[Any] = [tuple(value) if isinstance(value, list) else value for value in values]
        given: dict[str, Any] = dict(zip(KEPT, found, strict=True))
        return cls(**given)


KEPT = tuple(each.name for each in fields(Reading) if each.compare)
"""The fields of a reading that are kept in files."""


class OfReading(Generic[_Attribute]):
    """An attribute that is the reading's own, on something that carries a `reading`."""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, carrier: Any, _owner: type | None = None) -> _Attribute:  # noqa: ANN401  it has a `reading`
        value: _Attribute = getattr(carrier.reading, self._name)
        return value


@dataclass(frozen=True)
class Prediction:
    """A file, and what a model makes of it; the attributes are those of `Reading`."""

    path: Path
    reading: Reading

    probabilities = OfReading[tuple[float, ...] | None]()
    error = OfReading[str | None]()
    index = OfReading[int | None]()
    confidence = OfReading[float | None]()
    kind = OfReading[str | None]()
    box = OfReading[BoxPx | None]()
    size = OfReading[tuple[int, int] | None]()
    note = OfReading[str | None]()
    features = OfReading["Floats | None"]()


@dataclass(frozen=True)
class Classification:
    """What a model makes of one picture, by the names of its classes; the other attributes are those of `Reading`."""

    classes: tuple[str, ...]
    reading: Reading

    error = OfReading[str | None]()
    confidence = OfReading[float | None]()
    kind = OfReading[str | None]()
    box = OfReading[BoxPx | None]()
    size = OfReading[tuple[int, int] | None]()
    note = OfReading[str | None]()

    @classmethod
    def failed(cls, error: str) -> "Classification":
        """Return what there is to say of a picture that cannot be read."""
        return cls((), Reading(None, error))

    @property
    def label(self) -> str | None:
        """Return the most probable class; None where there is an error."""
        return None if self.reading.index is None else self.classes[self.reading.index]

    @property
    def probabilities(self) -> dict[str, float]:
        """Return the probabilities by class, in the model's order; empty where there is an error."""
        found = self.reading.probabilities
        return {} if found is None else dict(zip(self.classes, found, strict=True))
