"""Average precision by pycocotools, which papers on detectors give."""

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from base.errors import InputError
from model.running.readings import BoxPx
from model.screen_evaluation.screen_outcomes import ScreenOutcome
from model.screen_evaluation.true_screens import TrueWidget

MOST_FOUND = 1000
"""Found boxes a screen that count; COCO's own 100 are fewer than some screens have widgets."""

EVERY_SIDE = (0.0, 1e5)
"""The sides of all widgets."""


@dataclass(frozen=True)
class AveragePrecision:
    """The mean precision over recalls: at IoU 0.5, and as the mean over IoU 0.5 to 0.95; None without widgets."""

    at_half: float | None
    mean: float | None


def has_pycocotools() -> bool:
    """Tell whether average precision can be computed here."""
    import importlib.util

    return importlib.util.find_spec("pycocotools") is not None


def average_precision(
    outcomes: Sequence[ScreenOutcome], *, kind: str = "", sides_px: tuple[float, float] = EVERY_SIDE
) -> AveragePrecision:
    """Return the average precision on screens that list all their widgets; places alone count, not states.

    Args:
        outcomes: of the screens.
        kind: of this kind alone, found and true; of all where it is empty.
        sides_px: of widgets whose shorter side is so long, from and below; what is found beside them is left out so.

    Raises:
        InputError: pycocotools is not installed.
    """
    complete = [outcome for outcome in outcomes if outcome.screen.complete]
    truths, found = list(_truths(complete, kind)), list(_found(complete, kind))
    if not any(_is_asked_for(widget, kind, sides_px) for outcome in complete for widget in outcome.screen.widgets):
        return AveragePrecision(None, None)
    return _by_coco(truths, found, len(complete), sides_px) if found else AveragePrecision(0.0, 0.0)


def _is_asked_for(widget: TrueWidget, kind: str, sides_px: tuple[float, float]) -> bool:
    return kind in ("", widget.kind) and sides_px[0] <= min(widget.box[2:]) < sides_px[1]


def _by_coco(
    truths: list[dict[str, object]], found: list[dict[str, object]], screens: int, sides_px: tuple[float, float]
) -> AveragePrecision:
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as error:
        raise InputError("average precision needs pycocotools; pip install 'boxwright[screens]'") from error
    true, guesses = COCO(), COCO()
    with contextlib.redirect_stdout(io.StringIO()):  # it prints as it goes
        for coco, annotations in ((true, truths), (guesses, found)):
            images = [{"id": number} for number in range(1, screens + 1)]
            coco.dataset = {"images": images, "categories": [{"id": 1}], "annotations": annotations}
            coco.createIndex()
        judge = COCOeval(true, guesses, "bbox")
        judge.params.maxDets = [MOST_FOUND]
        judge.params.areaRng = [[sides_px[0] ** 2, sides_px[1] ** 2 - 1e-6]]
        judge.params.areaRngLbl = ["all"]
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, 0, 0, 0]
    return AveragePrecision(float(precision[0].mean()), float(precision.mean()))


def _truths(outcomes: Sequence[ScreenOutcome], kind: str) -> Iterator[dict[str, object]]:
    numbers = count(1)  # COCO takes 0 for no match
    for screen, outcome in enumerate(outcomes, start=1):
        there = [widget.box for widget in outcome.screen.widgets if kind in ("", widget.kind)]
        for crowd, boxes in ((0, there), (1, outcome.screen.ignore)):
            yield from (_annotation(next(numbers), screen, box) | {"iscrowd": crowd} for box in boxes)


def _found(outcomes: Sequence[ScreenOutcome], kind: str) -> Iterator[dict[str, object]]:
    numbers = count(1)
    for screen, outcome in enumerate(outcomes, start=1):
        for one in outcome.found:
            if kind in ("", one.kind):
                yield _annotation(next(numbers), screen, one.box) | {"score": one.confidence, "iscrowd": 0}


def _annotation(number: int, screen: int, box: BoxPx) -> dict[str, object]:
    """Return an annotation whose area is the square of the shorter side, by which it is sorted out."""
    return {"id": number, "image_id": screen, "category_id": 1, "bbox": list(box), "area": min(box[2], box[3]) ** 2}
