"""Sightings: what is really seen of a widget on a screen, by the pixels that it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from base.arrays import Pixels
from generator.rendering.difference import SMALLEST_CHANGE, VISIBLE_LEVELS
from generator.rendering.photograph import PlacedItem, PlacedLabel
from generator.sampling.box import Box

PAINTED_LEVELS = 6
"""By how many of 255 levels a pixel must differ from what is behind the widget to be part of it."""

LEAST_PAINTED = 0.2
"""The share of its place that what is painted of a widget must take up for it to be more than faint."""

LEAST_VISIBLE = 0.05
"""Of what less is seen, nothing is said."""

MOST_CUT = 0.25
"""What of a widget may be cut off or covered before it is too little to be asked for."""


@dataclass(frozen=True)
class SeenWidget:
    """A widget as it is seen, in the picture's pixels: the smallest box around what it paints, and its label.

    `visible` is the share of it that is seen. `faint` says that it hardly differs from the ground.
    """

    box: Box
    visible: float
    veiled: bool
    faint: bool
    label: PlacedLabel | None

    @property
    def ignored(self) -> bool:
        """Tell whether it is neither missed nor wrongly found: much of it is cut off, it is faint or in the shade."""
        return self.veiled or self.faint or self.visible < 1 - MOST_CUT

    def within(self, window: Box) -> "SeenWidget":
        """Return what is seen of it in a part of the picture, by that part's pixels."""
        box, label = self.box.clipped(window), self.label
        area = self.box.width * self.box.height
        kept = box.width * box.height / area if area else 0.0
        if label:
            inside = label.box.clipped(window)
            clear = inside.width * inside.height > 0
            label = replace(label, box=inside.moved(-window.x, -window.y)) if clear else None
        return replace(self, box=box.moved(-window.x, -window.y), visible=self.visible * kept, label=label)

    def scaled(self, horizontal: float, vertical: float) -> "SeenWidget":
        """Return it after its picture was resized by these factors."""
        label = replace(self.label, box=self.label.box.scaled(horizontal, vertical)) if self.label else None
        return replace(self, box=self.box.scaled(horizontal, vertical), label=label)


def sightings(places: Mapping[int, PlacedItem], pixels: Pixels, bare: Pixels, *, scale: float) -> dict[int, SeenWidget]:
    """Return what is seen of items at `places` (CSS pixels), by their numbers: of those that paint anything there.

    `bare` is the picture without any of them.
    """
    found = {}
    for number, place in places.items():
        if place.visible < LEAST_VISIBLE:
            continue
        painted = _painted(place.box.scaled(scale, scale), pixels, bare)
        if painted is not None:
            label = replace(place.label, box=place.label.box.scaled(scale, scale)) if place.label else None
            box, faint = painted
            found[number] = SeenWidget(box, place.visible, place.veiled, faint, label)
    return found


def _painted(box: Box, pixels: Pixels, bare: Pixels) -> tuple[Box, bool] | None:
    """Return the part of the box that the widget paints, and whether it is faint; nothing where it paints nothing."""
    height, width = pixels.shape[:2]
    room = box.rounded().clipped(Box(0, 0, width, height))
    rows, columns = slice(int(room.y), int(room.bottom)), slice(int(room.x), int(room.right))
    levels = np.abs(pixels[rows, columns].astype(np.int16) - bare[rows, columns].astype(np.int16)).max(axis=2)
    painted = levels > PAINTED_LEVELS
    if not painted.any():
        return None
    down, right = np.flatnonzero(painted.any(axis=1)), np.flatnonzero(painted.any(axis=0))
    x, y = room.x + float(right[0]), room.y + float(down[0])
    tight = Box(x, y, float(right[-1] - right[0] + 1), float(down[-1] - down[0] + 1))
    # White edges on white leave a line of what is a box: too little to say where it ends.
    sparse = tight.width * tight.height < LEAST_PAINTED * levels.size
    return tight, sparse or bool((levels > VISIBLE_LEVELS).mean() < SMALLEST_CHANGE)
