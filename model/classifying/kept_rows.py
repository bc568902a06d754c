"""How the rows of a classification are kept in a journal, and written in every format."""

from model.classifying.columns import NAME_COLUMN, ClassifiedRow, Column, Header, sorted_columns, take_cells
from model.running.readings import KEPT, Classification, Reading
from model.tables.keeping import KeptRow, RowKeeper
from model.tables.row_formats import TableFormats, table_formats

IN_ANY_CASE = ("path", "content", "reading", "file", "problem")
"""Columns that a journal has whatever rows are sorted by."""


def classified_keeper(header: Header) -> RowKeeper[ClassifiedRow]:
    """Return how rows of a header are kept; ids of rows of a database are each there once."""

    def to_row(kept: KeptRow) -> ClassifiedRow:
        values, more = kept.reading[: len(KEPT)], tuple(kept.reading[len(KEPT) :])
        result = Classification(header.classes, Reading.from_values(values))
        return ClassifiedRow(kept.path, kept.content, result, kept.file, kept.problem, more)

    sorting = _added_columns()
    return RowKeeper(
        fields=(*KEPT, *header.kept),
        to_values=lambda row: [*row.result.reading.to_values(), *row.kept],
        to_row=to_row,
        orders={name: column.order or "" for name, column in sorted_columns().items()},
        sorting=tuple(sorting),
        to_sorting=take_cells(sorting.values(), header),
        alike="" if header.name_column == NAME_COLUMN else f"two rows of the query have the {header.name_column}",
    )


def classified_formats(header: Header) -> TableFormats[ClassifiedRow]:
    """Return what writes rows of a header."""
    return table_formats(header.columns, lambda rows: map(header.cells, rows))


def _added_columns() -> dict[str, Column]:
    """Return the columns that rows can be sorted by, and that are not kept in any case."""
    return {name: column for name, column in sorted_columns().items() if name not in IN_ANY_CASE}
