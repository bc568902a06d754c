"""A screen with its widgets marked: an outline around each, coloured by state, and what was read beside it."""

from collections.abc import Iterator, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from model.finding.widgets import FoundWidget
from model.scanning.screen_rows import certainty_of

STATE_COLOURS = ("#1565e6", "#d9480f", "#7a3fc9", "#00796b")
"""Of the states, in the order of the scanner; more states begin again."""

UNSURE = 0.8
"""What is less certain is dashed."""

GROUND = "#ffffff"

Place = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels; the last two are outside."""


def state_colours(states: Sequence[str]) -> dict[str, str]:
    """Return a colour for each state."""
    return {state: STATE_COLOURS[place % len(STATE_COLOURS)] for place, state in enumerate(states)}


def mark_widgets(image: Image.Image, widgets: Sequence[FoundWidget], states: Sequence[str]) -> Image.Image:
    """Return a copy of the picture with outlines and tags; no widget's own pixels are covered.

    A tag stands above its widget, or below, left or right of it, wherever it covers neither a widget nor another tag;
    where there is no such place it is left out.
    """
    marked = image.copy()
    pen, colours = ImageDraw.Draw(marked), state_colours(states)
    unit = _unit(widgets)
    spared = [_rounded(widget) for widget in widgets]
    for widget, place in zip(widgets, spared, strict=True):
        _outline(pen, place, colours[widget.state], unit, dashed=certainty_of(widget) < UNSURE)
    taken = [_grown(place, 3 * unit) for place in spared]
    font = ImageFont.load_default(10 * unit)
    for widget, place in zip(widgets, spared, strict=True):
        text = f"{widget.state} {certainty_of(widget):.0%}"
        tag = _free_place(_grown(place, 3 * unit), _size_of_tag(font, text, unit), image.size, taken)
        if tag is not None:
            taken.append(tag)
            pen.rectangle((tag[0], tag[1], tag[2] - 1, tag[3] - 1), fill=colours[widget.state])
            pen.text((tag[0] + 2 * unit, tag[1] + unit), text, fill=GROUND, font=font, anchor="lt")
    for place in spared:
        marked.paste(image.crop(place), place[:2])
    return marked


def _unit(widgets: Sequence[FoundWidget]) -> int:
    """Return how many pixels a line is wide: one, and more where widgets are large, as on a dense display."""
    sides = sorted(min(widget.box[2:]) for widget in widgets)
    return min(4, max(1, round(sides[len(sides) // 2] / 20))) if sides else 1


def _rounded(widget: FoundWidget) -> Place:
    left, top, width, height = widget.box
    return int(left // 1), int(top // 1), int(-(-(left + width) // 1)), int(-(-(top + height) // 1))


def _grown(place: Place, by: int) -> Place:
    return place[0] - by, place[1] - by, place[2] + by, place[3] + by


def _outline(pen: ImageDraw.ImageDraw, place: Place, colour: str, unit: int, *, dashed: bool) -> None:
    """Draw lines around a place, first light ones, so that they are seen on any ground."""
    ground, line = _grown(place, 3 * unit), _grown(place, 2 * unit)
    pen.rectangle((ground[0], ground[1], ground[2] - 1, ground[3] - 1), outline=GROUND, width=3 * unit)
    for bar in _bars(line, unit, 4 * unit if dashed else 0):
        pen.rectangle((bar[0], bar[1], bar[2] - 1, bar[3] - 1), fill=colour)


def _bars(place: Place, unit: int, dash: int) -> Iterator[Place]:
    """Yield the bars of a frame `2 * unit` thick around the inside of a place, in dashes of a length or in one."""
    left, top, right, bottom = place
    thick = 2 * unit
    for start, end in _dashes(left, right, dash):
        yield start, top, end, top + thick
        yield start, bottom - thick, end, bottom
    for start, end in _dashes(top, bottom, dash):
        yield left, start, left + thick, end
        yield right - thick, start, right, end


def _dashes(start: int, end: int, dash: int) -> Iterator[tuple[int, int]]:
    if not dash:
        yield start, end
        return
    for at in range(start, end, 2 * dash):
        yield at, min(at + dash, end)


def _size_of_tag(font: Any, text: str, unit: int) -> tuple[int, int]:  # noqa: ANN401  Pillow has two types of fonts
    _, _, width, height = font.getbbox(text, anchor="lt")
    return int(width) + 4 * unit, int(height) + 2 * unit


def _free_place(around: Place, size: tuple[int, int], picture: tuple[int, int], taken: Sequence[Place]) -> Place | None:
    """Return where a tag of a size fits beside a place, on the picture and off what is taken; None where nowhere."""
    left, top, right, bottom = around
    width, height = size
    corners = (
        *((left, top - height), (right - width, top - height), (left, bottom), (right - width, bottom)),
        *((left - width, top), (right, top), (right, bottom - height), (left - width, bottom - height)),
    )
    for x, y in corners:
        tag = x, y, x + width, y + height
        inside = x >= 0 and y >= 0 and tag[2] <= picture[0] and tag[3] <= picture[1]
        if inside and not any(_overlap(tag, other) for other in taken):
            return tag
    return None


def _overlap(one: Place, other: Place) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
