"""Drawn factors: what a theme, a layout, a cut and a degradation are counted by, and can be weighed by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator.families.theme import FONT_SIZES_PX, THEME_MODES
from generator.families.words import SCRIPTS
from generator.sampling.placement import AROUND, PLACEMENTS

DrawnPart = Literal["theme", "layout", "window", "degradation", "page"]
"""What is drawn apart from a family and its parameters; in a manifest, a field of the row, or for a page the row."""

DEVICE_SCALES = {1.0: 0.42, 1.25: 0.06, 1.5: 0.1, 2.0: 0.38, 3.0: 0.04}
"""Device pixels a CSS pixel, and how often a page has them."""

YES_NO = ("yes", "no")
SMALLER = 0.8
"""Widgets with a zoom below this are the smaller half of those that are made smaller."""


@dataclass(frozen=True)
class DrawnFactor:
    """A factor of one part: the value that the part's fields have, and all values that there are."""

    part: DrawnPart
    value_of: Callable[[Mapping[str, Any]], str]
    values: tuple[str, ...]


def say_value(value: object) -> str:
    """Return a value as it is counted: yes, no, none or its text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in ("", None) else "none"


def _plain(part: DrawnPart, name: str, *values: object) -> DrawnFactor:
    return DrawnFactor(part, lambda drawn: say_value(drawn[name]), tuple(say_value(value) for value in values))


def _given(part: DrawnPart, name: str) -> DrawnFactor:
    return DrawnFactor(part, lambda drawn: "yes" if drawn.get(name) else "no", YES_NO)


def _neighbours(drawn: Mapping[str, Any]) -> str:
    before, after = drawn["before"], drawn["after"]
    return "both" if before and after else "before" if before else "after" if after else "none"


def _label_cut(drawn: Mapping[str, Any]) -> str:
    return "whole" if drawn["label_share"] == 1 else "cut short"


def _sides_cut(drawn: Mapping[str, Any]) -> str:
    return str(sum(value < 0 for name, value in drawn.items() if name.endswith("_px")))


def _zoom(drawn: Mapping[str, Any]) -> str:
    zoom = drawn["zoom"]
    return "full" if zoom == 1 else "smaller" if zoom >= SMALLER else "much smaller"


def _scale(drawn: Mapping[str, Any]) -> str:
    return f"{drawn['scale']:g}"


def _resampled(drawn: Mapping[str, Any]) -> str:
    if drawn["scale"] == 1:
        return "no"
    if drawn["scale"] > 1:
        return "enlarged"
    return "shrunk and enlarged back" if drawn["enlarge_back"] else "shrunk"


DRAWN_FACTORS: Mapping[str, DrawnFactor] = {
    "label stands": _plain("layout", "placement", *PLACEMENTS),
    "label in crop": DrawnFactor("window", _label_cut, ("whole", "cut short")),
    "label wraps": _given("layout", "wrap_px"),
    "widget zoom": DrawnFactor("layout", _zoom, ("full", "smaller", "much smaller")),
    "neighbours": DrawnFactor("layout", _neighbours, ("none", "before", "after", "both")),
    "frame": _plain("layout", "frame", *AROUND),
    "struck through": _plain("layout", "struck", True, False),
    "partly covered": _given("layout", "covered"),
    "sides cut into": DrawnFactor("window", _sides_cut, ("0", "1", "2", "3", "4")),
    "ground": _plain("theme", "mode", *THEME_MODES),
    "dark": _plain("theme", "dark", True, False),
    "script": _plain("theme", "script", *SCRIPTS),
    "font size, px": _plain("theme", "font_size_px", *FONT_SIZES_PX),
    "device scale": DrawnFactor("page", _scale, tuple(f"{scale:g}" for scale in DEVICE_SCALES)),
    "resampled": DrawnFactor("degradation", _resampled, ("no", "shrunk", "shrunk and enlarged back", "enlarged")),
    "blurred": _given("degradation", "blur_px"),
    "JPEG": _given("degradation", "jpeg"),
    "palette": _given("degradation", "colours"),
    "remote desktop": _given("degradation", "bits"),
    "video": _given("degradation", "vp8"),
    "dimmed": _given("degradation", "dimmed"),
}
"""By the name that cards and recipe files have for it."""
