"""The title of a widget: a label of several lines is joined, a description below it is left out."""

from collections.abc import Sequence

from model.running.readings import BoxPx

LINE_GAP = 0.55
"""Lines that are no further apart, in heights, belong together."""

SAME_TYPE = 0.8
"""Lines of one label are of one height, up to this share; descriptions are often smaller."""

WRAPPED = 0.8
"""Who wraps lines fills them: the line before is as long as the next one, up to this share."""

FAINTER = 0.88
"""Lines of one label stand out alike from their ground, up to this share."""

LOW = 0.2
"""A line whose middle is so many heights below the widget's may be the description of what is above it."""

Line = tuple[BoxPx, float]
"""Where a line is, and how much it stands out."""


def title_of(line: int, widget: BoxPx, lines: Sequence[Line], taken: set[int]) -> list[int]:
    """Return the numbers of the lines that are the widget's label, from top to bottom.

    Args:
        line: the one that stands best.
        widget: its box.
        lines: all there are.
        taken: numbers of lines that belong to other widgets.
    """
    top = line
    while (above := _next(top, lines, taken, down=False)) is not None and _heads(above, top, widget, lines, taken):
        top = above
    title = [top]
    while (below := _next(title[-1], lines, taken - {line} | set(title), down=True)) is not None:
        if not _goes_on(lines[title[-1]], lines[below]):
            break
        title.append(below)
    return title


def _heads(above: int, line: int, widget: BoxPx, lines: Sequence[Line], taken: set[int]) -> bool:
    """Return whether the line above is of the same widget: one that is centred beside several lines."""
    (box, strength), middle = lines[line], _middle(widget)
    if lines[above][1] < FAINTER * strength or _middle(lines[above][0]) < widget[1] - 2 * box[3]:
        return False
    if _middle(box) > middle + LOW * box[3]:
        return True
    last = line
    while (below := _next(last, lines, taken, down=True)) is not None:
        last = below
    low = lines[last][0][1] + lines[last][0][3]
    return last != line and abs((lines[above][0][1] + low) / 2 - middle) < LOW * box[3]


def _next(line: int, lines: Sequence[Line], taken: set[int], *, down: bool) -> int | None:
    """Return the line directly below, or above, that is set like it; a line that another widget has is none."""
    for index, (other, _) in enumerate(lines):
        upper, lower = (lines[line][0], other) if down else (other, lines[line][0])
        gap = (lower[1] - upper[1] - upper[3]) / lines[line][0][3]
        if index != line and index not in taken and -0.4 <= gap <= LINE_GAP and _aligned(upper, lower):
            return index
    return None


def _goes_on(line: Line, following: Line) -> bool:
    (box, strength), (other, weaker) = line, following
    alike = min(box[3], other[3]) / max(box[3], other[3]) >= SAME_TYPE and weaker >= FAINTER * strength
    return alike and box[2] >= WRAPPED * other[2]


def _aligned(line: BoxPx, other: BoxPx) -> bool:
    slack = 0.4 * line[3]
    ends = abs(line[0] - other[0]), abs(line[0] + line[2] - other[0] - other[2])
    return min(*ends, abs(line[0] + line[2] / 2 - other[0] - other[2] / 2)) <= slack


def _middle(box: BoxPx) -> float:
    return box[1] + box[3] / 2
