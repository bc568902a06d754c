"""What is found out about each explained picture, as rows of a table and as a report for a terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from base.counting import counted
from base.intervals import Interval, Z, wilson
from model.explaining.faithfulness import ComparedFaithfulness, Faithfulness
from model.reading.images import Unreadable
from model.running.readings import BoxPx
from model.tables.row_formats import Cells, CellValue, TableFormats, table_formats


@dataclass(frozen=True)
class ExplainedPicture:
    """A picture and its heat map.

    Attributes:
        path: the picture's name.
        label: its class folder or what metadata says; empty where neither does.
        prediction, confidence: the most probable class.
        explained: the class that the map is of.
        method: that drew it.
        peak: where the map is largest, x and y in pixels of the file; None where it is the same everywhere.
        faithfulness: what the map is worth.
        box: of the widget, in pixels of the file, where metadata knows it.
        file: the name of the overlay.
    """

    path: str
    label: str
    prediction: str
    confidence: float
    explained: str
    method: str
    peak: tuple[float, float] | None
    faithfulness: ComparedFaithfulness
    box: BoxPx | None
    file: str

    @property
    def is_wrong(self) -> bool:
        """Return whether the prediction is not the label."""
        return bool(self.label) and self.label != self.prediction

    @property
    def is_in_box(self) -> bool | None:
        """Return whether the peak is in the widget's box; None where that is not known."""
        if self.box is None:
            return None
        if self.peak is None:
            return False
        left, top, width, height = self.box
        return left <= self.peak[0] <= left + width and top <= self.peak[1] <= top + height


@dataclass(frozen=True)
class _Column:
    """A column of the table."""

    kind: type
    value: Callable[[ExplainedPicture], CellValue]
    decimals: int | None = None


EXPLAINED_COLUMNS: dict[str, _Column] = {
    "path": _Column(str, lambda row: row.path),
    "label": _Column(str, lambda row: row.label or None),
    "prediction": _Column(str, lambda row: row.prediction),
    "confidence": _Column(float, lambda row: row.confidence, 4),
    "explained": _Column(str, lambda row: row.explained),
    "method": _Column(str, lambda row: row.method),
    "peak_x_px": _Column(float, lambda row: row.peak[0] if row.peak else None, 1),
    "peak_y_px": _Column(float, lambda row: row.peak[1] if row.peak else None, 1),
    "in_box": _Column(bool, lambda row: row.is_in_box),
    "insertion": _Column(float, lambda row: row.faithfulness.own.insertion, 4),
    "deletion": _Column(float, lambda row: row.faithfulness.own.deletion, 4),
    "random_insertion": _Column(float, lambda row: row.faithfulness.random.insertion, 4),
    "random_deletion": _Column(float, lambda row: row.faithfulness.random.deletion, 4),
    "centred_insertion": _Column(float, lambda row: row.faithfulness.centred.insertion, 4),
    "centred_deletion": _Column(float, lambda row: row.faithfulness.centred.deletion, 4),
    "gain": _Column(float, lambda row: row.faithfulness.gain, 4),
    "gain_over_centred": _Column(float, lambda row: row.faithfulness.gain_over_centred, 4),
    "overlay": _Column(str, lambda row: row.file),
}
"""Of `explained.csv`, in their order."""


def explained_formats() -> TableFormats[ExplainedPicture]:
    """Return what writes the rows."""
    return table_formats(EXPLAINED_COLUMNS, _cells)


def _cells(rows: Iterable[ExplainedPicture]) -> Iterator[Cells]:
    for row in rows:
        yield [_rounded(column, row) for column in EXPLAINED_COLUMNS.values()]


def _rounded(column: _Column, row: ExplainedPicture) -> CellValue:
    value = column.value(row)
    return round(value, column.decimals) if isinstance(value, float) and column.decimals is not None else value


