"""What programs write where there is no value."""

import re

MISSING_WORDS = (
    *("nan", "-nan", "null", "none", "nil", "n/a", "na", "<na>", "?", "-", "--", "\\n", "(null)", "<null>"),
    *("#n/a", "#na", "#name?", "#ref!", "#value!", "#div/0!", "#num!", "#null!"),
)
"""Written in any case by pandas, spreadsheets, databases and people, where a table has nothing to say.

The last are spreadsheets' errors.
"""

_MINUS_ONE = re.compile(r"-1(?:[.,]0+)?")


def is_missing(value: object) -> bool:
    """Tell whether a cell, or a value of JSON, says nothing: None, not-a-number, blanks, or one of MISSING_WORDS."""
    text = "" if value is None else str(value).strip()
    return not text or text.casefold() in MISSING_WORDS


def is_no_label(value: object) -> bool:
    """Tell whether a label says that there is none: a missing value, or -1, as `datasets` and torchvision write it."""
    return is_missing(value) or bool(_MINUS_ONE.fullmatch(str(value).strip()))


def describe_missing(written: object) -> str:
    """Return why a picture has no label, given what stands there; an empty cell or nothing says it best itself."""
    text = "" if written is None else str(written).strip()
    return f"labelled {text!r}, which is taken for no label" if text else "without a label"
