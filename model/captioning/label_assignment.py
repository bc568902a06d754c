"""Which lines of text are which widget's label: geometry alone, so that only these lines need to be read."""

import math
from collections.abc import Collection, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from base.arrays import Floats
from model.captioning.grids import grid_labels
from model.captioning.places import NO_LABEL, SIDE_ABOVE, SIDE_BELOW, SIDE_LEFT, SIDE_RIGHT, SIDES, place_costs
from model.captioning.text_lines import shared
from model.captioning.titles import title_of
from model.finding.widgets import FoundWidget
from model.running.readings import BoxPx

Chosen = tuple[int, ...]
"""The numbers of a widget's lines, in the order in which they are read."""

SAME_ROW = 0.6
"""What shares so much of its height is in one row."""

WORD_GAP = 0.25
"""Words in a row that are no further apart, in heights, are one line."""

SQUARE = 1.3
"""What is hardly wider than high is an icon more often than a word, and no beginning of a line."""

SIGN = 0.5
"""What it costs to be so."""

BESIDE = [SIDES.index(SIDE_RIGHT), SIDES.index(SIDE_LEFT)]
STACKED = [SIDES.index(SIDE_ABOVE), SIDES.index(SIDE_BELOW)]

BEHIND = 1.0
"""What it costs a line that another widget stands between."""

LEAST_COLUMN = 3
"""So many widgets over each other have habits of their own; fewer have those of their kind."""

UNUSUAL_SIDE = 0.6
"""What it costs at most to be on another side than the labels of other widgets of the kind."""

UNUSUAL_EDGE = 0.4
"""What it costs at most to begin where no line beside another widget does."""


def choose_lines(
    widgets: Sequence[FoundWidget], boxes: Sequence[BoxPx], strengths: Sequence[float] | None = None
) -> list[Chosen]:
    """Return for each widget which of the lines are its label, none where it has none.

    A line is the label of one widget. Widgets of a kind have their labels on one side where that can be, and in one
    column.

    Args:
        widgets: on one picture.
        boxes: of the lines of text, without the widgets that stand in them (`cut_at_widgets`).
        strengths: how much each line stands out from its ground; descriptions are often fainter than labels.
    """
    if not widgets or not boxes:
        return [()] * len(widgets)
    spots = [widget.box for widget in widgets]
    runs = _runs(boxes, spots)
    lines = [_around([boxes[index] for index in run]) for run in runs]
    strong = [1.0 if strengths is None else max(strengths[index] for index in run) for run in runs]
    in_grid = grid_labels(spots, lines)
    chosen = _best_lines(widgets, lines, without=in_grid)
    taken = {*chosen.values(), *(line for label in in_grid.values() for line in label)}
    found: list[Chosen] = []
    for number, spot in enumerate(spots):
        label = in_grid.get(number, [])
        if number in chosen:
            label = title_of(chosen[number], spot, [*zip(lines, strong, strict=True)], taken)
            taken |= set(label)
        found.append(tuple(index for line in label for index in runs[line]))
    return found


def _best_lines(widgets: Sequence[FoundWidget], lines: Sequence[BoxPx], *, without: Collection[int]) -> dict[int, int]:
    """Return the line of each widget that has one, but for those that have theirs already."""
    spots = [widget.box for widget in widgets]
    costs = _costs(spots, lines)
    costs[:, [box[2] <= SQUARE * box[3] for box in lines]] += SIGN
    costs[list(without)] = math.inf
    for group in _groups(widgets):
        costs[group] += _unusual_edges(costs[group], lines)
        costs[group] += _unusual_sides(costs[group])
    return _one_to_one(costs.min(axis=2))


def _runs(boxes: Sequence[BoxPx], widgets: Sequence[BoxPx]) -> list[list[int]]:
    """Return the lines, each as the numbers of the boxes that stand in it side by side."""
    runs: list[list[int]] = []
    for index in sorted(range(len(boxes)), key=lambda index: boxes[index][0]):
        left, top, _, height = boxes[index]
        for run in runs:
            last = boxes[run[-1]]
            gap = left - last[0] - last[2]
            alike = shared(top, top + height, last[1], last[1] + last[3]) >= SAME_ROW
            sign = last[2] <= SQUARE * last[3]
            if (
                alike
                and not sign
                and -height <= gap <= WORD_GAP * min(height, last[3])
                and not _between(last, boxes[index], widgets, axis=0)
            ):
                run.append(index)
                break
        else:
            runs.append([index])
    return runs


