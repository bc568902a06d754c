"""The HTML report of an evaluation: one self-contained file with every figure and the pictures that went wrong."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from base.document import render_html
from base.errors import ImageError, InputError
from base.files import write_text
from model.evaluation.compare import Disagreement
from model.evaluation.evaluation_result import Evaluation, Mistake, show
from model.evaluation.flips import Pair
from model.evaluation.page_parts import data_url, image_url, read_style
from model.reading.images import read_image

MOST_SHOWN = 60
"""Pictures of one kind; the rest of them stand in the JSON, and a page of thousands would not open on a phone."""

LARGEST_SIDE_PX = 480
ROOM_PX = (250, 110)
LARGEST_ZOOM = 4


DrawMap = Callable[[Image.Image, str], Image.Image]
"""From a picture and a class to the picture with a map over it: what of it speaks for that class."""


@dataclass(frozen=True)
class Thumbnail:
    """A picture as a data URL and the size it is shown at; enlarged by whole numbers, so that pixels stay even."""

    source: str
    width: int
    height: int
    enlarged: bool


@dataclass(frozen=True)
class GalleryCard:
    """One or two pictures with a title, a note, and the path below; `confidence` is None where there are two."""

    shots: tuple[Thumbnail, ...]
    title: str
    note: str
    path: str
    confidence: float | None = None


@dataclass(frozen=True)
class GalleryGroup:
    """Cards of one kind, and how many there are in all."""

    name: str
    cards: tuple[GalleryCard, ...]
    total: int


def write_evaluation_report(
    evaluation: Evaluation, path: Path, *, model: str, folder: Path, draw_map: DrawMap | None = None
) -> None:
    """Write the page, whole or not at all; `model` and `folder` are named in its heading.

    With `draw_map`, each picture stands beside what of it speaks for the model's answer.

    Raises:
        InputError: `path` is a folder.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; name an HTML file to write")
    comparison = evaluation.comparison
    values = {
        "evaluation": evaluation,
        "model": model,
        "folder": folder,
        "style": read_style(),
        "show": show,
        "with_maps": draw_map is not None,
        **_draw(evaluation),
        "mistakes": mistake_groups(evaluation.mistakes, folder, draw_map),
        "pairs": pair_groups(evaluation.pairs.failed, folder, draw_map) if evaluation.pairs else (),
        "differing": differing_groups(comparison.differing, folder, draw_map) if comparison else (),
    }
    write_text(path, render_html("model.evaluation", "gallery.html", values))


def _draw(evaluation: Evaluation) -> dict[str, Any]:
    from model.evaluation import plots  # here, because it loads Matplotlib, and others borrow the cards alone

    return {
        "reliability": data_url(plots.draw_reliability(evaluation.calibration.bins)),
        "confusion": data_url(plots.draw_confusion(evaluation.classes, evaluation.confusion)),
        "robustness": [data_url(plots.draw_robustness(curve)) for curve in evaluation.robustness],
    }


def mistake_groups(
    mistakes: Sequence[Mistake], folder: Path, draw_map: DrawMap | None = None
) -> tuple[GalleryGroup, ...]:
    """Return mistakes by label and prediction, the commonest first, each most confident first."""
    grouped: defaultdict[str, list[Mistake]] = defaultdict(list)
    for mistake in mistakes:
        grouped[f"{mistake.label} → {mistake.prediction}"].append(mistake)
    order = sorted(grouped.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        _group(name, items, (_mistake_card(item, folder, draw_map) for item in items)) for name, items in order
    )


def pair_groups(failed: Sequence[Pair], folder: Path, draw_map: DrawMap | None = None) -> tuple[GalleryGroup, ...]:
    """Return the pairs that are not both right by what they do instead."""
    grouped: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in failed:
        grouped[pair.outcome].append(pair)
    return tuple(
        _group(name, items, (_pair_card(item, folder, draw_map) for item in items)) for name, items in grouped.items()
    )


def differing_groups(
    differing: Sequence[Disagreement], folder: Path, draw_map: DrawMap | None = None
) -> tuple[GalleryGroup, ...]:
    """Return the pictures that two models take for different things by which of them is right."""
    grouped: defaultdict[str, list[Disagreement]] = defaultdict(list)
    for item in differing:
        right = "the other" if item.other_prediction == item.label else "this" if item.prediction == item.label else ""
        grouped[f"only {right} model is right" if right else "both are wrong"].append(item)
    return tuple(
        _group(name, items, (_difference_card(it, folder, draw_map) for it in items)) for name, items in grouped.items()
    )


def _group(name: str, items: Sequence[object], cards: Iterator[GalleryCard]) -> GalleryGroup:
    return GalleryGroup(name, tuple(itertools.islice(cards, MOST_SHOWN)), len(items))


def _mistake_card(item: Mistake, folder: Path, draw_map: DrawMap | None) -> GalleryCard:
    title = f"{item.confidence:.0%} {item.prediction}"
    shots = _shots([(item.path, item.prediction)], draw_map)
    return GalleryCard(shots, title, item.family, _name(item.path, folder), item.confidence)


def _pair_card(item: Pair, folder: Path, draw_map: DrawMap | None) -> GalleryCard:
    answers = " and ".join(
        f"{label} taken for {answer}" if label != answer else f"{label} right"
        for label, answer in zip(item.labels, item.predictions, strict=True)
    )
    shots = _shots(zip(item.paths, item.predictions, strict=True), draw_map)
    return GalleryCard(shots, answers, "", ", ".join(_name(path, folder) for path in item.paths))


def _difference_card(item: Disagreement, folder: Path, draw_map: DrawMap | None) -> GalleryCard:
    note = f"other model: {item.other_confidence:.0%} {item.other_prediction}"
    title = f"this model: {item.confidence:.0%} {item.prediction}"
    shots = _shots([(item.path, item.prediction)], draw_map)
    return GalleryCard(shots, title, f"{note}; label: {item.label}", _name(item.path, folder), item.confidence)


def _name(path: Path, folder: Path) -> str:
    """Return the path below the folder."""
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _shots(answered: Iterable[tuple[Path, str]], draw_map: DrawMap | None) -> tuple[Thumbnail, ...]:
    """Return the pictures that are still there, each followed by the map of its answer, if that is drawn."""
    shots: list[Thumbnail] = []
    for path, answer in answered:
        try:
            image = read_image(path)
        except ImageError:
            continue
        shots += shots_of(thumbnail(image), answer, draw_map)
    return tuple(shots)


def shots_of(image: Image.Image, answer: str, draw_map: DrawMap | None) -> tuple[Thumbnail, ...]:
    """Return a picture no larger than `thumbnail` makes it, followed by the map of its answer, if that is drawn."""
    shot = make_shot(image)
    if draw_map is None:
        return (shot,)
    drawn = thumbnail(draw_map(image.convert("RGB"), answer))
    return shot, Thumbnail(image_url(drawn), shot.width, shot.height, enlarged=False)


def thumbnail(image: Image.Image) -> Image.Image:
    """Return the picture at no more than the size that a page holds."""
    image.thumbnail((LARGEST_SIDE_PX, LARGEST_SIDE_PX))
    return image


def make_shot(image: Image.Image) -> Thumbnail:
    """Return a thumbnail at the size it is shown at."""
    room = min(ROOM_PX[0] / image.width, ROOM_PX[1] / image.height)
    zoom = min(int(room), LARGEST_ZOOM) if room >= 1 else room
    width, height = max(1, round(image.width * zoom)), max(1, round(image.height * zoom))
    return Thumbnail(image_url(image), width, height, zoom > 1)
