"""What programs write where there is no value."""

MISSING_WORDS = ("nan", "-nan", "null", "none", "n/a", "na", "#n/a", "#na", "<na>", "?", "-", "--")
"""Written in any case by pandas, spreadsheets, databases and people, where a table has nothing to say."""


def is_missing(value: object) -> bool:
    """Tell whether a cell, or a value of JSON, says nothing: None, not-a-number, blanks, or one of MISSING_WORDS."""
    text = "" if value is None else str(value).strip()
    return not text or text.casefold() in MISSING_WORDS


def describe_missing(written: object) -> str:
    """Return why a picture has no label, given what stands there; an empty cell or nothing says it best itself."""
    text = "" if written is None else str(written).strip()
    return f"labelled {text!r}, which is taken for no label" if text else "without a label"
