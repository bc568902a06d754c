"""The rows of a classification, and the one list of the columns of their table, whatever the format."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field

from base.settings import Settings
from model.running.readings import Classification
from model.tables.row_formats import CellValue

if TYPE_CHECKING:
    from model.running.any_model import AnyModel
    from model.running.predict import PictureReading

NAME_COLUMN = "path"
"""What the column of the pictures' names is called, unless they are no paths."""

HASH_DIGITS = 16
"""Of a SHA-256 in a table; 64 bits, so that among ten million contents two are taken for one once in 300,000 times."""

PROBABILITY_DECIMALS = 4

ANSWER_DECIMALS = 6
"""Of probabilities in the service's answers."""


@dataclass(frozen=True)
class ClassifiedRow:
    """A picture's row: its name, its content and what the model makes of it.

    Rows are chosen and sorted by what is written: the confidence here is rounded as the column is.

    Attributes:
        path: the picture's name; two rows may share one.
        content: the whole SHA-256, empty where the bytes could not be read.
        result: what the model makes of it.
        file: where the picture, or the copy that was made of it, lies on this machine.
        problem: why it could not be copied.
        kept: what else its source says of it, in the order of the header's columns.
    """

    path: str
    content: str
    result: Classification
    file: Path | None = None
    problem: str | None = None
    kept: tuple[str | None, ...] = ()

    @property
    def prediction(self) -> str | None:
        """Return the most probable class; None where the picture could not be read."""
        return self.result.label

    @property
    def confidence(self) -> float | None:
        """Return its probability, rounded; None likewise."""
        found = self.result.confidence
        return None if found is None else round(found, PROBABILITY_DECIMALS)

    @property
    def error(self) -> str | None:
        """Return what went wrong with the picture."""
        return self.problem or self.result.reading.error


@dataclass(frozen=True)
class Header:
    """What all rows share.

    Attributes:
        classes: the model's.
        fingerprint: the model's.
        locates: whether it tells kind and box.
        name_column: what the first column is called: what it holds stands for the picture.
        kept: the columns that the source of the pictures has of its own, which come last.
    """

    classes: tuple[str, ...]
    fingerprint: str
    locates: bool
    name_column: str = NAME_COLUMN
    kept: tuple[str, ...] = ()

    @classmethod
    def of(cls, model: "AnyModel", *, name_column: str = NAME_COLUMN, kept: tuple[str, ...] = ()) -> "Header":
        """Return the header of a model's rows."""
        return cls(model.classes, model.fingerprint, model.locates, name_column, kept)

    @cached_property
    def columns(self) -> dict[str, "Column"]:
        """Return the columns by name, in their order."""
        named = [self._rename(name) for column in self._present for name in column.names or ()]
        classes = [f"probability_{name}" if name in named else name for name in self.classes]
        columns = {self._rename(name): column for column in self._present for name in column.names or classes}
        for name in self.kept:
            own = name
            while own in columns or (own != name and own in self.kept):
                own = f"query_{own}"
            columns[own] = KEPT_COLUMN
        return columns

    def _rename(self, name: str) -> str:
        return self.name_column if name == NAME_COLUMN else name

    @cached_property
    def _present(self) -> tuple["Column", ...]:
        return tuple(column for column in ROW_COLUMNS if column.when(self))

    @cached_property
    def cells(self) -> Callable[[ClassifiedRow], list[CellValue]]:
        """Return what gives the cells of a row in the order of the columns."""
        take = take_cells(self._present, self)
        return take if not self.kept else lambda row: [*take(row), *row.kept]


@dataclass(frozen=True)
class AnswerField:
    """What the service's answer has of a column, or of several that belong together.

    Several cells are an object with a field for each, those of classes a map.

    Attributes:
        name: of the field.
        description: for who reads the interface's description.
        decimals: of floats; those of the table where None.
        is_share: its values are from 0 to 1.
        is_always: it is there for every picture, also one that cannot be read.
    """

    name: str
    description: str
    decimals: int | None = None
    is_share: bool = False
    is_always: bool = False


@dataclass(frozen=True)
class Column:
    """A column of the table, or several that belong together.

    Attributes:
        names: in their order; None stands for one a class.
        kind: what their cells hold: str, float or int; any cell can be empty.
        take: gives what a row has for them: a cell, or a tuple of one for each name, or None where it has nothing.
        decimals: of floats, in every format.
        when: tells whether a table has them.
        order: in SQL, how rows are sorted by it; None where they cannot be. It may name any column that has one, and
            `seq`, which is the order of the sources.
        answer: what the service says of it; None where it says nothing.
    """

    names: tuple[str, ...] | None
    kind: type
    take: Callable[[ClassifiedRow, Header], CellValue | tuple[CellValue, ...]]
    decimals: int | None = None
    when: Callable[[Header], bool] = lambda _: True
    order: str | None = None
    answer: AnswerField | None = None


