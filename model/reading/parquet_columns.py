"""Pictures in a Parquet column: bytes, or the structs of bytes and path that Hugging Face's datasets write."""

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any, BinaryIO

from base.errors import ImageError, InputError, first_line
from model.reading.images import refuse_size
from model.reading.picture_reference import PictureReference, held_picture, lost_picture
from model.reading.remarks import Remarks

ROWS_A_BATCH = 64
"""Rows that are decoded at a time."""

MOST_NAMED = 6
"""Columns that are named where none can hold pictures."""


def check_table(name: str, open_: Callable[[], BinaryIO], column: str) -> None:
    """Refuse a table that cannot be opened or has no such column.

    Raises:
        InputError: with what it has instead.
    """
    import_pyarrow(name)
    with open_() as file:
        _pick(name, _open(name, file), column.partition("::")[0])


def import_pyarrow(name: str) -> Any:  # noqa: ANN401  pyarrow has no types
    """Return pyarrow.

    Raises:
        InputError: it is not installed; `name` is what needs it.
    """
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(f"{name}: needs pyarrow; pip install 'boxwright[parquet]'") from error
    return pyarrow


def parquet_pictures(name: str, open_: Callable[[], BinaryIO], inside: str, __: Remarks) -> Iterator[PictureReference]:
    """Yield the pictures of a column, as `table.parquet::COLUMN::ROW`; rows count from 0.

    Args:
        name: of the table.
        open_: opens it.
        inside: the column, which may be left out where one alone can hold pictures; and `::ROW` for a single one.
    """
    column, _, only = inside.partition("::")
    arrow = import_pyarrow(name)
    try:
        with open_() as file:
            table = _open(name, file)
            column = _pick(name, table, column)
            row = 0
            for batch in table.iter_batches(batch_size=ROWS_A_BATCH, columns=[column]):
                for value in batch.column(0).to_pylist():
                    if not only or only == str(row):
                        yield _to_picture(f"{name}::{column}::{row}", value, f"{PurePath(name).stem}-{row:06}")
                    row += 1
    except InputError as error:
        yield lost_picture(name, str(error).removeprefix(f"{name}: "))
    except (arrow.ArrowException, OSError) as error:
        yield lost_picture(name, first_line(error, most=120))


def _open(name: str, file: BinaryIO) -> Any:  # noqa: ANN401  pyarrow has no types
    arrow = import_pyarrow(name)
    try:
        return arrow.parquet.ParquetFile(file)
    except (arrow.ArrowException, OSError) as error:
        raise InputError(f"{name}: is not a sound Parquet file ({first_line(error, most=120)})") from error


def _pick(name: str, table: Any, column: str) -> str:  # noqa: ANN401  pyarrow has no types
    """Return the name of the column that is meant."""
    able = [field.name for field in table.schema_arrow if _can_hold(field.type)]
    if column and column not in able:
        raise InputError(f"{name}: no pictures in column {column!r}; columns of bytes: {', '.join(able) or 'none'}")
    if column:
        return column
    if len(able) != 1:
        choices = f"name one of them, as {name}::{able[0]}: {', '.join(able)}" if able else _describe(table)
        raise InputError(f"{name}: which column are the pictures? {choices}")
    return str(able[0])


def _describe(table: Any) -> str:  # noqa: ANN401  pyarrow has no types
    fields = [f"{field.name}: {field.type}" for field in table.schema_arrow]
    return f"none holds bytes, but {', '.join(fields[:MOST_NAMED])}{', …' if len(fields) > MOST_NAMED else ''}"


def _can_hold(kind: Any) -> bool:  # noqa: ANN401  pyarrow has no types
    from pyarrow import types

    if types.is_struct(kind):
        index = kind.get_field_index("bytes")
        return index >= 0 and _can_hold(kind.field(index).type)
    if types.is_dictionary(kind):
        return _can_hold(kind.value_type)
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind))


def _to_picture(address: str, value: Any, file_name: str) -> PictureReference:  # noqa: ANN401  a cell of any kind
    if isinstance(value, dict):
        path = value.get("path")
        value, file_name = value.get("bytes"), PurePath(path).name if isinstance(path, str) and path else file_name
    if value is None:
        return lost_picture(address, "has no bytes")
    try:
        refuse_size(len(value))
    except ImageError as error:
        return lost_picture(address, str(error))
    return held_picture(address, value, file_name)
