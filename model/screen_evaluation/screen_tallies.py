"""Tallies: how many widgets are there, found and told right, screen by screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from base.arrays import Indices, Mask, Tallies
from model.running.readings import BoxPx
from model.screen_evaluation.screen_outcomes import ScreenOutcome
from model.screen_evaluation.widget_matching import UNMATCHED


class TallyRow(NamedTuple):
    """What is counted, each a number for each screen, or for each sum over screens.

    `widgets` are there; `hits` overlap a found box, `centred` hold the centre of one; `answers` are the found boxes
    that count by overlap, `right_answers` those that stand for a widget, and so by centre. `stated` widgets have a
    known state, `told` are hit and their state is right; `stated_answers` are the answers but for those whose widget
    has no known state. `kinded_hits` have a known kind. `complete` is 1 where what is wrongly found counts.
    """

    widgets: Tallies
    hits: Tallies
    centred: Tallies
    answers: Tallies
    right_answers: Tallies
    centre_answers: Tallies
    right_centre_answers: Tallies
    stated: Tallies
    stated_hits: Tallies
    told: Tallies
    stated_answers: Tallies
    told_answers: Tallies
    kinded_hits: Tallies
    kind_right: Tallies
    complete: Tallies


class Trait(NamedTuple):
    """What a widget or an answer is sorted by; `side_px` is the shorter one."""

    screen: int
    kind: str
    side_px: float
    origin: str
    library: str


@dataclass(frozen=True)
class OutcomeRows:
    """All screens as two tables: `marks` (M, columns) of the widgets, and of the answers, with what sorts them."""

    screens: int
    complete: Mask
    widgets: tuple[Trait, ...]
    widget_marks: Mask
    answers: tuple[Trait, ...]
    answer_marks: Mask


WIDGET_COLUMNS = ("widgets", "hits", "centred", "stated", "stated_hits", "told", "kinded_hits", "kind_right")
ANSWER_COLUMNS = (
    *("answers", "right_answers", "centre_answers", "right_centre_answers"),
    *("stated_answers", "told_answers"),
)


def tabulate(outcomes: Sequence[ScreenOutcome]) -> OutcomeRows:
    """Return widgets and answers of all screens as tables."""
    widgets, answers, widget_marks, answer_marks = [], [], [], []
    for number, outcome in enumerate(outcomes):
        widgets += [_trait(number, outcome, each.kind, each.box, each.library) for each in outcome.screen.widgets]
        widget_marks += _widget_marks(outcome)
        answers += _answer_traits(number, outcome)
        answer_marks += _answer_marks(outcome)
    return OutcomeRows(
        len(outcomes),
        np.array([outcome.screen.complete for outcome in outcomes], np.bool_),
        tuple(widgets),
        np.array(widget_marks, np.bool_).reshape(-1, len(WIDGET_COLUMNS)),
        tuple(answers),
        np.array(answer_marks, np.bool_).reshape(-1, len(ANSWER_COLUMNS)),
    )


def tally(rows: OutcomeRows, *, widgets: Mask, answers: Mask, screens: Mask) -> TallyRow:
    """Count those widgets and answers, and which of those screens are complete, each (screens,)."""
    counted = {
        **_counts(WIDGET_COLUMNS, rows.widget_marks[widgets], _screens_of(rows.widgets)[widgets], rows.screens),
        **_counts(ANSWER_COLUMNS, rows.answer_marks[answers], _screens_of(rows.answers)[answers], rows.screens),
    }
    return TallyRow(**counted, complete=(rows.complete & screens).astype(np.intp))


def _counts(names: Sequence[str], marks: Mask, places: Indices, screens: int) -> dict[str, Tallies]:
    return {name: np.bincount(places[column], minlength=screens) for name, column in zip(names, marks.T, strict=True)}


def _screens_of(traits: Sequence[Trait]) -> Indices:
    return np.array([trait.screen for trait in traits], np.intp)


def _trait(number: int, outcome: ScreenOutcome, kind: str, box: BoxPx, library: str) -> Trait:
    return Trait(number, kind, min(box[2], box[3]), outcome.screen.origin, library)


def _widget_marks(outcome: ScreenOutcome) -> list[tuple[bool, ...]]:
    found_of = {index: outcome.found[place] for place, index in _pairs(outcome.by_overlap.widget_of)}
    centred = {index for _, index in _pairs(outcome.by_centre.widget_of)}
    marks: list[tuple[bool, ...]] = []
    for index, widget in enumerate(outcome.screen.widgets):
        found, stated = found_of.get(index), bool(widget.state)
        hit = found is not None
        told = stated and found is not None and found.state == widget.state
        kinded = hit and bool(widget.kind)
        right = kinded and found is not None and found.kind == widget.kind
        marks.append((True, hit, index in centred, stated, stated and hit, told, kinded, right))
    return marks


def _answer_traits(number: int, outcome: ScreenOutcome) -> list[Trait]:
    """Sort answers by the widget that they stand for, or else by what they themselves say."""
    traits = []
    for place, found in enumerate(outcome.found):
        overlapped, centred = outcome.by_overlap.widget_of[place], outcome.by_centre.widget_of[place]
        index = int(overlapped if overlapped != UNMATCHED else centred)
        if index == UNMATCHED:
            traits.append(_trait(number, outcome, found.kind, found.box, ""))
        else:
            true = outcome.screen.widgets[index]
            traits.append(_trait(number, outcome, true.kind, true.box, true.library))
    return traits


def _answer_marks(outcome: ScreenOutcome) -> list[tuple[bool, ...]]:
    """Mark what counts: all on screens that are complete, but for what is ignored."""
    marks: list[tuple[bool, ...]] = []
    complete = outcome.screen.complete
    for place, found in enumerate(outcome.found):
        index = outcome.by_overlap.widget_of[place]
        true = outcome.screen.widgets[index] if index != UNMATCHED else None
        counts = complete and not outcome.by_overlap.ignored[place]
        by_centre = complete and not outcome.by_centre.ignored[place]
        centred = bool(outcome.by_centre.widget_of[place] != UNMATCHED)
        stated = counts and (true is None or bool(true.state))
        told = stated and true is not None and found.state == true.state
        marks.append((counts, counts and true is not None, by_centre, by_centre and centred, stated, told))
    return marks


def _pairs(widget_of: Indices) -> list[tuple[int, int]]:
    """Return which place stands for which widget."""
    return [(place, index) for place, index in enumerate(widget_of.tolist()) if index != UNMATCHED]
