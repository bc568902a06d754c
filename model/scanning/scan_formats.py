"""The table of widgets: its columns, and what writes it as CSV, JSONL, Parquet or COCO's JSON."""

import itertools
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from model.classifying.columns import HASH_DIGITS
from model.tables.row_formats import CELL_FORMATS, CellValue, TableFormats, json_line, table_formats

if TYPE_CHECKING:
    from model.finding.widgets import FoundWidget
    from model.scanning.screen_rows import ScannedScreen

COCO = ".coco.json"

SCAN_ENDINGS = (*CELL_FORMATS, COCO)
"""What the name of an output may end with."""


@dataclass(frozen=True)
class WidgetColumn:
    """A column: what its cells hold, and what gives the cell of a widget; `decimals` of floats, in every format."""

    kind: type
    take: Callable[["FoundWidget"], CellValue]
    decimals: int | None = None

    def cell(self, widget: "FoundWidget") -> CellValue:
        """Return the cell of a widget, rounded as it is written."""
        found = self.take(widget)
        return round(found, self.decimals) if isinstance(found, float) and self.decimals is not None else found


WIDGET_COLUMNS: Mapping[str, WidgetColumn] = {
    "kind": WidgetColumn(str, lambda widget: widget.kind),
    "state": WidgetColumn(str, lambda widget: widget.state),
    "confidence": WidgetColumn(float, lambda widget: widget.confidence, 4),
    "state_confidence": WidgetColumn(float, lambda widget: widget.state_confidence, 4),
    "left_px": WidgetColumn(float, lambda widget: widget.box[0], 1),
    "top_px": WidgetColumn(float, lambda widget: widget.box[1], 1),
    "width_px": WidgetColumn(float, lambda widget: widget.box[2], 1),
    "height_px": WidgetColumn(float, lambda widget: widget.box[3], 1),
    "centre_x_px": WidgetColumn(float, lambda widget: widget.centre[0], 1),
    "centre_y_px": WidgetColumn(float, lambda widget: widget.centre[1], 1),
    "enabled": WidgetColumn(bool, lambda widget: widget.enabled),
    "label": WidgetColumn(str, lambda widget: widget.label),
}
"""What is said of a widget, in every format."""

_TEXT = WidgetColumn(str, lambda _: None)

TABLE_COLUMNS: Mapping[str, WidgetColumn] = {"path": _TEXT, **WIDGET_COLUMNS, "error": _TEXT, "note": _TEXT}
"""The table, from left to right."""


def scan_formats(kinds: Sequence[str], states: Sequence[str], fingerprint: str) -> TableFormats["ScannedScreen"]:
    """Return what writes the screens of a scanner that knows these kinds and states."""
    tables: TableFormats[ScannedScreen] = table_formats(
        TABLE_COLUMNS, lambda rows: itertools.chain.from_iterable(map(_lines, rows))
    )

    def write_jsonl(file: BinaryIO, rows: Iterable["ScannedScreen"]) -> None:
        for row in rows:
            file.write(json_line(_screen_object(row, fingerprint)))

    def write_coco(file: BinaryIO, rows: Iterable["ScannedScreen"]) -> None:
        _write_coco(file, rows, [(kind, state) for kind in kinds for state in states])

    return TableFormats({**tables.by_ending, ".jsonl": write_jsonl, COCO: write_coco}, tables.show)


def _lines(row: "ScannedScreen") -> Iterator[Sequence[CellValue]]:
    """Yield a line a widget; what could not be read has one too, and what shows no widget has none."""
    for widget in row.widgets:
        yield [row.path, *(column.cell(widget) for column in WIDGET_COLUMNS.values()), row.error, row.reading.note]
    if row.error is not None and not row.widgets:
        yield [row.path, *itertools.repeat(None, len(WIDGET_COLUMNS)), row.error, row.reading.note]


def _widget_object(widget: "FoundWidget") -> dict[str, CellValue]:
    return {name: column.cell(widget) for name, column in WIDGET_COLUMNS.items()}


def _screen_object(row: "ScannedScreen", fingerprint: str) -> dict[str, Any]:
    width, height = row.reading.size or (None, None)
    return {
        "path": row.path,
        "image_width_px": width,
        "image_height_px": height,
        "content_hash": row.content[:HASH_DIGITS] or None,
        "scanner": fingerprint,
        "error": row.error,
        "note": row.reading.note,
        "widgets": None if row.reading.widgets is None else [_widget_object(widget) for widget in row.widgets],
    }


def _write_coco(file: BinaryIO, rows: Iterable["ScannedScreen"], categories: Sequence[tuple[str, str]]) -> None:
    """Write COCO's JSON; annotations wait in a temporary file, because all images come before them.

    A category is a kind in a state, its supercategory the kind, as in the data sets that are generated. A picture that
    could not be read is none of the images. Source: https://cocodataset.org/#format-data
    """
    named = sorted((f"{kind} {state}", kind) for kind, state in categories)
    numbers = {name: number for number, (name, _) in enumerate(named, start=1)}
    values = [{"id": numbers[name], "name": name, "supercategory": kind} for name, kind in named]
    unreadable, count = list[dict[str, str]](), itertools.count(1)
    with tempfile.TemporaryFile() as annotations:
        written, kept = _JsonList(file), _JsonList(annotations)
        file.write(b'{"images": ')
        for number, row in enumerate(rows, start=1):
            if row.reading.size is None:
                unreadable.append({"file_name": row.path, "error": row.error or ""})
                continue
            written.add({"id": number, "file_name": row.path, **_size_of(row.reading.size), "note": row.reading.note})
            for widget in row.widgets:
                kept.add({"id": next(count), "image_id": number, **_annotation_of(widget, numbers)})
        written.close()
        file.write(b',\n"categories": ' + json.dumps(values).encode() + b',\n"annotations": ')
        kept.close()
        annotations.seek(0)
        while block := annotations.read(1 << 20):
            file.write(block)
    file.write(b',\n"unreadable": ' + json_line(unreadable).rstrip() + b"}\n")


def _size_of(size: tuple[int, int]) -> dict[str, int]:
    return {"width": size[0], "height": size[1]}


def _annotation_of(widget: "FoundWidget", numbers: Mapping[str, int]) -> dict[str, Any]:
    left, top, width, height = (round(length, 1) for length in widget.box)
    cells = _widget_object(widget)
    return {
        "category_id": numbers[f"{widget.kind} {widget.state}"],
        "bbox": [left, top, width, height],
        "area": round(width * height, 1),
        "iscrowd": 0,
        "score": cells["confidence"],
        **{name: cells[name] for name in ("kind", "state", "state_confidence", "enabled", "label")},
    }


class _JsonList:
    """A list that is written value by value."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._before = b"[\n"

    def add(self, value: Any) -> None:  # noqa: ANN401  any JSON value
        self._file.write(self._before + json_line(value).rstrip())
        self._before = b",\n"

    def close(self) -> None:
        self._file.write(b"[]" if self._before == b"[\n" else b"\n]")
