"""Sphinx extension: docstrings as the project writes them, and settings as tables of their fields."""

import re
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Have autodoc ask here before it shows a docstring or a signature."""
    app.connect("autodoc-process-docstring", _process_docstring, priority=100)  # before napoleon
    app.connect("autodoc-process-signature", _process_signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def to_restructured(text: str) -> str:
    """Return a docstring with names between backticks as literals, and other marks of reStructuredText as they are."""
    parts = re.split(r"(`[^`\n]+`)", text)
    return "".join(
        f"`{part}`" if number % 2 else re.sub(r"([*|\\]|(?<=\w)_(?!\w))", r"\\\1", part)
        for number, part in enumerate(parts)
    )


def field_table(model: type[BaseModel]) -> list[str]:
    """Return the fields of a settings class as a table: name, type, default, and what they mean."""
    lines = ["", ".. list-table::", "   :header-rows: 1", "   :widths: auto", ""]
    lines += ["   * - field", "     - type", "     - default", "     - "]
    for name, field in model.model_fields.items():
        annotation = field.annotation
        kind = annotation.__name__ if isinstance(annotation, type) else str(annotation)
        kind = re.sub(r"\b(?:typing|pathlib|[a-z_]+(?:\.[a-z_]+)+)\.", "", kind)
        default = "" if field.default is PydanticUndefined else f"``{field.default!r}``"
        told = to_restructured(field.description or "")
        lines += [f"   * - ``{name}``", f"     - ``{kind}``", f"     - {default}", f"     - {told}"]
    return [*lines, ""]


def _process_docstring(_app: Sphinx, what: str, _name: str, obj: Any, _options: Any, lines: list[str]) -> None:  # noqa: ANN401
    lines[:] = to_restructured("\n".join(lines)).split("\n")
    if what in ("property", "attribute", "data"):
        lines.insert(0, "")  # or napoleon takes what stands before a colon in the first line for a type
    if what == "class" and isinstance(obj, type) and issubclass(obj, BaseModel):
        lines += field_table(obj)


def _process_signature(  # Sphinx says what it takes
    _app: Sphinx,
    _what: str,
    _name: str,
    obj: object,
    _options: object,
    signature: str | None,
    returned: str | None,
) -> tuple[str | None, str | None]:
    """Leave out what pydantic says of its own: the table of fields has it."""
    if isinstance(obj, type) and issubclass(obj, BaseModel):
        return "(**settings)", None
    return signature, returned
