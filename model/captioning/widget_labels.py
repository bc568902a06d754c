"""Labels of widgets: the text on a screenshot that belongs to each."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from model.captioning.label_assignment import choose_lines
from model.captioning.text_lines import TextLine, cut_at_widgets, shared
from model.captioning.text_reader import TextReader, load_text_reader
from model.finding.widgets import FoundWidget
from model.running.readings import BoxPx

ONE_ROW = 0.5
"""Lines that share so much of their height are parts of one."""


def assign_labels(widgets: Sequence[FoundWidget], texts: Sequence[TextLine]) -> list[str | None]:
    """Return the text that belongs to each widget, None where none does.

    It may stand right or left of the widget, at the other end of a settings row, above or below; one of several lines
    is joined, a description under it is left out. In a table of choices it is the row's label and the column's head.

    Args:
        widgets: on one picture.
        texts: what any OCR read there.
    """
    chosen = choose_lines(widgets, [line.box for line in texts])
    return [_joined([texts[index] for index in lines]) for lines in chosen]


def label_widgets(
    image: Image.Image, widgets: Sequence[FoundWidget], reader: TextReader | None = None
) -> list[FoundWidget]:
    """Return the widgets with their labels. Only lines that are one are read, which takes most of the time.

    Args:
        image: the RGB screenshot.
        widgets: what was found on it.
        reader: the one that the process shares when None.

    Raises:
        InputError: RapidOCR is not installed.
    """
    reader = reader or load_text_reader()
    if not widgets:
        return []
    boxes = cut_at_widgets(reader.find_lines(image), [widget.box for widget in widgets])
    lines: dict[BoxPx, TextLine] = {}
    while True:
        chosen = choose_lines(widgets, boxes, line_strengths(image, boxes))
        unread = sorted({boxes[index] for label in chosen for index in label} - set(lines))
        if not unread:
            break
        lines |= zip(unread, reader.read_lines(image, unread), strict=True)
        boxes = [box for box in boxes if box not in lines or _has_words(lines[box].text)]  # an arrow is no label
    labels = [_joined([lines[boxes[index]] for index in label]) for label in chosen]
    return [replace(widget, label=label) for widget, label in zip(widgets, labels, strict=True)]


def line_strengths(image: Image.Image, boxes: Sequence[BoxPx]) -> list[float]:
    """Return how much each line stands out: the largest difference of brightness from its ground, 0 to 255."""
    grey = np.asarray(image.convert("L"), dtype=np.int16)
    strengths = []
    for left, top, width, height in boxes:
        part = grey[max(0, int(top)) : int(top + height) + 1, max(0, int(left)) : int(left + width) + 1]
        strengths.append(float(np.abs(part - np.median(part)).max()) if part.size else 0.0)
    return strengths


def _joined(lines: Sequence[TextLine]) -> str | None:
    """Return what the lines say together; parts of one row of a script that runs to the left in its direction."""
    rows: list[list[TextLine]] = []
    for line in lines:
        last = rows[-1][-1].box if rows else None
        if last and shared(line.box[1], line.box[1] + line.box[3], last[1], last[1] + last[3]) > ONE_ROW:
            rows[-1].append(line)
        else:
            rows.append([line])
    texts = [[line.text for line in row] for row in rows]
    words = [" ".join(row[::-1] if _runs_left("".join(row)) else row) for row in texts]
    return " ".join(" ".join(words).split()) or None


def _has_words(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _runs_left(text: str) -> bool:
    directions = [unicodedata.bidirectional(letter) for letter in text]
    return sum(one in ("R", "AL") for one in directions) > directions.count("L")
