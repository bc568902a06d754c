"""Lines of text on a picture: where they are and what they say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model.running.readings import BoxPx

LEAST_PART = 0.4
"""What a widget leaves of a line is text where it is at least so wide, in heights of the line."""

LEAST_SHARED = 0.5
"""A widget stands in a line where so much of the lower of the two is beside the other."""


@dataclass(frozen=True)
class TextLine:
    """Words in one line.

    Attributes:
        box: left, top, width, height in pixels.
        text: what it says; empty where nobody has read it yet.
        confidence: of the reading, from 0 to 1.
    """

    box: BoxPx
    text: str = ""
    confidence: float = 0.0


def cut_at_widgets(lines: Iterable[BoxPx], widgets: Sequence[BoxPx]) -> list[BoxPx]:
    """Return the lines without the widgets that stand in them: of `o Yes  o No`, the two words.

    What finds text takes a box for a letter now and then, and a row of radio buttons for one line.
    """
    parts: list[BoxPx] = []
    for line in lines:
        left, top, width, height = line
        edges = [left]
        for widget in sorted(widget for widget in widgets if _stands_in(widget, line)):
            edges += [widget[0], widget[0] + widget[2]]
        edges.append(left + width)
        spans = list(zip(edges[::2], edges[1::2], strict=True))
        if len(spans) == 1:
            parts.append(line)
        else:
            parts += [(low, top, high - low, height) for low, high in spans if high - low >= LEAST_PART * height]
    return parts


def shared(low: float, high: float, other_low: float, other_high: float) -> float:
    """Return how much of the shorter of two spans lies in the other; below 0, the gap in such lengths."""
    return (min(high, other_high) - max(low, other_low)) / max(1e-6, min(high - low, other_high - other_low))


def _stands_in(widget: BoxPx, line: BoxPx) -> bool:
    inside = shared(widget[0], widget[0] + widget[2], line[0], line[0] + line[2])
    return inside > 0 and shared(widget[1], widget[1] + widget[3], line[1], line[1] + line[3]) >= LEAST_SHARED
