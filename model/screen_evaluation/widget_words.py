"""The words by which data sets call kinds and states of widgets."""

import re

OUR_KINDS = ("checkbox", "radio", "switch")
"""What is looked for on screens."""

ICON = "icon"
"""A kind that is drawn on screens and not looked for."""

_KINDS = (
    (re.compile(r"check ?box|tick ?box|check ?mark"), "checkbox"),
    (re.compile(r"radio"), "radio"),
    (re.compile(r"switch|toggle"), "switch"),
    (re.compile(r"\bicons?\b"), ICON),
)
_STATES = (
    (re.compile(r"\b((un|de|not) ?(checked|selected|ticked)|off|empty)\b"), "unchecked"),
    (re.compile(r"\b(checked|selected|ticked|on|filled|indeterminate|mixed|partial(ly)?|partly)\b"), "checked"),
)


def name_kind(words: str) -> str:
    """Return the kind that words name, as `checkbox_checked` or `RadioButton`; empty where they name none."""
    plain = _plain(words)
    return next((kind for pattern, kind in _KINDS if pattern.search(plain)), "")


def name_state(words: str) -> str:
    """Return `checked` or `unchecked` where words name a state, indeterminate as checked; empty where they do not."""
    plain = _plain(words)
    return next((state for pattern, state in _STATES if pattern.search(plain)), "")


def is_state_alone(words: str) -> bool:
    """Tell whether words are a state and nothing else, as categories are called where all widgets are of one kind."""
    plain = _plain(words)
    return any(pattern.fullmatch(plain) for pattern, _ in _STATES)


def _plain(words: str) -> str:
    """Return words in small letters with a blank between them."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return " ".join(re.findall(r"[a-z0-9]+", parted.lower()))
