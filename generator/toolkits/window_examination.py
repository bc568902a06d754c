"""One window looked at: where its items are, what the toolkit says of them, and whether that can be seen."""

from dataclasses import dataclass
from typing import Protocol

from base.arrays import Pixels
from generator.rendering.difference import SMALLEST_CHANGE
from generator.toolkits.painted_boxes import Edges, change_within, painted_edges, touches, widen
from generator.toolkits.painter_process import ShownWindow
from generator.toolkits.window_plan import IS_MIXED, IS_ON, PlannedItem, PlannedWindow

ROOM_PX = 5
"""How far beyond its place an item may paint, in the toolkit's pixels: half the least gap between two."""

MOST_DRIFT = 0.2
"""The share of an indicator's pixels that may differ between its pictures with and without words."""

ALIKE = "looks alike in both states"
STUCK = "has no other state"
MOVED = "is drawn otherwise without its words"
UNSEEN = "cannot be seen"
CUT_OFF = "is cut off"


class WindowPainter(Protocol):
    """What shows windows: `scale` is how many pixels one of its own has."""

    @property
    def scale(self) -> int:
        """Return the pixels in one of the toolkit's."""

    def show(self, window: PlannedWindow) -> ShownWindow:
        """Show a window and return its pixels and states."""


@dataclass(frozen=True)
class ExaminedItem:
    """An item as it was shown: `state` is what the toolkit says, `fault` why it is left out, if it is.

    `edges` are those of what is painted, of a widget without its words; `words` those of its words; `room` is what no
    other item paints on.
    """

    planned: PlannedItem
    state: str
    enabled: bool
    edges: Edges | None
    words: Edges | None
    room: Edges
    fault: str = ""

    @property
    def shown_state(self) -> str:
        """Return what it counts as: mixed is checked."""
        return IS_ON if self.state == IS_MIXED else self.state


@dataclass(frozen=True)
class ExaminedWindow:
    """A window's pixels, (H, W, 3), and its items."""

    planned: PlannedWindow
    pixels: Pixels
    items: tuple[ExaminedItem, ...]


@dataclass(frozen=True)
class _Looks:
    """The same window four times: as planned, without words, with the other states and empty."""

    whole: ShownWindow
    bare: ShownWindow
    turned: ShownWindow
    empty: ShownWindow


def examine_window(painter: WindowPainter, window: PlannedWindow) -> ExaminedWindow:
    """Have a window shown as it is planned, without its words, with its other states and empty, and compare.

    Raises:
        ToolkitError: as the painter does.
    """
    planned = (window, window.bare(), window.turned(), window.empty())
    looks = _Looks(*map(painter.show, planned))
    turned = iter(looks.turned.items)
    items = []
    for item, told in zip(window.items, looks.whole.items, strict=True):
        room = _room(item, looks.whole.pixels, painter.scale)
        other = next(turned)[0] if item.state else ""
        items.append(_examine(item, told, other, room, looks))
    return ExaminedWindow(window, looks.whole.pixels, tuple(items))


def _room(item: PlannedItem, pixels: Pixels, scale: int) -> Edges:
    left, top, width, height = (length * scale for length in item.box)
    margin = ROOM_PX * scale
    whole = (0, 0, pixels.shape[1], pixels.shape[0])
    return widen((left, top, left + width, top + height), (margin, margin, margin, margin), whole)


def _examine(item: PlannedItem, told: tuple[str, bool], other: str, room: Edges, looks: _Looks) -> ExaminedItem:
    shown = looks.bare if item.state else looks.whole
    edges = painted_edges(shown.pixels, looks.empty.pixels, room)
    words = None if item.focused or not item.state else painted_edges(looks.whole.pixels, looks.bare.pixels, room)
    found = ExaminedItem(item, *told, edges, words, room)
    return ExaminedItem(item, *told, edges, words, room, _find_fault(found, other, looks))


def _find_fault(found: ExaminedItem, other: str, looks: _Looks) -> str:
    """Return why an item cannot be asked for; `other` is what the toolkit said of it in its other state."""
    if found.edges is None:
        return UNSEEN
    if touches(found.edges, found.room):
        return CUT_OFF
    if not found.state:
        return ""
    if (other == found.state) or (found.state == IS_MIXED and other == IS_ON):
        return STUCK
    change = change_within(looks.bare.pixels, looks.turned.pixels, found.edges)
    if change < SMALLEST_CHANGE:
        return ALIKE
    drift = change_within(looks.whole.pixels, looks.bare.pixels, found.edges)
    unlike = drift >= MOST_DRIFT and not found.planned.focused
    return MOVED if unlike or drift >= change_within(looks.whole.pixels, looks.turned.pixels, found.edges) else ""
