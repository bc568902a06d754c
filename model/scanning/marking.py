"""A screen with its widgets marked: an outline around each, coloured by state, and what was read beside it."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from model.finding.widgets import FoundWidget
from model.scanning.screen_rows import certainty_of

STATE_COLOURS = ("#1565e6", "#d9480f", "#7a3fc9", "#00796b")
"""Of the states, in the order of the scanner; more states begin again."""

UNSURE = 0.8
"""What is less certain is dashed."""

GROUND = "#ffffff"

STEPS = 40
"""Half the height of a tag each, that it may stand away from its widget: beyond the words that belong to it."""

FLAT = 40
"""Levels of brightness within which a part of a picture shows no words."""

Place = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels; the last two are outside."""


def state_colours(states: Sequence[str]) -> dict[str, str]:
    """Return a colour for each state."""
    return {state: STATE_COLOURS[place % len(STATE_COLOURS)] for place, state in enumerate(states)}


def mark_widgets(image: Image.Image, widgets: Sequence[FoundWidget], states: Sequence[str]) -> Image.Image:
    """Return a copy of the picture with outlines and tags; no widget's own pixels are covered.

    A tag stands beside its widget, or further on in its row, where it covers nothing: no widget, no other tag and no
    words. Where it has no room it is shortened to the percentage, and left out at last.
    """
    marked = image.copy()
    pen, colours = ImageDraw.Draw(marked), state_colours(states)
    unit = _unit(widgets)
    spared = [_rounded(widget) for widget in widgets]
    for widget, place in zip(widgets, spared, strict=True):
        _outline(pen, place, colours[widget.state], unit, dashed=certainty_of(widget) < UNSURE)
    font = ImageFont.load_default(10 * unit)
    taken = [_grown(place, 4 * unit) for place in spared]
    for widget, place in zip(widgets, spared, strict=True):
        share = f"{certainty_of(widget):.0%}"
        texts = {text: _size_of_tag(font, text, unit) for text in (f"{widget.state} {share}", share)}
        found = _place_tag(image, _grown(place, 4 * unit), texts, taken)
        if found is not None:
            text, tag = found
            taken.append(tag)
            pen.rectangle(_drawn(tag), fill=colours[widget.state])
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


def _drawn(place: Place) -> Place:
    """Return a place as Pillow wants it, with the last pixels inside."""
    return place[0], place[1], place[2] - 1, place[3] - 1


def _outline(pen: ImageDraw.ImageDraw, place: Place, colour: str, unit: int, *, dashed: bool) -> None:
    """Draw a line around a place, with a light one at either side, so that it is seen on any ground."""
    pen.rectangle(_drawn(_grown(place, 4 * unit)), outline=GROUND, width=4 * unit)
    for bar in _bars(_grown(place, 3 * unit), unit, 4 * unit if dashed else 0):
        pen.rectangle(_drawn(bar), fill=colour)


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


def _place_tag(
    image: Image.Image, around: Place, texts: Mapping[str, tuple[int, int]], taken: Sequence[Place]
) -> tuple[str, Place] | None:
    """Return which text goes where beside a place; None where there is no room.

    Args:
        image: what is only covered where it is flat.
        around: the place.
        texts: and their sizes, the best first.
        taken: what must not be covered.
    """
    for text, size in texts.items():
        for tag in itertools.chain(_corners(around, size), _further_on(around, size, taken)):
            if _fits(tag, image, taken) and _unevenness(image, tag) < FLAT:
                return text, tag
    return None


def _corners(around: Place, size: tuple[int, int]) -> Iterator[Place]:
    """Yield where a tag of a size can stand: above and below."""
    left, top, right, bottom = around
    width, height = size
    for x, y in ((left, top - height), (right - width, top - height), (left, bottom), (right - width, bottom)):
        yield x, y, x + width, y + height


def _further_on(around: Place, size: tuple[int, int], taken: Sequence[Place]) -> Iterator[Place]:
    """Yield places in the widget's row, to the right of it and then to the left, up to what is taken."""
    left, top, right, bottom = around
    width, height = size
    y = (top + bottom - height) // 2
    for start, step in ((right, height // 2), (left - width, -(height // 2))):
        for x in range(start, start + step * STEPS, step):
            tag = x, y, x + width, y + height
            if any(_overlap(tag, other) for other in taken):
                break
            yield tag


def _fits(tag: Place, image: Image.Image, taken: Sequence[Place]) -> bool:
    inside = tag[0] >= 0 and tag[1] >= 0 and tag[2] <= image.width and tag[3] <= image.height
    return inside and not any(_overlap(tag, other) for other in taken)


def _unevenness(image: Image.Image, place: Place) -> int:
    """Return how many levels of brightness lie between the darkest and the lightest pixel of a place."""
    darkest, lightest = image.crop(place).convert("L").getextrema()
    return int(lightest) - int(darkest)  # type: ignore[arg-type]  # of one band, they are two numbers


def _overlap(one: Place, other: Place) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
