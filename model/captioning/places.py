"""Where a line of text stands beside a widget, and how well it would do as the widget's label.

Costs are in no unit: what is below 1 is plain, and what costs `NO_LABEL` or more is no label.
"""

import math
from dataclasses import dataclass

from model.captioning.text_lines import shared
from model.running.readings import BoxPx

SIDE_RIGHT, SIDE_LEFT, SIDE_ABOVE, SIDE_BELOW = "right", "left", "above", "below"
SIDES = (SIDE_RIGHT, SIDE_LEFT, SIDE_ABOVE, SIDE_BELOW)

NO_LABEL = 2.0
"""What it costs a widget to have no label."""


@dataclass(frozen=True)
class Habits:
    """What sides and distances cost, tuned on synthetic screens (bench/labels_of_widgets.py).

    Attributes:
        side: for each of SIDES, of a line that could not stand nearer.
        near: a line's height of distance beside the widget, up to `far_heights`.
        far: each further one; a label of a settings row may stand at the other end of it.
        far_heights: what still counts as near.
        row: a line's height that the middles of line and widget are apart.
        lower: the same where the line is the lower, as descriptions are.
        column: a line's height of distance above or below the widget.
    """

    side: tuple[float, float, float, float] = (0.0, 0.3, 0.8, 0.9)
    near: float = 0.12
    far: float = 0.008
    far_heights: float = 4.0
    row: float = 0.5
    lower: float = 0.8
    column: float = 0.5


HABITS = Habits()


def place_costs(widget: BoxPx, line: BoxPx, habits: Habits = HABITS) -> tuple[float, float, float, float]:
    """Return what the line costs as the widget's label on each of SIDES; infinity where it does not stand there."""
    height = max(1.0, line[3])
    right = (line[0] - widget[0] - widget[2]) / height
    left = (widget[0] - line[0] - line[2]) / height
    above = (widget[1] - line[1] - line[3]) / height
    below = (line[1] - widget[1] - widget[3]) / height
    return (
        habits.side[0] + _beside(right, _offset(widget, line), habits),
        habits.side[1] + _beside(left, _offset(widget, line), habits),
        habits.side[2] + _over(above, widget, line, habits),
        habits.side[3] + _over(below, widget, line, habits),
    )


def _offset(widget: BoxPx, line: BoxPx) -> float:
    """Return by how many heights of the line its middle is below the widget's; infinity where no row has both."""
    down = line[1] + line[3] / 2 - widget[1] - widget[3] / 2
    if abs(down) > (line[3] + widget[3]) * 0.75:
        return math.inf
    return down / max(1.0, line[3])


def _beside(gap: float, offset: float, habits: Habits) -> float:
    if gap < -0.5 or math.isinf(offset):
        return math.inf
    gap = max(0.0, gap)
    distance = habits.near * min(gap, habits.far_heights) + habits.far * max(0.0, gap - habits.far_heights)
    return distance + (habits.lower if offset > 0 else habits.row) * abs(offset)


def _over(gap: float, widget: BoxPx, line: BoxPx, habits: Habits) -> float:
    if gap < -0.5 or shared(widget[0], widget[0] + widget[2], line[0], line[0] + line[2]) < 0.3:
        return math.inf
    return habits.column * max(0.0, gap)
