"""Which names a class can have: pictures of a class lie in a folder of its name."""

from collections.abc import Iterable

from base.errors import InputError

LONGEST_SHOWN = 60
MOST_BYTES = 255
"""The longest name of a folder that usual file systems take, in UTF-8."""


def class_name_fault(name: str) -> str:
    """Return why no folder can be called so, or would be passed over by readers; empty for a name that will do."""
    if not name.strip():
        return "is empty"
    if name.startswith("."):
        return "begins with a dot, as hidden folders do"
    if name != name.strip():
        return "has blanks around it"
    if "/" in name or "\\" in name:
        return "has a slash, which parts folders"
    if not name.isprintable():
        return "has a line break or another sign that cannot be seen"
    size = len(name.encode("utf-8", "surrogateescape"))
    return f"is {size} bytes long, and names of folders have {MOST_BYTES} at most" if size > MOST_BYTES else ""


def refuse_class_names(names: Iterable[str], where: str) -> None:
    """Refuse classes that no folder can be called by.

    Raises:
        InputError: with the first of them and why.
    """
    for name in sorted({*names}):
        fault = class_name_fault(name)
        if fault:
            raise InputError(f"{where}: {shorten_name(name)} cannot be a class folder's name: it {fault}; rename it")


def shorten_name(name: str) -> str:
    """Return the name as it is written in Python, cut where it is long."""
    return repr(name) if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]!r}…"
