"""What varies in a data set: the factors of a manifest row that are worth counting."""

from collections import Counter
from collections.abc import Callable

from generator.crops.manifest import ManifestRow


def _field(part: str, name: str) -> Callable[[ManifestRow], str]:
    return lambda row: _say(getattr(row, part)[name])


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in ("", None) else "none"


def _first_font(row: ManifestRow) -> str:
    return str(row.theme["font"]).split(",")[0]


def _neighbours(row: ManifestRow) -> str:
    before, after = row.layout["before"], row.layout["after"]
    return "both" if before and after else "before" if before else "after" if after else "none"


def _label_cut(row: ManifestRow) -> str:
    return "whole" if row.window["label_share"] == 1 else "cut short"


def _sides_cut(row: ManifestRow) -> str:
    return str(sum(value < 0 for name, value in row.window.items() if name.endswith("_px")))


def _resampled(row: ManifestRow) -> str:
    chain = row.degradation
    if chain["scale"] == 1:
        return "no"
    if chain["scale"] > 1:
        return "enlarged"
    return "shrunk and enlarged back" if chain["enlarge_back"] else "shrunk"


def _step(name: str) -> Callable[[ManifestRow], str]:
    return lambda row: "yes" if row.degradation.get(name) else "no"


def _painter(row: ManifestRow) -> str:
    """Return what the row was painted by, without its version; Chromium's rows have a version alone."""
    name = " ".join(word for word in row.browser.split() if not word[0].isdigit())
    return name or "Chromium"


FACTORS: dict[str, Callable[[ManifestRow], str]] = {
    "label stands": _field("layout", "placement"),
    "label in crop": _label_cut,
    "label wraps": lambda row: "yes" if row.layout["wrap_px"] else "no",
    "neighbours": _neighbours,
    "frame": _field("layout", "frame"),
    "struck through": _field("layout", "struck"),
    "partly covered": lambda row: "yes" if row.layout["covered"] else "no",
    "sides cut into": _sides_cut,
    "ground": _field("theme", "mode"),
    "dark": _field("theme", "dark"),
    "script": _field("theme", "script"),
    "direction": _field("theme", "direction"),
    "font": _first_font,
    "font size, px": _field("theme", "font_size_px"),
    "device scale": lambda row: f"{row.scale:g}",
    "text": lambda row: row.text_rendering,
    "painted by": _painter,
    "resampled": _resampled,
    "blurred": _step("blur_px"),
    "JPEG": _step("jpeg"),
    "palette": _step("colours"),
    "remote desktop": _step("bits"),
    "video": _step("vp8"),
    "dimmed": _step("dimmed"),
}
"""Name to a function from a row to a value."""


FactorCounts = dict[str, Counter[str]]
"""How often each factor takes each value."""


def add_factors(counts: FactorCounts, row: ManifestRow) -> None:
    """Count a row's values in `counts`."""
    for name, value_of in FACTORS.items():
        counts.setdefault(name, Counter())[value_of(row)] += 1
