"""How rows of a kind are kept: what a journal has to know of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from base.errors import unknown_choice
from model.tables.row_formats import CellValue


class PictureRow(Protocol):
    """What a run has found of one picture; what it makes of the content is the reading, of whatever type."""

    @property
    def path(self) -> str:
        """Return the picture's name; two rows may share one."""
        ...

    @property
    def content(self) -> str:
        """Return the whole SHA-256, empty where the bytes could not be read."""
        ...

    @property
    def file(self) -> Path | None:
        """Return where the picture, or what was made of it, lies on this machine."""
        ...

    @property
    def problem(self) -> str | None:
        """Return why something could not be made of it."""
        ...


_Row = TypeVar("_Row", bound=PictureRow)


@dataclass(frozen=True)
class KeptRow:
    """A row as it is in the journal, its reading as JSON values."""

    path: str
    content: str
    reading: list[Any]
    file: Path | None
    problem: str | None


@dataclass(frozen=True)
class RowKeeper(Generic[_Row]):
    """How rows of a kind are kept.

    Attributes:
        fields: what is kept of a reading, by name; rows with other ones are not gone on with.
        to_values: gives these of a row, as JSON values.
        to_row: gives the row again.
        orders: how rows can be sorted, in SQL, by name; with `seq` for the order of the sources. One is `confidence`.
        sorting: names of the columns, beside those that are kept in any case, that the orders are about.
        to_sorting: gives their cells.
        alike: what is said, before the name, of two rows of one name; empty where rows may share one.
    """

    fields: tuple[str, ...]
    to_values: Callable[[_Row], list[Any]]
    to_row: Callable[[KeptRow], _Row]
    orders: Mapping[str, str]
    sorting: tuple[str, ...]
    to_sorting: Callable[[_Row], Sequence[CellValue]]
    alike: str = ""

    @property
    def signature(self) -> list[str]:
        """Return what a journal of such rows must have been begun with."""
        return [*self.fields, *self.sorting]

    def order_by(self, name: str) -> str:
        """Return an order in SQL.

        Raises:
            InputError: there is none of that name.
        """
        if name not in self.orders:
            raise unknown_choice("order", name, self.orders)
        return self.orders[name]
