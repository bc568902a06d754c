"""Files with a JSON object a line, as people save them."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from base.errors import InputError
from base.file_texts import read_file_text

_HALF_LETTER = re.compile(r"\\u[dD][89a-fA-F]")


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with the lines they stand on; empty lines are passed over.

    Raises:
        InputError: a line is no object, or an object says two things under one name.
    """
    for number, line in enumerate(io.StringIO(read_file_text(path), newline=None), start=1):
        if line.strip():
            yield number, _parse_object(line, f"{path}:{number}")


def _parse_object(line: str, where: str) -> dict[str, Any]:
    values = parse_json(line, where, "an object a line is needed")
    if not isinstance(values, dict):
        raise InputError(f"{where}: expected an object, got {type(values).__name__}")
    return values


def parse_json(text: str, where: str, needed: str) -> Any:  # noqa: ANN401  whatever stands in it
    """Return what a JSON text says.

    Args:
        text: the JSON.
        where: names it in messages.
        needed: what should be there, for messages.

    Raises:
        InputError: it is no JSON, or an object says two things under one name.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found and found[name] != value:
                raise InputError(f"{where}: {name} is given twice, as {found[name]!r} and {value!r}; keep one")
            found[name] = value
        return found

    try:
        found = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{where}: is no JSON ({error.msg} at {place}); {needed}") from error
    if _HALF_LETTER.search(text):
        try:
            json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            odd = ascii(error.object[error.start])
            raise InputError(
                f"{where}: has the half of a letter, {odd}, which is no text; mend or remove it"
            ) from error
    return found
