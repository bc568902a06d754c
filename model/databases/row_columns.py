"""Which column of a query's rows is what, by its name; and how a cell becomes text."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from base.errors import InputError

ID = "id"
PICTURE = "picture"
PICTURE_NAMES = (PICTURE, "path", "address", "url", "bytes", "image")
"""What the column of pictures may be called: the first of these that there is, or the only one of the others."""


@dataclass(frozen=True)
class RowColumns:
    """The places of what a row has: its id, its picture, and what is kept of it, by name."""

    id: int
    picture: int
    kept: dict[str, int]


def find_columns(names: Sequence[str]) -> RowColumns:
    """Return which of a query's columns is what; upper and lower case are the same.

    Raises:
        InputError: two columns are called alike, or there is no id or no picture.
    """
    twice = [name for name, count in Counter(name.lower() for name in names).items() if count > 1]
    if twice:
        raise InputError(f"two columns of the query are called {twice[0]}; call one of them otherwise, with AS")
    places = {name.lower(): place for place, name in enumerate(names)}
    if ID not in places:
        raise InputError(f"no column of the query is called {ID}; write AS {ID} behind one of {', '.join(names)}")
    named = [name for name in PICTURE_NAMES if name in places]
    if not named:
        raise InputError(
            f"no column of the query is called {', '.join(PICTURE_NAMES[:-1])} or {PICTURE_NAMES[-1]}; write AS "
            f"{PICTURE} behind one of {', '.join(names)} that holds bytes, paths or addresses"
        )
    if len(named) > 1 and named[0] != PICTURE:
        raise InputError(f"which column is the picture, {' or '.join(named)}? write AS {PICTURE} behind it")
    own = {places[ID], places[named[0]]}
    return RowColumns(
        places[ID], places[named[0]], {name: place for place, name in enumerate(names) if place not in own}
    )


def to_text(cell: object) -> str | None:
    """Return a kept cell as text: dates as ISO 8601 has them, of bytes how many there are."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, bytes | bytearray | memoryview):
        return f"{len(cell)} bytes"
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)
