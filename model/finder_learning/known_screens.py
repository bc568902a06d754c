"""Screenshots whose widgets are known, as the training takes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from base.arrays import Doubles, Labels, Mask
from base.counting import counted
from base.errors import ImageError, InputError
from base.notes import take_note
from model.finding.cells import FOUND_KINDS
from model.reading.images import decode_bytes, read_bytes
from model.screen_evaluation.screen_sets import read_screen_set
from model.screen_evaluation.true_screens import TrueScreen, refuse_other_size

UNKNOWN_KIND = -1
"""The kind of a widget of which nobody said it."""


@dataclass(frozen=True)
class KnownScreen:
    """A screenshot's encoded bytes, and its N widgets.

    Attributes:
        content: the file.
        size: width and height, px.
        boxes: (N, 4), left, top, width, height.
        kinds: (N,), index in FOUND_KINDS or UNKNOWN_KIND.
        states: N, what each shows; empty where nobody said it.
        enabled: (N,).
        ignored: (N,), neither to be found nor to be left out.
    """

    content: bytes
    size: tuple[int, int]
    boxes: Doubles
    kinds: Labels
    states: tuple[str, ...]
    enabled: Mask
    ignored: Mask

    def image(self) -> Image.Image:
        """Return the picture as a scan sees it: upright, RGB.

        Raises:
            ImageError: it cannot be read.
        """
        return decode_bytes(self.content).image


def read_known_screens(folder: Path) -> Iterator[KnownScreen]:
    """Yield the screenshots of a set all of whose widgets are known; see `read_screen_set`. Others are counted.

    Raises:
        MissingError, InputError: there is no such set, or it is not what it should be; a picture cannot be read, or is
            of another size than the set says.
    """
    screens = read_screen_set(folder).screens
    whole = [screen for screen in screens if screen.complete]
    if len(whole) < len(screens):
        first = next(screen.path for screen in screens if not screen.complete)
        number = counted(len(screens) - len(whole), "screen")
        take_note(f"{folder}: {number} passed over, not all widgets of which are listed: {first}")
    yield from map(_known, whole)


def _known(screen: TrueScreen) -> KnownScreen:
    try:
        content = read_bytes(screen.path)
        refuse_other_size(screen, decode_bytes(content).image.size)
    except ImageError as error:
        raise InputError(f"{screen.path}: {error}") from error
    shown, hidden = screen.widgets, screen.ignore
    kinds = [FOUND_KINDS.index(one.kind) if one.kind in FOUND_KINDS else UNKNOWN_KIND for one in shown]
    return KnownScreen(
        content,
        (screen.width, screen.height),
        np.array([*(one.box for one in shown), *hidden], np.float64).reshape(-1, 4),
        np.array(kinds + [UNKNOWN_KIND] * len(hidden), np.int64),
        (*(one.state for one in shown), *([""] * len(hidden))),
        np.array([one.enabled for one in shown] + [True] * len(hidden), bool),
        np.array([False] * len(shown) + [True] * len(hidden), bool),
    )
