"""Icon sets: what is kept of a package of icons: the drawings, which stand for widgets, and what is left out and why."""

from typing import Literal

from base.settings import Settings

WidgetKind = Literal["checkbox", "radio", "switch"]


class Drawing(Settings):
    """An icon: its viewBox (left, top, width, height) and what is inside its <svg>."""

    box: tuple[float, float, float, float]
    body: str


class IconPair(Settings):
    """Two icons of one set that are one widget on and off."""

    kind: WidgetKind
    on: str
    off: str
    mixed: bool = False


class IconSet(Settings):
    """A set's icons; those in `others` are no widgets, and `left_out` says why an icon is neither.

    `compared` tells whether browsers have drawn them all, and those were left out that cannot be told apart.
    """

    drawings: dict[str, Drawing]
    others: tuple[str, ...]
    pairs: tuple[IconPair, ...]
    left_out: dict[str, str]
    coloured: bool
    compared: bool = False

    def pairs_of(self, kind: str) -> tuple[IconPair, ...]:
        """Return the widgets of a kind."""
        return tuple(pair for pair in self.pairs if pair.kind == kind)
