"""Pages of the site from the repository's documents: where they go, and what their links become there."""

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from website.contents import resolve_link

ROOT = Path(__file__).parents[1]

PLACES = {
    "README.md": "overview.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "model/pretrained/README.md": "cards/model.md",
    "model/pretrained/finder/README.md": "cards/finder.md",
}
"""Documents outside docs/ that are pages, and where."""

LINK = re.compile(r"\]\((?![a-z]+:|#|//)([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^( *(`{3,}|~{3,}).*?^ *\2 *$)", flags=re.MULTILINE | re.DOTALL)
LANGUAGES = {".py": "python", ".toml": "toml", ".html": "html", ".json": "json", ".md": "markdown"}


class LinkTargetError(Exception):
    """A document links to what is not there."""


def place_of(file: PurePosixPath) -> PurePosixPath:
    """Return where a file of the repository is on the site: a page, a picture, or the text of a source file."""
    if str(file) in PLACES:
        return PurePosixPath(PLACES[str(file)])
    if file.parts[0] == "docs":
        return file.relative_to("docs")
    if file.suffix == ".ipynb":
        return file.with_suffix(".md")
    return PurePosixPath("source", f"{file}.md")


def relative_link(page: PurePosixPath, target: PurePosixPath) -> str:
    """Return how a page of the site links to another file of it."""
    return PurePosixPath(os.path.relpath(target, page.parent)).as_posix()


def rewrite_links(text: str, document: PurePosixPath, used: Callable[[PurePosixPath], None]) -> str:
    """Return a document with the links that its page needs; `used` is told of each file that is linked to.

    Raises:
        LinkTargetError: there is no such file.
    """

    def rewrite(match: re.Match[str]) -> str:
        target = resolve_link(document, match[1])
        if not (ROOT / target).is_file():
            raise LinkTargetError(f"{document} links to {match[1]}, and there is no file {target}")
        used(target)
        return f"]({relative_link(place_of(document), place_of(target))}{match[2] or ''})"

    parts = FENCE.split(text)  # text, fence, its marks, text, …
    return "".join(
        part if number % 3 == 1 else LINK.sub(rewrite, part) for number, part in enumerate(parts) if number % 3 != 2
    )


def source_page(file: PurePosixPath) -> str:
    """Return a page with the text of a source file that a document links to."""
    text = (ROOT / file).read_text(encoding="utf-8")
    mark = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text)), 3)
    return f"---\norphan: true\n---\n\n# `{file}`\n\n{mark}{LANGUAGES.get(file.suffix, 'text')}\n{text}{mark}\n"
