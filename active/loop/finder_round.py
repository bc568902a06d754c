"""What a round teaches the finder: what was said of places on screenshots, and whether what it learned is worth it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from active.choosing.screen_pool import ScreenPlace, known_places
from active.loop.finder_duel import FinderDuel
from active.loop.loop import Loop
from active.store.events import Event
from active.store.store import LabelStore
from base.arrays import Doubles
from base.errors import ImageError
from base.progress import Bar, OnProgress
from base.settings import Settings
from model.finder_learning.finder_training import FinderSettings, train_finder
from model.finder_learning.known_screens import UNKNOWN_KIND, KnownScreen
from model.finding.box_arrays import box_array, intersection_over_union
from model.finding.cells import FOUND_KINDS
from model.finding.finder_files import PRETRAINED_FINDER
from model.finding.scanner import NO_WIDGET, load_scanner
from model.reading.images import content_hash, decode_bytes, read_bytes
from model.running.readings import BoxPx
from model.screen_evaluation.widget_matching import LEAST_IOU

Verdict = Literal["widget", "none", "wrong", "unsaid"]

SURE = 0.6
"""What is so probably a widget, and of which nobody said anything, is taught as one."""


class JudgedPlace(Settings):
    """A place on a screenshot, and what people said of it: a widget, none, another box, or nothing yet."""

    screen: Path
    box: BoxPx
    kind: str
    enabled: bool
    confidence: float
    verdict: Verdict


class JudgedPlaces(Settings):
    """places.json of a round: all places as they were known when it began."""

    places: tuple[JudgedPlace, ...]


def judge_places(cuts: Path, store: LabelStore) -> JudgedPlaces:
    """Return all places that were cut out into `cuts`, with what the store says of their crops."""
    decisions = store.decisions()
    return JudgedPlaces(places=tuple(_judge(place, decisions) for place in known_places(cuts)))


def _judge(place: ScreenPlace, decisions: Mapping[str, Event]) -> JudgedPlace:
    try:
        said = decisions.get(content_hash(place.crop))
    except ImageError:  # the crop is gone, and nobody can say of what it was said
        said = None
    return JudgedPlace(
        screen=place.screen,
        box=place.box,
        kind=place.kind,
        enabled=place.enabled,
        confidence=place.confidence,
        verdict="unsaid" if said is None else _verdict(said),
    )


def _verdict(said: Event) -> Verdict:
    if said.action == "no_widget" or said.label == NO_WIDGET:
        return "none"
    return "widget" if said.action == "label" else "wrong"


def teach_finder(loop: Loop, judged: JudgedPlaces, out: Path, *, reader: Path, on_progress: Bar) -> FinderDuel | None:
    """Train a finder on the screenshots, and compare it with the present one on what was said of places on them.

    It begins with the finder in the box, as each round's model does with the start. None where nothing was said, or
    nothing is a widget. `reader` is the model that reads crops from now on.

    Raises:
        TrainingError: the loss is not finite.
    """
    screens = known_screens(judged) if any(_is_said(each) for each in judged.places) else []
    if not any((~screen.ignored).any() for screen in screens):
        return None
    settings = FinderSettings(steps=loop.settings.finder_steps, init=PRETRAINED_FINDER, seed=loop.settings.seed)
    train_finder(screens, out=out, settings=settings, overwrite=True, on_progress=on_progress("training the finder"))
    finders = (loop.finder(), out)
    return compare_finders(judged, finders, reader=reader, on_progress=on_progress("judging the finder"))


def known_screens(judged: JudgedPlaces) -> list[KnownScreen]:
    """Return the screenshots as a finder learns them; those that are gone are left out.

    A widget is what people confirmed, and what the scanner is sure of while nobody said anything of it. What it doubts,
    and what has a wrong box, counts neither way. All else is none, as are the places that people refused: taught on
    what people said alone, a finder takes ever more for widgets.
    """
    found = []
    for path, places in _by_screen(judged.places).items():
        try:
            content = read_bytes(path)
            size = decode_bytes(content).image.size
        except ImageError:
            continue
        found.append(_to_known(content, size, places))
    return found


def _is_said(place: JudgedPlace) -> bool:
    return place.verdict in ("widget", "none")


def _by_screen(places: Iterable[JudgedPlace]) -> dict[Path, list[JudgedPlace]]:
    found: dict[Path, list[JudgedPlace]] = {}
    for place in places:
        found.setdefault(place.screen, []).append(place)
    return found


def _to_known(content: bytes, size: tuple[int, int], places: Sequence[JudgedPlace]) -> KnownScreen:
    boxed = [each for each in places if each.verdict != "none"]
    taken = [each.verdict == "widget" or (each.verdict == "unsaid" and each.confidence >= SURE) for each in boxed]
    wanted = np.array(taken, bool)
    kinds = [FOUND_KINDS.index(each.kind) if yes else UNKNOWN_KIND for each, yes in zip(boxed, wanted, strict=True)]
    return KnownScreen(
        content,
        size,
        box_array(each.box for each in boxed),
        np.array(kinds, np.int64),
        ("",) * len(boxed),
        np.array([each.enabled for each in boxed], bool),
        ~wanted,
    )


def compare_finders(
    judged: JudgedPlaces, finders: tuple[Path | None, Path], *, reader: Path, on_progress: OnProgress
) -> FinderDuel:
    """Have the present finder, None for the one in the box, and the new one scan what something was said of."""
    scanners = [load_scanner(reader, finder=finder) for finder in finders]
    counts = np.zeros((2, 2), int)
    widgets = refused = 0
    by_screen = _by_screen(place for place in judged.places if _is_said(place))
    for done, (path, places) in enumerate(by_screen.items()):
        on_progress(done, len(by_screen))
        try:
            image = decode_bytes(read_bytes(path)).image
        except ImageError:
            continue
        boxes = [box_array(each.box for each in places if each.verdict == verdict) for verdict in ("widget", "none")]
        widgets, refused = widgets + len(boxes[0]), refused + len(boxes[1])
        for number, scanner in enumerate(scanners):
            found = box_array(each.box for each in scanner.scan(image))
            counts[number] += [_count_found(known, found) for known in boxes]
    (before, wrong_before), (after, wrong_after) = counts.tolist()
    return FinderDuel(widgets, refused, before, after, wrong_before, wrong_after)


def _count_found(known: Doubles, found: Doubles) -> int:
    return int((intersection_over_union(known, found) >= LEAST_IOU).any(1).sum())
