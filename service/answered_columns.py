"""What the service says of a picture follows from the columns of the table that `boxwright classify` writes."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from model.classifying import columns
from model.classifying.columns import AnswerField, ClassifiedRow, Column, Header
from model.tables.row_formats import CellValue

Probability = Annotated[float, Field(ge=0, le=1)]


def answered_fields(name: str) -> type[BaseModel]:
    """Return a body with a field for each column, or columns that belong together, of which the service speaks."""
    fields: dict[str, Any] = {
        answer.name: (_type_of(column, answer), Field(description=answer.description)) for column, answer in _answered()
    }
    return create_model(name, **fields)


def answered_values(row: ClassifiedRow, header: Header) -> dict[str, Any]:
    """Return the values of those fields for a row."""
    return {answer.name: _value_of(column, answer, row, header) for column, answer in _answered()}


def _answered() -> Iterator[tuple[Column, AnswerField]]:
    return ((column, column.answer) for column in columns.ROW_COLUMNS if column.answer is not None)


def _type_of(column: Column, answer: AnswerField) -> Any:  # noqa: ANN401  a type that pydantic takes
    kind: Any = Probability if answer.is_share else column.kind
    if column.names is None:
        kind = dict[str, kind]
    elif len(column.names) > 1:
        body: Any = dict.fromkeys(column.names, (kind, ...))
        kind = create_model(f"{answer.name.title()}Body", __doc__=answer.description.partition(";")[0] + ".", **body)
    return kind if answer.is_always else kind | None


def _value_of(column: Column, answer: AnswerField, row: ClassifiedRow, header: Header) -> Any:  # noqa: ANN401  likewise
    decimals = column.decimals if answer.decimals is None else answer.decimals
    found = column.take(row, header) if column.when(header) else None
    if column.names is not None and len(column.names) == 1:
        return _rounded(found, decimals)
    names = row.result.classes if column.names is None else column.names
    if found is None:
        return {} if answer.is_always else None
    cells = found if isinstance(found, tuple) else (found,)
    return {name: _rounded(cell, decimals) for name, cell in zip(names, cells, strict=True)}


def _rounded(cell: CellValue | tuple[CellValue, ...], decimals: int | None) -> Any:  # noqa: ANN401  a JSON value
    return round(cell, decimals) if isinstance(cell, float) and decimals is not None else cell
