"""How the rows of a classification are kept in a journal, and written in every format."""

from model.classifying.columns import ClassifiedRow, Column, Header, sorted_columns, take_cells
from model.running.readings import KEPT, Classification, Reading
from model.tables.keeping import KeptRow, RowKeeper
from model.tables.row_formats import TableFormats, table_formats

IN_ANY_CASE = ("path", "content", "reading", "file", "problem")
"""Columns that a journal has whatever rows are sorted by."""


def classified_keeper(header: Header) -> RowKeeper[ClassifiedRow]:
    """Return how rows of a header are kept."""

    def to_row(kept: KeptRow) -> ClassifiedRow:
        result = Classification(header.classes, Reading.from_values(kept.reading))
        return ClassifiedRow(kept.path, kept.content, result, kept.file, kept.problem)

    sorting = _added_columns()
    return RowKeeper(
        fields=KEPT,
        to_values=lambda row: row.result.reading.to_values(),
        to_row=to_row,
        orders={name: column.order or "" for name, column in sorted_columns().items()},
        sorting=tuple(sorting),
        to_sorting=take_cells(sorting.values(), header),
    )


def classified_formats(header: Header) -> TableFormats[ClassifiedRow]:
    """Return what writes rows of a header."""
    return table_formats(header.columns, lambda rows: map(header.cells, rows))


def _added_columns() -> dict[str, Column]:
    """Return the columns that rows can be sorted by, and that are not kept in any case."""
    return {name: column for name, column in sorted_columns().items() if name not in IN_ANY_CASE}
