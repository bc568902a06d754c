"""Widgets in a table of choices: a row's label is beside all of them, a column's head above all of them."""

from collections.abc import Sequence

from model.captioning.text_lines import shared
from model.running.readings import BoxPx

ALIGNED = 0.5
"""Widgets are in one row or column where their middles are no further apart, in shares of the smaller."""

MOST_ABOVE = 6.0
"""How far a head may be above the first widget of its column, in heights of the head."""


def grid_labels(widgets: Sequence[BoxPx], lines: Sequence[BoxPx]) -> dict[int, list[int]]:
    """Return the lines of each widget that stands in a table of choices: its row's label, then its column's head.

    Such a table has at least two rows and two columns of widgets, and no words between the widgets of a row: those of
    `o Yes  o No` are labels of their own.
    """
    rows = [row for row in _aligned(widgets, axis=1) if len(row) > 1 and not _words_between(row, widgets, lines)]
    inside = sorted(number for row in rows for number in row)
    columns = [[inside[place] for place in column] for column in _aligned([widgets[n] for n in inside], axis=0)]
    columns = [column for column in columns if len(column) > 1]
    if len(columns) < 2:
        return {}
    found: dict[int, list[int]] = {}
    for column in columns:
        head = _head([widgets[number] for number in column], lines)
        for number in column:
            [row] = [row for row in rows if number in row]
            beside = _row_label([widgets[other] for other in row], lines)
            found[number] = [line for line in (beside, head) if line is not None]
    return found


def _aligned(boxes: Sequence[BoxPx], *, axis: int) -> list[list[int]]:
    """Return the numbers of the boxes, together those whose middles are in line: of a row (axis 1), or a column (0)."""
    middles = [box[axis] + box[axis + 2] / 2 for box in boxes]
    groups: list[list[int]] = []
    for number in sorted(range(len(boxes)), key=middles.__getitem__):
        last = groups[-1][-1] if groups else number
        slack = ALIGNED * min(boxes[number][axis + 2], boxes[last][axis + 2])
        if groups and middles[number] - middles[last] <= slack:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _words_between(row: Sequence[int], widgets: Sequence[BoxPx], lines: Sequence[BoxPx]) -> bool:
    low = min(widgets[number][0] for number in row)
    high = max(widgets[number][0] for number in row)
    first = widgets[row[0]]
    return any(
        low < line[0] + line[2] / 2 < high and shared(line[1], line[1] + line[3], first[1], first[1] + first[3]) > 0.3
        for line in lines
    )


def _row_label(row: Sequence[BoxPx], lines: Sequence[BoxPx]) -> int | None:
    """Return the number of the line beside a row: the nearest left of it, or else right of it."""
    top, low = min(box[1] for box in row), max(box[1] + box[3] for box in row)
    left, right = min(box[0] for box in row), max(box[0] + box[2] for box in row)
    beside = [(n, line) for n, line in enumerate(lines) if shared(line[1], line[1] + line[3], top, low) > 0.5]
    before = [(left - line[0] - line[2], n) for n, line in beside if line[0] + line[2] / 2 < left]
    after = [(line[0] - right, n) for n, line in beside if line[0] + line[2] / 2 > right]
    return min(before or after, default=(0.0, None))[1]


def _head(column: Sequence[BoxPx], lines: Sequence[BoxPx]) -> int | None:
    """Return the number of the line above a column."""
    top = min(box[1] for box in column)
    left, right = min(box[0] for box in column), max(box[0] + box[2] for box in column)
    above = [
        (top - line[1] - line[3], number)
        for number, line in enumerate(lines)
        if shared(line[0], line[0] + line[2], left, right) > 0.5
        and -0.5 <= (top - line[1] - line[3]) / line[3] <= MOST_ABOVE
    ]
    return min(above, default=(0.0, None))[1]
