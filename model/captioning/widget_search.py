"""Finding a widget by its label."""

import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from base.errors import NoSuchWidgetError, SeveralWidgetsError
from model.finding.widgets import FoundWidget

SIMILAR = 0.75
"""How alike a label has to be that is neither equal nor holds the text (`difflib.SequenceMatcher.ratio`)."""

AS_SIMILAR = 0.05
"""A label that is less alike than the best one by no more than this is meant as likely."""

MOST_NEAREST = 5

UNDECOMPOSED = str.maketrans("ıłøđħŧæœ", "ilodhtao")
"""Letters that Unicode does not take apart into a letter and an accent."""


@dataclass(frozen=True)
class WidgetSearch:
    """What a text may mean.

    Attributes:
        text: what was asked for.
        how: `exact`, `contains` or `similar`; None where nothing matches.
        matches: the widgets that match so, the best first; those that match less well are not among them.
        nearest: labels that came nearest, best first.
    """

    text: str
    how: str | None
    matches: tuple[FoundWidget, ...]
    nearest: tuple[str, ...]


def search_widgets(widgets: Sequence[FoundWidget], text: str) -> WidgetSearch:
    """Return the widgets whose label is the text, or else those whose label holds it, or else those whose is like it.

    Case, accents, spaces and punctuation at the ends do not matter.
    """
    wanted = fold_label(text)
    labelled = [(fold_label(widget.label or ""), widget) for widget in widgets]
    labelled = [(label, widget) for label, widget in labelled if label and wanted]
    likeness = {label: difflib.SequenceMatcher(None, wanted, label).ratio() for label, _ in labelled}
    labelled.sort(key=lambda pair: -likeness[pair[0]])
    best = max(likeness.values(), default=0.0)
    nearest = tuple(dict.fromkeys(widget.label or "" for _, widget in labelled))[:MOST_NEAREST]
    ways = {
        "exact": [widget for label, widget in labelled if _close(label) == _close(wanted)],
        "contains": [widget for label, widget in labelled if wanted in label],
        "similar": [widget for label, widget in labelled if likeness[label] >= max(SIMILAR, best - AS_SIMILAR)],
    }
    for how, matches in ways.items():
        if matches:
            return WidgetSearch(text, how, tuple(matches), nearest)
    return WidgetSearch(text, None, (), nearest)


def find_widget(widgets: Sequence[FoundWidget], text: str) -> FoundWidget:
    """Return the one widget that the text means; see `search_widgets`.

    Raises:
        NoSuchWidgetError: there is none; says which labels came nearest.
        SeveralWidgetsError: there is more than one; says which.
    """
    found = search_widgets(widgets, text)
    if not found.matches:
        nearest = ", ".join(f"'{label}'" for label in found.nearest) or "none: no widget has a label"
        raise NoSuchWidgetError(f"no widget is labelled '{text}'; nearest labels: {nearest}")
    if len(found.matches) > 1:
        listed = "; ".join(in_words(widget) for widget in found.matches)
        raise SeveralWidgetsError(f"{len(found.matches)} widgets match '{text}' ({found.how}): {listed}")
    return found.matches[0]


def in_words(widget: FoundWidget) -> str:
    """Return what a widget is, shows and says, how sure that is, and where it is."""
    label = f" '{widget.label}'" if widget.label else ""
    left, top, width, height = (round(value) for value in widget.box)
    off = " disabled" if widget.enabled is False else ""
    return f"{widget.kind}{label} {widget.state}{off} {widget.state_confidence:.0%} at {left},{top} {width}x{height}"


def fold_label(text: str) -> str:
    """Return the text without case, accents, further spaces, and punctuation at its ends."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(UNDECOMPOSED))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = " ".join(bare.split())
    kept = [index for index, letter in enumerate(words) if letter.isalnum()]
    return words[kept[0] : kept[-1] + 1] if kept else words


def _close(text: str) -> str:
    return "".join(text.split())
