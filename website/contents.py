"""What stands where on the site: the front page's tables are its table of contents."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

FRONT_PAGE = PurePosixPath("docs/index.md")


class ContentsError(Exception):
    """The front page and what there is do not go together."""


@dataclass(frozen=True)
class Chapter:
    """A heading of the front page, and what the table below it links to, in its order: the words by file."""

    title: str
    files: Mapping[PurePosixPath, str]


def read_chapters(front_page: str) -> list[Chapter]:
    """Return the chapters of the front page; paths are from the repository's root on."""
    sections = re.split(r"^## (.+)$", front_page, flags=re.MULTILINE)[1:]
    chapters = [Chapter(title, dict(_linked(body))) for title, body in zip(sections[::2], sections[1::2], strict=True)]
    return [chapter for chapter in chapters if chapter.files]


def refuse_unlisted(chapters: Collection[Chapter], pages: Collection[PurePosixPath]) -> None:
    """Compare the chapters with the pages that there are.

    Raises:
        ContentsError: a page is in no table, so that nobody would find it, or in two.
    """
    listed = [file for chapter in chapters for file in chapter.files]
    unlisted = sorted(str(page) for page in set(pages) - set(listed) - {FRONT_PAGE})
    if unlisted:
        raise ContentsError(
            f"{', '.join(unlisted)}: in no table of {FRONT_PAGE}, so that nobody would find it on the site; "
            "add a row to one: what it is for, a link to it, and the commands that it is about"
        )
    twice = sorted({str(file) for file in listed if listed.count(file) > 1})
    if twice:
        raise ContentsError(f"{', '.join(twice)}: in two tables of {FRONT_PAGE}; a page has one place")


def _linked(body: str) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield what the rows of a chapter's tables link to, and by which words."""
    for row in re.findall(r"^\|.*\|$", body, flags=re.MULTILINE):
        for words, target in re.findall(r"\[([^]]+)\]\(([^)#:]+)\)", row):
            yield resolve_link(FRONT_PAGE, target), words


def add_row(front_page: str, chapter: str, row: str) -> str:
    """Return the front page with a row more at the end of a chapter's table."""
    before, heading, after = front_page.partition(f"## {chapter}\n")
    section, following, rest = after.partition("\n## ")
    return f"{before}{heading}{section.rstrip()}\n{row}\n{following}{rest}"


def resolve_link(document: PurePosixPath, target: str) -> PurePosixPath:
    """Return the path from the repository's root on that a relative link in a document means."""
    parts: list[str] = list(document.parent.parts)
    for part in PurePosixPath(target).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)
