"""Diagrams of the documents as pictures, so that the site needs no script from elsewhere to draw them."""

import hashlib
import re
from pathlib import Path

FENCE = re.compile(r"^```mermaid\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def draw_diagrams(text: str, *, folder: Path, cache: Path, link: str, root: str) -> str:
    """Return a page with a picture in the place of each Mermaid fence.

    `link` is how the page calls `folder`, and `root` the site's root, from which Sphinx keeps pictures in `_images`.
    """

    def draw(match: re.Match[str]) -> str:
        picture = _draw(match[1], cache)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / picture.name).write_bytes(picture.read_bytes())
        options = f":class: diagram\n:alt: Diagram\n:target: {root}/_images/{picture.name}"
        return f"```{{image}} {link}/{picture.name}\n{options}\n```"

    return FENCE.sub(draw, text)


def _draw(diagram: str, cache: Path) -> Path:
    """Return the SVG file of a diagram, which takes seconds to draw and is drawn once."""
    file = cache / f"diagram-{hashlib.sha256(diagram.encode()).hexdigest()[:16]}.svg"
    if not file.exists():
        import mermaidx

        cache.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_text(mermaidx.render(diagram).svg(), encoding="utf-8")
        part.replace(file)
    return file
