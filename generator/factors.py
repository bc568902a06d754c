"""What varies in a data set: the factors of a manifest row that are worth counting."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from generator.manifest import Row

Drawn = Mapping[str, Any]
"""The drawn parts of a cell by name: theme, params, layout, window and degradation."""


def drawn_parts(row: Row) -> Drawn:
    """Return what was drawn for a row, wherever the manifest keeps it."""
    values = row.model_dump()
    parts: Drawn = values.get("spec", values)
    return parts


def _field(part: str, name: str) -> Callable[[Row, Drawn], str]:
    return lambda _, drawn: _say(drawn[part][name])


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in ("", None) else "none"


def _first_font(_: Row, drawn: Drawn) -> str:
    return str(drawn["theme"]["font"]).split(",")[0]


def _neighbours(_: Row, drawn: Drawn) -> str:
    before, after = drawn["layout"]["before"], drawn["layout"]["after"]
    return "both" if before and after else "before" if before else "after" if after else "none"


def _label_cut(_: Row, drawn: Drawn) -> str:
    return "whole" if drawn["window"]["label_share"] == 1 else "cut short"


def _sides_cut(_: Row, drawn: Drawn) -> str:
    return str(sum(value < 0 for name, value in drawn["window"].items() if name.endswith("_px")))


def _resampled(_: Row, drawn: Drawn) -> str:
    chain = drawn["degradation"]
    if chain["scale"] == 1:
        return "no"
    if chain["scale"] > 1:
        return "enlarged"
    return "shrunk and enlarged back" if chain["enlarge_back"] else "shrunk"


def _step(name: str) -> Callable[[Row, Drawn], str]:
    return lambda _, drawn: "yes" if drawn["degradation"][name] else "no"


FACTORS: dict[str, Callable[[Row, Drawn], str]] = {
    "label stands": _field("layout", "placement"),
    "label in crop": _label_cut,
    "neighbours": _neighbours,
    "frame": _field("layout", "frame"),
    "struck through": _field("layout", "struck"),
    "partly covered": lambda _, drawn: "yes" if drawn["layout"]["covered"] else "no",
    "sides cut into": _sides_cut,
    "ground": _field("theme", "mode"),
    "dark": _field("theme", "dark"),
    "script": _field("theme", "script"),
    "direction": _field("theme", "direction"),
    "font": _first_font,
    "font size, px": _field("theme", "font_size_px"),
    "device scale": lambda row, _: f"{row.scale:g}",
    "resampled": _resampled,
    "blurred": _step("blur_px"),
    "JPEG": _step("jpeg"),
    "palette": _step("colours"),
}
"""Name to a function from a row and its drawn parts to a value."""


FactorCounts = dict[str, Counter[str]]
"""How often each factor takes each value."""


def add_factors(counts: FactorCounts, row: Row) -> None:
    """Count a row's values in `counts`; a factor that its manifest does not have is left out."""
    drawn = drawn_parts(row)
    for name, value_of in FACTORS.items():
        try:
            value = value_of(row, drawn)
        except KeyError:
            continue  # drawn by a version that has no such factor
        counts.setdefault(name, Counter())[value] += 1
