"""Pages from notebooks, as they are stored: text, code, and what it printed and drew when it was last run."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat


def notebook_page(file: Path, pictures: Path, *, link: str, rewrite: Callable[[str], str]) -> str:
    """Return a notebook as Markdown; pictures go to a folder, which the page calls `link`; `rewrite` mends its text.

    Raises:
        ValueError: an output is neither text nor a picture.
    """
    notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(rewrite(cell.source))
        elif cell.source.strip():
            parts.append(f"```python\n{cell.source}\n```")
            parts += [_output(output, pictures, link) for output in cell.outputs]
    return "\n\n".join(parts) + "\n"


def _output(output: Any, pictures: Path, link: str) -> str:  # noqa: ANN401  nbformat has no types
    if output.output_type == "stream":
        return _text(output.text)
    data = output.get("data", {})
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            content = base64.b64decode(data[kind])
            name = f"{hashlib.sha256(content).hexdigest()[:16]}.{kind.partition('/')[2]}"
            pictures.mkdir(parents=True, exist_ok=True)
            (pictures / name).write_bytes(content)
            return f"![What the cell draws]({link}/{name})"
    if "text/plain" in data:
        return _text(data["text/plain"])
    raise ValueError(f"an output of kind {output.output_type} with {sorted(data)} cannot be shown")


def _text(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"
