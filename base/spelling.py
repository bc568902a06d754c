"""Names that people take for one: they differ by case, blanks or Unicode's ways to write a letter."""

import unicodedata
from collections.abc import Iterable

from base.errors import InputError


def fold_spelling(name: str) -> str:
    """Return what the spellings of one name share: no blanks, no case, no invisible signs, letters composed."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Cf")


def tidy_name(name: str) -> str:
    """Return a name without the blanks around it, its letters composed as most programs write them."""
    return unicodedata.normalize("NFC", name.strip())


def refuse_spellings(names: Iterable[str], *, what: str, where: str) -> None:
    """Refuse names that differ in their spelling alone: which of them is meant nobody can tell.

    Args:
        names: all of them.
        what: a plural, as "classes".
        where: what holds them.

    Raises:
        InputError: with the two spellings.
    """
    known: dict[str, str] = {}
    for name in sorted(set(names)):
        other = known.setdefault(fold_spelling(name), name)
        if other != name:
            raise InputError(
                f"{where}: the {what} {other!r} and {name!r} differ in their spelling alone; "
                "give both the same name if they are one, or names that nobody mistakes"
            )
