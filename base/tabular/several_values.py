"""Labels of which one cell holds several, though a picture has one."""

import json
import re
from collections import Counter
from collections.abc import Iterable

from base.errors import InputError
from base.spelling import fold_spelling
from base.tabular.class_names import shorten_name

_BETWEEN = re.compile(r"[,;|]")


def find_several_values(labels: Iterable[str]) -> tuple[str, str] | None:
    """Return the first label that is several values, and how that is known; None where each is one.

    That is a list or an object of JSON, values between bars, and values between commas or semicolons of which one
    stands elsewhere too: a comma may be part of a name.
    """
    names = list(dict.fromkeys(labels))
    split = {name: [part.strip() for part in _BETWEEN.split(name) if part.strip()] for name in names}
    known = Counter(fold_spelling(part) for parts in split.values() for part in parts)
    for name, parts in split.items():
        if _is_json(name):
            return name, f"{shorten_name(name)} is a list or an object of JSON"
        if len(parts) > 1 and ("|" in name or any(known[fold_spelling(part)] > 1 for part in parts)):
            return name, f"{shorten_name(name)} is {len(parts)} values, {', '.join(map(repr, parts))}"
    return None


def refuse_value_lists(labels: Iterable[str], where: str) -> None:
    """Refuse labels of which one is several values.

    Raises:
        InputError: with the first of them.
    """
    if found := find_several_values(labels):
        raise InputError(f"{where}: label {found[1]}, and a picture has one; keep the one that counts")


def _is_json(text: str) -> bool:
    if not text.startswith(("[", "{")):
        return False
    try:
        return isinstance(json.loads(text), list | dict)
    except ValueError:
        return False
