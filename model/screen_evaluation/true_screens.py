"""Screens of which is known where their widgets are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.errors import InputError
from model.running.readings import BoxPx


@dataclass(frozen=True)
class TrueWidget:
    """A widget that is there; kind and state are empty where the set does not tell them.

    `library` is that of the family that drew it, empty where there is none; `enabled` is True where nothing says
    otherwise.
    """

    box: BoxPx
    kind: str
    state: str
    library: str = ""
    enabled: bool = True


@dataclass(frozen=True)
class TrueScreen:
    """A screen and all its widgets; boxes in `ignore` count neither as missed nor as wrongly found.

    `complete` is False where there may be more widgets than are listed, so that nothing is wrongly found. `origin` is
    its lineage or layout, empty where the set tells none.
    """

    path: Path
    width: int
    height: int
    widgets: tuple[TrueWidget, ...]
    ignore: tuple[BoxPx, ...] = ()
    complete: bool = True
    origin: str = ""


@dataclass(frozen=True)
class ScreenSet:
    """Screens, and what `origin` of each is called: lineage or layout."""

    screens: tuple[TrueScreen, ...]
    origin_name: str


def refuse_other_size(screen: TrueScreen, size: tuple[int, int]) -> None:
    """Refuse a picture of another width and height than the set says of its screen.

    Raises:
        InputError: with both.
    """
    if size != (screen.width, screen.height):
        has = f"{size[0]} x {size[1]} px"
        raise InputError(f"{screen.path}: has {has}, and the set says {screen.width} x {screen.height} px")


def refuse_box(box: Sequence[float], size: tuple[int, int], where: str) -> None:
    """Refuse a box that has no area, or whose centre is not on a picture of that width and height.

    Raises:
        InputError: with the box and the picture's size.
    """
    left, top, width, height = box
    if not (width > 0 and height > 0):
        raise InputError(f"{where}: box {_shown(box)} has no area; left, top, width and height are expected")
    if not (0 <= left + width / 2 <= size[0] and 0 <= top + height / 2 <= size[1]):
        raise InputError(f"{where}: box {_shown(box)} lies beside the picture of {size[0]} x {size[1]} px")


def _shown(box: Sequence[float]) -> str:
    return f"[{', '.join(f'{edge:g}' for edge in box)}]"
