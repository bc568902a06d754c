"""Icons by name: which two are a widget's states, which are no widget, and which leave it open."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.libraries.icon_set import WidgetKind
from generator.libraries.icon_words import (
    FILLS,
    FRAMES,
    LIT_WORDS,
    MIXED_WORDS,
    OFF,
    ON,
    PLAIN_MIXED,
    SHAPE_WORDS,
    SHORT_STEMS,
    SIGNS,
    STATE_STEMS,
    STYLES,
    TICK_BEARERS,
    TICKS,
)

AMBIGUOUS = "its name leaves open whether it is a widget or shows a state"
ALONE = "no icon of the set is its other state"

_JOINED = (("check-box", "checkbox"), ("radio-button", "radiobutton"), ("radio-box", "radiobutton"),
           ("radiobox", "radiobutton"), ("toggle-switch", "toggle"))  # fmt: skip


@dataclass(frozen=True)
class PairCandidate:
    """A widget that is on, or mixed, and the icons that may be the same one off, the likeliest first."""

    kind: WidgetKind
    on: str
    off: tuple[str, ...]
    mixed: bool


@dataclass(frozen=True)
class SortedNames:
    """A set's names, each in one place; the `off` of pairs are in no other."""

    others: tuple[str, ...]
    pairs: tuple[PairCandidate, ...]
    left_out: dict[str, str]


@dataclass(frozen=True)
class _Reading:
    """What a name says of a widget; `state` is empty where it says none.

    `plain` says that it speaks of a shape, with or without a mark, and not of a widget.
    """

    name: str
    kind: WidgetKind
    shape: str
    state: str
    base: frozenset[str]
    fills: frozenset[str]
    plain: bool = False


def sort_names(names: Iterable[str], *, coloured: bool, ambiguous: Iterable[str] = ()) -> SortedNames:
    """Deal names to widgets, others and what is left out; `ambiguous` ones are left out besides those of open words."""
    unsure, ordered = set(ambiguous), sorted(names)
    readings = [reading for name in ordered if name not in unsure for reading in _read(name)]
    pairs = _pair(readings)
    used = {name for pair in pairs for name in (pair.on, *pair.off)}
    read = {reading.name for reading in readings}
    left_out = {name: ALONE for name in ordered if name in read - used}
    left_out |= {
        name: AMBIGUOUS for name in ordered if name not in read and (name in unsure or _is_open(name, coloured))
    }
    others = tuple(name for name in ordered if name not in used and name not in left_out)
    return SortedNames(others, tuple(pairs), dict(sorted(left_out.items())))


def _words(name: str) -> list[str]:
    joined = re.sub(r"[^a-z0-9]+", "-", name.lower())
    for words, word in _JOINED:
        joined = re.sub(rf"(?<![a-z]){words}(?![a-z])", word, joined)
    return joined.strip("-").split("-")


def _read(name: str) -> list[_Reading]:
    """Return what the name says: nothing, one widget, or, for a plain shape, what it may be the blank of."""
    words = _words(name)
    styles = frozenset(word for word in words if word in STYLES)
    core = frozenset(words) - styles
    base, fills = styles - FILLS - {"variant"}, styles & FILLS
    if core in ({"square"}, {"circle"}) and sum(word in core for word in words) == 1:
        shape = next(iter(core))
        kinds: tuple[WidgetKind, ...] = ("checkbox", "radio") if shape == "circle" else ("checkbox",)
        return [_Reading(name, kind, shape, "off", base, fills, plain=True) for kind in kinds]
    if core & {"toggle", "toggle2"} or core in ({"switch", "on"}, {"switch", "off"}):
        return _read_switch(name, core, base | (styles & {"variant"}), fills)
    kind, rest = _kind_of(core)
    if kind is None:
        return []
    shape = "circle" if kind == "radio" or "circle" in rest else "square"
    state = _state_of(rest - {"circle", "square"})
    plain = not core & {"checkbox", "radiobutton", "radio"}
    return [] if state is None else [_Reading(name, kind, shape, state, base, fills, plain)]


def _kind_of(core: frozenset[str]) -> tuple[WidgetKind | None, frozenset[str]]:
    """Return the kind that the words speak of, and what they say besides."""
    if "checkbox" in core:
        return "checkbox", core - {"checkbox"}
    if "radiobutton" in core:
        return "radio", core - {"radiobutton"}
    if "radio" in core and core & {"checked", "unchecked", "marked"}:
        return "radio", core - {"radio"}
    if len(core) == 2 and "square" in core and core & (TICKS | PLAIN_MIXED):
        return "checkbox", core
    if core in ({"circle", "dot"}, {"circle", "record"}):
        return "radio", frozenset({"on"})
    return None, core


def _read_switch(name: str, core: frozenset[str], base: frozenset[str], fills: frozenset[str]) -> list[_Reading]:
    noun = next(word for word in ("toggle", "toggle2", "switch") if word in core)
    states = {frozenset(): "", frozenset({"on"}): "on", frozenset({"off"}): "off"}
    if noun == "toggle":
        states |= {frozenset({"right"}): "on", frozenset({"left"}): "off"}
    state = states.get(core - {noun})
    return [] if state is None else [_Reading(name, "switch", noun, state, base, fills)]


def _state_of(words: frozenset[str]) -> str | None:
    """Return the state that the words name, none where they name none, and None where they say something else."""
    for state, names in (("on", ON), ("mixed", MIXED_WORDS), ("off", OFF)):
        if words and words <= names and (state != "off" or len(words) == 1):
            return state
    return None if words else ""


def _pair(readings: Sequence[_Reading]) -> list[PairCandidate]:
    groups: dict[tuple[str, str, frozenset[str]], list[_Reading]] = {}
    for reading in readings:
        groups.setdefault((reading.kind, reading.shape, reading.base), []).append(reading)
    pairs = []
    for group in groups.values():
        bare = _bare_state({reading.state for reading in group if not reading.plain}, group[0].kind)
        known = [(reading, reading.state or bare) for reading in group]
        blanks = [reading for reading, state in known if state == "off"]
        for reading, state in known:
            if state in ("on", "mixed") and blanks:
                off = tuple(blank.name for blank in sorted(blanks, key=lambda blank: _distance(reading, blank)))
                pairs.append(PairCandidate(reading.kind, reading.name, off, state == "mixed"))
    return sorted(pairs, key=lambda pair: (pair.kind, pair.on))


def _bare_state(said: set[str], kind: WidgetKind) -> str:
    """Return what a name without a state means beside those with one: the state that none of them has."""
    if "on" in said and "off" in said:
        return ""
    if "on" in said:
        return "off"
    return "" if kind == "switch" and "off" not in said else "on"


def _distance(on: _Reading, blank: _Reading) -> tuple[bool, bool, int, str]:
    """Order blanks for a widget: named as one, filled alike, of few words."""
    return blank.plain, on.fills != blank.fills, len(blank.name), blank.name


def _is_open(name: str, coloured: bool) -> bool:
    words = _words(name)
    core = set(words) - STYLES
    if core <= SHAPE_WORDS or (core & SIGNS and core & FRAMES):
        return True
    if core & TICK_BEARERS and core <= TICK_BEARERS | TICKS:
        return False
    if not coloured and core & LIT_WORDS:
        return True
    return any(_begins_open(word) for word in core)


def _begins_open(word: str) -> bool:
    return word in SHORT_STEMS or any(word.startswith(stem) for stem in STATE_STEMS if stem not in SHORT_STEMS)