def take_cells(columns: Iterable[Column], header: Header) -> Callable[[ClassifiedRow], list[CellValue]]:
    """Return what gives the cells of these columns, rounded as they are written, for rows of a header.

    It is one loop and no call of a method, because it runs some times for each of millions of rows.
    """
    layout = [(each.take, (None,) * len(each.names or header.classes), each.decimals) for each in columns]

    def take_all(row: ClassifiedRow) -> list[CellValue]:
        cells: list[CellValue] = []
        for take, nothing, decimals in layout:
            found = take(row, header)
            many = nothing if found is None else found if isinstance(found, tuple) else (found,)
            if decimals is None or found is None:
                cells += many
            else:
                cells += [round(cell, decimals) if isinstance(cell, float) else cell for cell in many]
        return cells

    return take_all


KEPT_COLUMN = Column((), str, lambda row, _: row.kept)
"""One of those that the source has of its own, which no list here can have."""


ROW_COLUMNS: tuple[Column, ...] = (
    Column(
        (NAME_COLUMN,),
        str,
        lambda row, _: row.path,
        order="path, seq",
        answer=AnswerField("name", "As it was given.", is_always=True),
    ),
    Column(
        ("prediction",),
        str,
        lambda row, _: row.prediction,
        order="prediction IS NULL, prediction, confidence, seq",
        answer=AnswerField("prediction", "The most probable class; null where there is an error."),
    ),
    Column(
        ("confidence",),
        float,
        lambda row, _: row.result.reading.confidence,
        decimals=PROBABILITY_DECIMALS,
        order="confidence IS NULL, confidence, seq",
        answer=AnswerField("confidence", "Its probability.", decimals=ANSWER_DECIMALS, is_share=True),
    ),
    Column(
        None,
        float,
        lambda row, _: row.result.reading.probabilities,
        decimals=PROBABILITY_DECIMALS,
        answer=AnswerField(
            "probabilities",
            "By class; calibrated where the model is.",
            decimals=ANSWER_DECIMALS,
            is_share=True,
            is_always=True,
        ),
    ),
    Column(
        ("kind",),
        str,
        lambda row, _: row.result.reading.kind,
        when=lambda header: header.locates,
        answer=AnswerField("kind", "The widget's kind; null where the model was not taught to tell."),
    ),
    Column(
        ("left_px", "top_px", "width_px", "height_px"),
        float,
        lambda row, _: row.result.reading.box,
        decimals=1,
        when=lambda header: header.locates,
        answer=AnswerField("box", "Where the widget is; null where there is none or the model cannot tell."),
    ),
    Column(("image_width_px", "image_height_px"), int, lambda row, _: row.result.reading.size),
    Column(("content_hash",), str, lambda row, _: row.content[:HASH_DIGITS] or None),
    Column(("model",), str, lambda _, header: header.fingerprint),
    Column(("error",), str, lambda row, _: row.error, answer=AnswerField("error", "Why the picture cannot be read.")),
    Column(
        ("note",),
        str,
        lambda row, _: row.result.reading.note,
        answer=AnswerField("note", "What of its file was not used, or how it was understood."),
    ),
)
"""The table, from left to right: header, cells, formats, what `--sort` takes, the journal's order and the service's
answers follow from it."""


def sorted_columns() -> dict[str, Column]:
    """Return the columns by which rows can be sorted, by name; least certain first, what could not be read last."""
    return {column.names[0]: column for column in ROW_COLUMNS if column.names and column.order is not None}


SORT_NAMES = tuple(sorted(sorted_columns()))
"""What `--sort` takes, for help and completion, which load no torch."""


class RowFilter(Settings):
    """Which rows are meant: those of some classes, those less certain than something, or all.

    Rows of pictures that could not be read are among all only.
    """

    only: tuple[str, ...] = Field(default=(), description="classes")
    below: float | None = Field(default=None, gt=0, le=1, description="confidence")
    unsure: bool = Field(default=False, description="those that the model is unsure of")

    @property
    def is_all(self) -> bool:
        """Tell whether every row is meant."""
        return not self.only and self.below is None and not self.unsure

    def takes(self, row: ClassifiedRow) -> bool:
        """Tell whether a row is meant."""
        if self.is_all:
            return True
        if row.prediction is None or row.confidence is None:
            return False
        return (not self.only or row.prediction in self.only) and (self.below is None or row.confidence < self.below)

    def for_model(self, unsure_below: float) -> Self:
        """Return the filter with a number for `unsure`, which only a model can say; a filter without is no use."""
        below = min(unsure_below, 1.0 if self.below is None else self.below)
        return self.model_copy(update={"below": below, "unsure": False}) if self.unsure else self


def to_row(found: "PictureReading", classes: tuple[str, ...]) -> ClassifiedRow:
    """Return the row of a picture."""
    picture = found.picture
    result = Classification(classes, found.reading)
    return ClassifiedRow(picture.name, found.content, result, picture.path, kept=picture.kept)
