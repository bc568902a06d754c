"""The painters of crops by name, and what is said of their shares; a page of help loads no browser."""

import math

from base.errors import InputError, unknown_choice

CHROMIUM = "chromium"
FIREFOX = "firefox"
PAINTER_NAMES = (CHROMIUM, FIREFOX)


def read_shares(text: str) -> dict[str, float]:
    """Return which share of the pages each painter has, out of `firefox` or `chromium=0.8,firefox=0.2`.

    Shares are relative; those that are returned add up to 1, in the order of the painters' names.

    Raises:
        InputError: a painter is unknown or named twice, or a share is no number above 0.
    """
    shares: dict[str, float] = {}
    entries = [entry.strip() for entry in text.split(",")]
    for entry in entries:
        name, equals, share = (part.strip() for part in entry.partition("="))
        if name not in PAINTER_NAMES:
            raise unknown_choice("painter", name, PAINTER_NAMES)
        if name in shares:
            raise InputError(f"the painter {name} is named twice in '{text}'")
        if not equals and len(entries) > 1:
            raise InputError(f"the painter {name} has no share in '{text}'; write {_example()}")
        shares[name] = _positive(share, entry) if equals else 1.0
    total = sum(shares.values())
    return {name: shares[name] / total for name in PAINTER_NAMES if name in shares}


def _positive(share: str, entry: str) -> float:
    try:
        value = float(share)
    except ValueError:
        value = 0.0
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"'{entry}' gives no share of the pages: a number above 0, as in {_example()}")
    return value


def _example() -> str:
    return f"{CHROMIUM}=0.8,{FIREFOX}=0.2"