@dataclass(frozen=True)
class MeanGain:
    """A mean over pictures with its 95 % interval, by the normal distribution."""

    mean: float
    interval: tuple[float, float]

    @property
    def is_proved(self) -> bool:
        """Return whether all of the interval is above zero."""
        return self.interval[0] > 0

    def to_text(self) -> str:
        """Return it in words."""
        text = f"{self.mean:+.3f} ({self.interval[0]:+.3f} to {self.interval[1]:+.3f})"
        return text if self.is_proved else f"{text}: none that is proved"


@dataclass(frozen=True)
class PeaksInBox:
    """How many peaks are in the box of their widget, of those whose box is known."""

    inside: int
    n: int

    @property
    def share(self) -> float:
        """Return their share; 0 where no box is known."""
        return self.inside / self.n if self.n else 0.0

    @property
    def interval(self) -> Interval:
        """Return Wilson's interval of the share."""
        return wilson(self.inside, self.n)


@dataclass(frozen=True)
class ExplainResult:
    """All that was explained, and what could not be read; there is at least one row."""

    folder: Path
    method: str
    rows: tuple[ExplainedPicture, ...]
    unreadable: tuple[Unreadable, ...]

    @property
    def labelled(self) -> int:
        """Return how many pictures have a label."""
        return sum(bool(row.label) for row in self.rows)

    @property
    def wrong(self) -> int:
        """Return how many predictions are not the label."""
        return sum(row.is_wrong for row in self.rows)

    @property
    def in_box(self) -> PeaksInBox:
        """Return how many peaks are in their widget's box."""
        found = [row.is_in_box for row in self.rows if row.is_in_box is not None]
        return PeaksInBox(sum(found), len(found))

    @property
    def mean(self) -> ComparedFaithfulness:
        """Return the mean insertion and deletion of the maps, of random ones and of spots in the middle."""
        found = [row.faithfulness for row in self.rows]
        own, random, centred = (
            Faithfulness(*(_mean([getattr(each, name) for each in maps]) for name in ("insertion", "deletion")))
            for maps in zip(*((each.own, each.random, each.centred) for each in found), strict=True)
        )
        return ComparedFaithfulness(own, random, centred)

    @property
    def gain(self) -> MeanGain:
        """Return the mean gain over a random map."""
        return _mean_gain([row.faithfulness.gain for row in self.rows])

    @property
    def gain_over_centred(self) -> MeanGain:
        """Return the mean gain over a spot in the middle."""
        return _mean_gain([row.faithfulness.gain_over_centred for row in self.rows])

    def to_text(self) -> str:
        """Return what the maps are worth as a few lines for a terminal."""
        return "\n".join(_lines(self))


def _lines(result: ExplainResult) -> Iterator[str]:
    yield f"{counted(len(result.rows), 'picture')} explained by {result.method} in {result.folder}"
    if result.labelled:
        yield f"{counted(result.wrong, 'prediction')} of {result.labelled} not the label"
    yield from worth_lines(result)
    boxes = result.in_box
    if boxes.n:
        low, high = boxes.interval
        yield f"peak in the widget's box: {boxes.share:.1%} ({low:.1%} to {high:.1%}) of {boxes.n}"
    yield from (f"  could not be read: {item.path}: {item.reason}" for item in result.unreadable)


def worth_lines(result: ExplainResult) -> Iterator[str]:
    """Yield the means of insertion and deletion, and the gains with 95 % intervals."""
    mean = result.mean
    yield "             this map  random map  middle"
    for name in ("insertion", "deletion"):
        own, random, centred = (getattr(each, name) for each in (mean.own, mean.random, mean.centred))
        yield f"{name:9}    {own:8.3f}  {random:10.3f}  {centred:6.3f}"
    yield f"gain over a random map: {result.gain.to_text()}"
    yield f"gain over the middle: {result.gain_over_centred.to_text()}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _mean_gain(values: Sequence[float]) -> MeanGain:
    """Return a mean with its interval, which holds all numbers where there is but one value."""
    mean, count = _mean(values), len(values)
    if count < 2:
        return MeanGain(mean, (float("-inf"), float("inf")))
    spread = Z * sqrt(sum((value - mean) ** 2 for value in values) / (count - 1) / count)
    return MeanGain(mean, (mean - spread, mean + spread))
