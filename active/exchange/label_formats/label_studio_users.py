"""Who annotated in Label Studio: exports name the same user by number, by address or by both."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from base.errors import InputError


def name_users(given: Iterable[Any], path: Path) -> dict[str, str]:
    """Return the address, or else the name, of each user whom a file describes, by the user's number.

    Args:
        given: all that stands for users in the file: numbers, addresses and objects.
        path: the file, for messages.

    Raises:
        InputError: one number has two addresses.
    """
    names: dict[str, str] = {}
    for who in given:
        number, name = _parts(who)
        if number and name and names.setdefault(number, name) != name:
            raise InputError(
                f"{path}: user {number} is {names[number]} as well as {name}, and whose labels they are cannot be told"
            )
    return names


def user_of(who: Any, names: Mapping[str, str]) -> str | None:  # noqa: ANN401  a number, an address or an object
    """Return who annotated, by address where it is known, else by number; None where nobody is named."""
    number, name = _parts(who)
    return names.get(number) or name or number or None


def _parts(who: Any) -> tuple[str, str]:  # noqa: ANN401  likewise
    """Return a user's number, or what stands for it, and the address or name; each may be empty."""
    if not isinstance(who, dict):
        return ("" if who is None else str(who).strip()), ""
    number = "" if who.get("id") is None else str(who["id"])
    return number, str(who.get("email") or who.get("username") or "")
