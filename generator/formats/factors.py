"""What varies in a data set: the factors of a manifest row that are worth counting."""

from collections import Counter
from collections.abc import Callable

from generator.crops.manifest import ManifestRow
from generator.sampling.drawn_factors import DRAWN_FACTORS, DrawnFactor, say_value


def _of_row(factor: DrawnFactor) -> Callable[[ManifestRow], str]:
    if factor.part == "page":
        return lambda row: factor.value_of(vars(row))
    return lambda row: factor.value_of(getattr(row, factor.part))


def _first_font(row: ManifestRow) -> str:
    return str(row.theme["font"]).split(",")[0]


def _painter(row: ManifestRow) -> str:
    """Return what the row was painted by, without its version; Chromium's rows have a version alone."""
    name = " ".join(word for word in row.browser.split() if not word[0].isdigit())
    return name or "Chromium"


FACTORS: dict[str, Callable[[ManifestRow], str]] = {
    **{name: _of_row(factor) for name, factor in DRAWN_FACTORS.items()},
    "direction": lambda row: say_value(row.theme["direction"]),
    "font": _first_font,
    "text": lambda row: row.text_rendering,
    "painted by": _painter,
}
"""Name to a function from a row to a value."""


FactorCounts = dict[str, Counter[str]]
"""How often each factor takes each value."""


def add_factors(counts: FactorCounts, row: ManifestRow) -> None:
    """Count a row's values in `counts`."""
    for name, value_of in FACTORS.items():
        counts.setdefault(name, Counter())[value_of(row)] += 1
