"""Names that people take for one: they differ by case, blanks, ways to write a letter or a number."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from base.errors import InputError

_NUMBER = re.compile(r"([+-]?)0*(\d+)(?:\.(\d*?)0*)?")


def fold_spelling(name: str) -> str:
    """Return what the spellings of one name share: no blanks, no case, no invisible signs, letters composed.

    Numbers are what they are worth: programs write the 1 of a column with gaps as 1.0.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    plain = "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Cf")
    number = _NUMBER.fullmatch(plain)
    return _fold_number(*number.groups("")) if number else plain


def _fold_number(sign: str, whole: str, rest: str) -> str:
    worth = f"{whole}.{rest}".removesuffix(".")
    return f"-{worth}" if sign == "-" and worth != "0" else worth


def tidy_name(name: str) -> str:
    """Return a name without the blanks around it, its letters composed as most programs write them."""
    return unicodedata.normalize("NFC", name.strip())


def refuse_spellings(names: Iterable[str], *, what: str, where: str, places: Mapping[str, str] | None = None) -> None:
    """Refuse names that differ in their spelling alone: which of them is meant nobody can tell.

    Args:
        names: all of them.
        what: a plural, as "classes".
        where: what holds them.
        places: where a name stands, as "line 3", of all or none.

    Raises:
        InputError: with the two spellings.
    """
    known: dict[str, str] = {}
    for name in sorted(set(names)):
        other = known.setdefault(fold_spelling(name), name)
        if other != name:
            stand = f" ({places[other]} and {places[name]})" if places else ""
            raise InputError(
                f"{where}: the {what} {_shown(other)} and {_shown(name)} differ in their spelling alone{stand}; "
                "give both the same name if they are one, or names that nobody mistakes"
            )


def _shown(name: str) -> str:
    # repr() shows signs that are not seen, but letters put together of two signs look as if they were one.
    return repr(name) if unicodedata.is_normalized("NFC", name) else ascii(name)
