"""What a window is to show: items in rows and columns, drawn at random; nothing here depends on a toolkit."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from base.seeds import rng_for
from generator.families.words import SCRIPTS, draw_words
from generator.toolkits.toolkit import ToolkitDeclaration

IS_ON, IS_OFF, IS_MIXED, NO_STATE = "checked", "unchecked", "mixed", "other"
MIXED_SHARE, DISABLED_SHARE, FOCUSED_SHARE = 0.2, 0.25, 0.5
MARGIN_PX, GUTTER_PX = 20, 24
FONTS_PX = (12, 13, 14, 15)
INDICATOR_PX, LETTER_SHARE = 70, 0.65
"""What a widget takes of its place beside its words, and how wide letters are by the size of their font, at most."""


@dataclass(frozen=True)
class PlannedItem:
    """A widget or another thing and where it stands, in the toolkit's pixels; what has no state is no widget."""

    kind: str
    state: str
    text: str
    enabled: bool
    x: int
    y: int
    width: int
    height: int
    focused: bool = False
    shown: bool = True

    def to_line(self) -> str:
        """Return it as painters read it, a tab between words."""
        flags = ("yes" if flag else "no" for flag in (self.enabled, self.focused))
        return "\t".join((self.kind, self.state, *flags, *map(str, self.box), self.text))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Return left, top, width and height."""
        return self.x, self.y, self.width, self.height


@dataclass(frozen=True)
class PlannedWindow:
    """A window in a theme; `number` counts those of a toolkit."""

    number: int
    theme: str
    width: int
    height: int
    font_px: int
    items: tuple[PlannedItem, ...]

    def to_lines(self) -> str:
        """Return it as painters read it: a line for the window, one for each item that is shown, and `show`."""
        head = "\t".join((self.theme, str(self.width), str(self.height), str(self.font_px)))
        return "\n".join((head, *(item.to_line() for item in self.items if item.shown), "show", ""))

    def bare(self) -> "PlannedWindow":
        """Return it with its widgets alone, without words and focus."""
        return self._with(lambda item: replace(item, text="", focused=False, shown=bool(item.state)))

    def empty(self) -> "PlannedWindow":
        """Return it without anything on it."""
        return self._with(lambda item: replace(item, shown=False))

    def turned(self) -> "PlannedWindow":
        """Return it bare, each widget in its other state; for a mixed one that is unchecked."""
        return self.bare()._with(lambda item: replace(item, state=_turn(item.state)))

    def _with(self, change: Callable[[PlannedItem], PlannedItem]) -> "PlannedWindow":
        return replace(self, items=tuple(map(change, self.items)))


def _turn(state: str) -> str:
    return (IS_ON if state == IS_OFF else IS_OFF) if state else ""


def plan_windows(
    name: str, declared: ToolkitDeclaration, themes: Sequence[str], *, n: int, seed: int
) -> Iterator[PlannedWindow]:
    """Yield windows with `n` items in all, a third each checked, unchecked and others, the themes in turn.

    Args:
        name: of the toolkit; each has draws of its own.
        declared: which widgets and other things it has.
        themes: of the toolkit.
        n: items in all.
        seed: same seed, same windows.
    """
    rng = rng_for(seed, "toolkit", name)
    classes = [(IS_ON, IS_OFF, NO_STATE)[index % 3] for index in range(n)]
    rng.shuffle(classes)
    order = list(themes)
    rng.shuffle(order)
    number = 0
    while classes:
        yield _plan_window(
            rng_for(seed, "toolkit", name, number), number, order[number % len(order)], classes, declared
        )
        number += 1


def _plan_window(
    rng: random.Random, number: int, theme: str, classes: list[str], declared: ToolkitDeclaration
) -> PlannedWindow:
    """Plan one, taking as many classes off the end of the list as it has places."""
    columns, rows = rng.randint(1, 3), rng.randint(3, 9)
    wide, high = rng.randint(190, 250), rng.randint(34, 44)
    step = (wide + GUTTER_PX, high + rng.randint(10, 18))
    font_px = rng.choice(FONTS_PX)
    items = []
    for place in range(min(columns * rows, len(classes))):
        x, y = MARGIN_PX + place % columns * step[0], MARGIN_PX + place // columns * step[1]
        items.append(_plan_item(rng, classes.pop(), declared, (x, y, wide, high), font_px))
    able = [place for place, item in enumerate(items) if item.enabled and item.state]
    if able and rng.random() < FOCUSED_SHARE:
        place = rng.choice(able)
        items[place] = replace(items[place], focused=True)
    width, height = MARGIN_PX + columns * step[0], MARGIN_PX + rows * step[1]
    return PlannedWindow(number, theme, width, height, font_px, tuple(items))


def _plan_item(
    rng: random.Random, class_name: str, declared: ToolkitDeclaration, box: tuple[int, int, int, int], font_px: int
) -> PlannedItem:
    longest = int((box[2] - INDICATOR_PX) / (LETTER_SHARE * font_px))
    text = draw_words(rng, SCRIPTS["latin"], 1, 3)[:longest].strip()
    enabled = rng.random() >= DISABLED_SHARE
    if class_name == NO_STATE:
        return PlannedItem(rng.choice(declared.others), "", text, enabled, *box)
    kind = rng.choice(sorted(declared.widgets))
    mixed = class_name == IS_ON and rng.random() < MIXED_SHARE and IS_MIXED in declared.widgets[kind]
    return PlannedItem(kind, IS_MIXED if mixed else class_name, text, enabled, *box)
