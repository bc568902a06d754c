"""Outcomes: what was found on a screen beside what is there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from base.arrays import Doubles
from model.finding.box_arrays import box_array, clipped_boxes
from model.finding.widgets import FoundWidget
from model.running.readings import BoxPx
from model.screen_evaluation.true_screens import TrueScreen, TrueWidget
from model.screen_evaluation.widget_matching import UNMATCHED, BoxMatches, match_by_centre, match_by_overlap


@dataclass(frozen=True)
class ScreenOutcome:
    """One screen, what was found on it, and what stands for what."""

    screen: TrueScreen
    found: tuple[FoundWidget, ...]
    by_overlap: BoxMatches
    by_centre: BoxMatches

    @cached_property
    def missed(self) -> tuple[TrueWidget, ...]:
        """Return the widgets that no found box stands for."""
        there = set(self.by_overlap.widget_of.tolist())
        return tuple(widget for index, widget in enumerate(self.screen.widgets) if index not in there)

    @cached_property
    def false(self) -> tuple[FoundWidget, ...]:
        """Return what was found where no widget is; nothing where the set may not list all."""
        fates = zip(self.found, self.by_overlap.widget_of, self.by_overlap.ignored, strict=True)
        return tuple(
            one for one, index, ignored in fates if self.screen.complete and index == UNMATCHED and not ignored
        )

    @cached_property
    def wrong_states(self) -> tuple[tuple[FoundWidget, TrueWidget], ...]:
        """Return what was found and shows another state than was told."""
        pairs = zip(self.found, self.by_overlap.widget_of, strict=True)
        matched = [(one, self.screen.widgets[index]) for one, index in pairs if index != UNMATCHED]
        return tuple((one, true) for one, true in matched if one.state and true.state and one.state != true.state)

    @property
    def errors(self) -> int:
        """Return how many widgets are missed, wrongly found or in the wrong state."""
        return len(self.missed) + len(self.false) + len(self.wrong_states)


def judge_screen(screen: TrueScreen, found: Sequence[FoundWidget]) -> ScreenOutcome:
    """Match what was found on a screen, both clipped to the picture, with what is there."""
    boxes = _on_picture(screen, (one.box for one in found))
    true = _on_picture(screen, (widget.box for widget in screen.widgets))
    ignore = _on_picture(screen, screen.ignore)
    confidence = np.array([one.confidence for one in found], np.float64)
    return ScreenOutcome(
        screen,
        tuple(found),
        match_by_overlap(boxes, true, ignore, confidence),
        match_by_centre(boxes, true, ignore, confidence),
    )


def _on_picture(screen: TrueScreen, boxes: Iterable[BoxPx]) -> Doubles:
    return clipped_boxes(box_array(boxes), screen.width, screen.height)
