"""The HTML report of an evaluation on screens: every figure, and the screens with what is wrong drawn on them."""

import itertools
from pathlib import Path

from PIL import Image, ImageDraw

from base.document import render_html
from base.errors import ImageError, InputError
from base.files import write_text
from model.evaluation.gallery import GalleryCard, GalleryGroup, Thumbnail
from model.evaluation.page_parts import image_url, read_style
from model.reading.images import read_image
from model.running.readings import BoxPx
from model.screen_evaluation.screen_outcomes import ScreenOutcome
from model.screen_evaluation.screen_result import (
    HEADINGS,
    SUMMARY,
    ScreenEvaluation,
    describe_errors,
    show_bounds,
    show_figure,
    show_precision,
)

MOST_SCREENS_SHOWN = 60
"""Screens with something wrong; the rest of them stand in the JSON."""

LARGEST_SCREEN_PX = 1000
"""The longer side of a screen on the page."""

MISSED, FALSE, WRONG_STATE = "#e00000", "#ff8c00", "#e000e0"
"""What is drawn around: a widget that was not found, what is none, and a state that is another."""


def write_screen_report(evaluation: ScreenEvaluation, path: Path, *, model: str, folder: Path) -> None:
    """Write the page, whole or not at all; `model` and `folder` are named in its heading.

    Raises:
        InputError: `path` is a folder.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; name an HTML file to write")
    values = {
        "evaluation": evaluation,
        "model": model,
        "folder": folder,
        "style": read_style(),
        "summary": SUMMARY,
        "headings": HEADINGS,
        "show_figure": show_figure,
        "show_bounds": show_bounds,
        "show_precision": show_precision,
        "colours": {"missed": MISSED, "false": FALSE, "in the wrong state": WRONG_STATE},
        "screens": error_groups(evaluation, folder),
    }
    write_text(path, render_html("model.screen_evaluation", "screens.html", values))


def error_groups(evaluation: ScreenEvaluation, folder: Path) -> tuple[GalleryGroup, ...]:
    """Return the screens on which something is wrong, worst first, as one group of cards; none where all is right."""
    bad = [outcome for outcome in evaluation.outcomes if outcome.errors]
    cards = tuple(_card(outcome, folder) for outcome in itertools.islice(bad, MOST_SCREENS_SHOWN))
    return (GalleryGroup("something is wrong", cards, len(bad)),) if bad else ()


def _card(outcome: ScreenOutcome, folder: Path) -> GalleryCard:
    path, origin = outcome.screen.path, outcome.screen.origin
    try:
        image = draw_errors(outcome, read_image(path))
        shots: tuple[Thumbnail, ...] = (Thumbnail(image_url(image), image.width, image.height, False),)
    except ImageError:
        shots = ()  # it is gone since
    shown = str(path.relative_to(folder) if path.is_relative_to(folder) else path)
    return GalleryCard(shots, describe_errors(outcome), origin, shown)


def draw_errors(outcome: ScreenOutcome, image: Image.Image) -> Image.Image:
    """Return the screen, no larger than a page holds, with boxes around what is wrong; `image` is used up."""
    before = image.width
    image.thumbnail((LARGEST_SCREEN_PX, LARGEST_SCREEN_PX))
    pen, scale = ImageDraw.Draw(image), image.width / before
    for widget in outcome.missed:
        _outline(pen, widget.box, scale, MISSED)
    for one in outcome.false:
        _outline(pen, one.box, scale, FALSE)
    for one, _ in outcome.wrong_states:
        _outline(pen, one.box, scale, WRONG_STATE)
    return image


def _outline(pen: ImageDraw.ImageDraw, box: BoxPx, scale: float, colour: str) -> None:
    """Draw two pixels around a box, outside of it, so that what is in it can be seen."""
    left, top, right, bottom = (edge * scale for edge in (box[0], box[1], box[0] + box[2], box[1] + box[3]))
    pen.rectangle((left - 3, top - 3, max(right, left + 1) + 2, max(bottom, top + 1) + 2), outline=colour, width=2)
