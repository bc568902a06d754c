"""Names that people take for one: they differ by case, blanks, ways to write a letter or a number."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from base.errors import InputError

_NUMBER = re.compile(r"([+-]?)0*(\d+)(?:[.,](\d*?)0*)?")
_QUOTED = re.compile(r"""=?(["'])(.+)\1|'(.+)""")
"""As spreadsheets keep a text from being taken for a number: ="on", or with one apostrophe in front."""

_LOOKALIKES = str.maketrans(
    "авеёзкмнорстухіїјѕһԁԛԝѵ" + "αβεζηικμνορτυχϲ" + "ıɑɡ",
    "abeë3kmhopctyxiïjshdqwv" + "abezhikmnoptyxc" + "iag",
)
"""Small Cyrillic and Greek letters, and some Latin ones, that look, small or as capitals, like a letter of ASCII."""


def fold_spelling(name: str) -> str:
    """Return what the spellings of one name share: no blanks, no case, no invisible signs, letters composed.

    Numbers are what they are worth: programs write the 1 of a column with gaps as 1.0, or 1,0. Quotes around a name do
    not count, nor from which alphabet a letter is that looks the same in several.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    plain = "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Cf")
    quoted = _QUOTED.fullmatch(plain)
    plain = (quoted[2] or quoted[3]) if quoted else plain
    number = _NUMBER.fullmatch(plain)
    return _fold_number(*number.groups("")) if number else plain.translate(_LOOKALIKES)


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
            both = f"{_shown(other, name)} and {_shown(name, other)}"
            raise InputError(
                f"{where}: the {what} {both} differ in their spelling alone{stand}; "
                "give both the same name if they are one, or names that nobody mistakes"
            )


def _shown(name: str, other: str) -> str:
    # repr() shows signs that are not seen, but letters put together of two signs look as if they were one, and letters
    # of other alphabets like those of the other name.
    own, against = name.casefold(), other.casefold()
    look_alike = own != against and own.translate(_LOOKALIKES) == against.translate(_LOOKALIKES)
    return ascii(name) if look_alike or not unicodedata.is_normalized("NFC", name) else repr(name)
