"""Measuring what finds widgets on whole screens."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from base.arrays import Mask
from base.counting import counted
from base.errors import ImageError, InputError
from base.notes import take_note
from base.progress import OnProgress
from model.finding.scanner import Scan
from model.reading.images import Unreadable, decode_image
from model.screen_evaluation.average_precision import AveragePrecision, average_precision, has_pycocotools
from model.screen_evaluation.screen_figures import draw_screens, with_intervals, without
from model.screen_evaluation.screen_outcomes import ScreenOutcome, judge_screen
from model.screen_evaluation.screen_result import FoundSlice, ScreenEvaluation
from model.screen_evaluation.screen_tallies import OutcomeRows, Trait, tabulate, tally
from model.screen_evaluation.true_screens import ScreenSet, refuse_other_size
from model.screen_evaluation.widget_words import OUR_KINDS

SIDES_PX = {
    "under 14 px": (0.0, 14.0),
    "14 to 20 px": (14.0, 20.0),
    "20 to 32 px": (20.0, 32.0),
    "32 px and more": (32.0, 1e5),
}
"""Sizes by the shorter side: from, and below."""

OF_ANSWERS = frozenset({"precision", "f1", "centre_precision", "centre_f1", "end_to_end_f1", "false_per_screen"})
"""Figures that need to know what a wrongly found box was taken for."""

OF_STATES = frozenset({"state_accuracy", "end_to_end_recall", "end_to_end_f1"})
"""Figures of those who tell states."""

SlicePrecision = Callable[[], AveragePrecision]


def evaluate_screens(
    scan: Scan, screens: ScreenSet, *, seed: int = 0, on_progress: OnProgress | None = None
) -> ScreenEvaluation:
    """Have widgets found on the screens of a set, and compare with what is there.

    Args:
        scan: whatever finds them, as a scanner does; states and kinds that it does not tell are empty.
        screens: read by `model.screen_evaluation.screen_sets.read_screen_set`.
        seed: of the samples that intervals are from.
        on_progress: called with screens done and in all.

    Raises:
        InputError: no screen can be read, or one is of another size than the set says.
    """
    outcomes, unreadable = [], []
    for done, screen in enumerate(screens.screens, start=1):
        try:
            image = decode_image(screen.path)
        except ImageError as error:
            unreadable.append(Unreadable(screen.path, str(error)))
            continue
        refuse_other_size(screen, image.size)
        outcomes.append(judge_screen(screen, scan(image)))
        if on_progress:
            on_progress(done, len(screens.screens))
    if not outcomes:
        first = unreadable[0]
        raise InputError(f"none of {counted(len(unreadable), 'screen')} can be read; {first.path}: {first.reason}")
    return replace(measure_outcomes(outcomes, screens.origin_name, seed=seed), unreadable=tuple(unreadable))


def measure_outcomes(outcomes: Sequence[ScreenOutcome], origin_name: str, *, seed: int = 0) -> ScreenEvaluation:
    """Return the figures of what was found on screens, overall and by what widgets are sorted by.

    Args:
        outcomes: one a screen.
        origin_name: what the screens' origins are called.
        seed: of the samples that intervals are from.
    """
    cut = _Cutter(outcomes, seed)
    slices = {
        "kind": [cut.by_kind(kind) for kind in OUR_KINDS],
        "size": [cut.by_side(name) for name in SIDES_PX],
        origin_name: _worst_first(cut.by_origin(name) for name in cut.names("origin")),
        "library": _worst_first(cut.by_library(name) for name in cut.names("library")),
    }
    shown = {name: tuple(one for one in group if one.widgets) for name, group in slices.items()}
    return ScreenEvaluation(
        whole=cut.whole(),
        answers=sum(len(outcome.found) for outcome in outcomes),
        slices={name: group for name, group in shown.items() if group},
        outcomes=tuple(sorted(outcomes, key=lambda outcome: -outcome.errors)),
        warnings=tuple(_warnings(outcomes)),
    )


class _Cutter:
    """Cuts outcomes into slices, each measured on the same samples of screens."""

    def __init__(self, outcomes: Sequence[ScreenOutcome], seed: int) -> None:
        found = [one for outcome in outcomes for one in outcome.found]
        self.outcomes = outcomes
        self.rows: OutcomeRows = tabulate(outcomes)
        self.samples = draw_screens(len(outcomes), seed=seed)
        self.kindless = any(not one.kind for one in found)
        self.unknown = OF_STATES if found and not any(one.state for one in found) else frozenset[str]()
        if self.kindless:
            self.unknown |= {"kind_accuracy"}
        self.precise = has_pycocotools()
        if not self.precise:
            take_note("average precision is left out, for it needs pycocotools; pip install 'boxwright[screens]'")

    def names(self, trait: str) -> list[str]:
        """Return what widgets are sorted by; nothing where the set does not tell it."""
        found = {getattr(each, trait) for each in self.rows.widgets}
        return sorted(found - {""})

    def whole(self) -> FoundSlice:
        """Return all widgets."""
        return self._cut("all", lambda _: True, partial(average_precision, self.outcomes))

    def by_kind(self, kind: str) -> FoundSlice:
        """Return the widgets of a kind."""
        precision = None if self.kindless else partial(average_precision, self.outcomes, kind=kind)
        unknown = OF_ANSWERS if self.kindless else frozenset[str]()
        return self._cut(kind, lambda each: each.kind == kind, precision, unknown=unknown)

    def by_side(self, name: str) -> FoundSlice:
        """Return the widgets of a size."""
        least, below = SIDES_PX[name]
        precision = partial(average_precision, self.outcomes, sides_px=(least, below))
        return self._cut(name, lambda each: least <= each.side_px < below, precision)

    def by_origin(self, name: str) -> FoundSlice:
        """Return the widgets of screens of one origin."""
        there = [outcome for outcome in self.outcomes if outcome.screen.origin == name]
        screens = np.array([outcome.screen.origin == name for outcome in self.outcomes], np.bool_)
        precision = partial(average_precision, there)
        return self._cut(name, lambda each: each.origin == name, precision, screens=screens)

    def by_library(self, name: str) -> FoundSlice:
        """Return the widgets that a library's families drew; what is wrongly found is of none."""
        return self._cut(name, lambda each: each.library == name, None, unknown=OF_ANSWERS)

    def _cut(
        self,
        name: str,
        belongs: Callable[[Trait], bool],
        precision: SlicePrecision | None,
        *,
        screens: Mask | None = None,
        unknown: frozenset[str] = frozenset(),
    ) -> FoundSlice:
        widgets, answers = (np.array([belongs(each) for each in group], np.bool_) for group in self._traits())
        there = np.ones(self.rows.screens, np.bool_) if screens is None else screens
        counts = tally(self.rows, widgets=widgets, answers=answers, screens=there)
        figures = without(with_intervals(counts, self.samples), self.unknown | unknown)
        score = precision() if precision is not None and self.precise else None
        return FoundSlice(name, int(counts.widgets.sum()), int(there.sum()), figures, score)

    def _traits(self) -> tuple[tuple[Trait, ...], tuple[Trait, ...]]:
        return self.rows.widgets, self.rows.answers


def _worst_first(group: Iterator[FoundSlice]) -> list[FoundSlice]:
    return sorted(group, key=lambda one: (one.figures["recall"].value or 0.0, one.name))


def _warnings(outcomes: Sequence[ScreenOutcome]) -> Iterator[str]:
    partial_lists = sum(not outcome.screen.complete for outcome in outcomes)
    if partial_lists:
        yield f"{counted(partial_lists, 'screen lists', 'screens list')} some of the widgets: nothing is false there"