def _between(first: BoxPx, second: BoxPx, widgets: Sequence[BoxPx], *, axis: int) -> bool:
    """Return whether a widget stands between two boxes, of a row (axis 0) or of a column (axis 1)."""
    low, high = sorted(box[axis] + box[axis + 2] / 2 for box in (first, second))
    along = 1 - axis
    return any(
        low < widget[axis] + widget[axis + 2] / 2 < high
        and shared(widget[along], widget[along] + widget[along + 2], second[along], second[along] + second[along + 2])
        > 0
        for widget in widgets
    )


def _around(boxes: Sequence[BoxPx]) -> BoxPx:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, low = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right - left, low - top


def _groups(widgets: Sequence[FoundWidget]) -> list[list[int]]:
    """Return the numbers of widgets that have their labels alike: those of a column, and the rest of each kind."""
    centres = [widget.centre[0] for widget in widgets]
    columns: list[list[int]] = []
    for number in sorted(range(len(widgets)), key=centres.__getitem__):
        if columns and centres[number] - centres[columns[-1][-1]] <= widgets[number].box[2]:
            columns[-1].append(number)
        else:
            columns.append([number])
    groups = [column for column in columns if len(column) >= LEAST_COLUMN]
    rest = sorted(number for column in columns if len(column) < LEAST_COLUMN for number in column)
    kinds = {widgets[number].kind for number in rest}
    return groups + [[number for number in rest if widgets[number].kind == kind] for kind in sorted(kinds)]


def _costs(widgets: Sequence[BoxPx], lines: Sequence[BoxPx]) -> Floats:
    """Return what each line costs each widget on each side: (widgets, lines, sides)."""
    costs = np.array([[place_costs(widget, line) for line in lines] for widget in widgets], dtype=np.float32)
    for number, index in zip(*np.nonzero(np.isfinite(costs).any(axis=2)), strict=True):
        others = [other for place, other in enumerate(widgets) if place != number]
        pair = widgets[number], lines[index]
        if _between(*pair, others, axis=0):
            costs[number, index, BESIDE] += BEHIND
        if _between(*pair, others, axis=1):
            costs[number, index, STACKED] += BEHIND
    return costs


def _unusual_edges(costs: Floats, lines: Sequence[BoxPx]) -> Floats:
    """Return what it costs lines not to begin where lines beside the other widgets begin: (widgets, lines, sides)."""
    extra: Floats = np.zeros_like(costs)
    edges = np.array([line[0] for line in lines])
    slack = 0.5 * np.array([line[3] for line in lines])
    alike = np.abs(edges[:, None] - edges[None, :]) <= slack[:, None]
    for side in BESIDE:
        stands = np.isfinite(costs[:, :, side])
        share = (stands @ alike > 0).sum(axis=0) / len(costs)
        extra[:, :, side] = UNUSUAL_EDGE * (1 - share)
    return extra


def _unusual_sides(costs: Floats) -> Floats:
    """Return what it costs widgets to have labels where the others have none: (1, 1, sides)."""
    means = np.minimum(costs.min(axis=1), NO_LABEL).mean(axis=0)
    extra: Floats = UNUSUAL_SIDE * np.minimum(1.0, means - means.min())[None, None]
    return extra


def _one_to_one(costs: Floats) -> dict[int, int]:
    """Return which line each widget gets, so that all together cost least."""
    count = len(costs)
    table = np.full((count, costs.shape[1] + count), NO_LABEL)
    table[:, : costs.shape[1]] = np.minimum(costs, 1e6)
    rows, columns = linear_sum_assignment(table)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if column < costs.shape[1] and table[row, column] < NO_LABEL
    }
