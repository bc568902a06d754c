"""What is wrong with a row that somebody wrote, in plain words: what came, and what is expected."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

LONGEST_SHOWN = 80


def describe_row_faults(error: ValidationError, where: str, expected: Mapping[str, str]) -> str:
    """Return a sentence for each finding, one a line.

    Args:
        error: of the row's model.
        where: the file and line.
        expected: what each column holds, as "a time".
    """
    return "\n".join(f"{where}: {fault}" for fault in _faults(error, expected))


def _faults(error: ValidationError, expected: Mapping[str, str]) -> Iterator[str]:
    for item in error.errors():
        name = str(item["loc"][0]) if item["loc"] else "value"
        wanted = expected.get(name, "another value")
        if item["type"] == "missing":
            yield f"{name} is missing; expected {wanted}"
        else:
            yield f"{name} is {_shown(item['input'])}; expected {wanted}"


def _shown(value: object) -> str:
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
