"""What is checked of a built site: links lead somewhere, nothing is loaded from elsewhere, no path of a machine."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
"""Elements that a browser loads at once, and the attribute that says from where."""


@dataclass
class SitePage(HTMLParser):
    """The links, the anchors and the loaded files of a page."""

    links: list[str] = field(default_factory=list)
    article_links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    loaded: list[str] = field(default_factory=list)
    _depth: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down what an element refers to."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "article":
            self._depth += 1
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            if self._depth:
                self.article_links.append(given["href"])
        if tag in LOADED and LOADED[tag] in given and given.get("rel") not in ("canonical", "next", "prev", "search"):
            self.loaded.append(given[LOADED[tag]])

    def handle_endtag(self, tag: str) -> None:
        """Leave the article."""
        self._depth -= tag == "article"


def read_site(folder: Path) -> dict[Path, SitePage]:
    """Return the pages of a built site by file."""
    pages = {}
    for file in sorted(folder.rglob("*.html")):
        pages[file] = SitePage()
        pages[file].feed(file.read_text(encoding="utf-8"))
    return pages


def find_faults(folder: Path, *, forbidden: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with a built site, a sentence each; `forbidden` are texts that must not be in it."""
    pages = read_site(folder)
    faults = [fault for file, page in pages.items() for fault in _page_faults(folder, file, page, pages)]
    for file in sorted(folder.rglob("*.css")):
        addresses = re.findall(r"(?:url\(|@import )['\"]?((?:https?:)?//[^'\")]+)", file.read_text(encoding="utf-8"))
        faults += [f"{file.relative_to(folder)} loads {address}" for address in addresses]
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".html", ".js", ".css", ".svg", ".txt", ".inv"):
            text = file.read_text(encoding="utf-8", errors="replace")
            faults += [f"{file.relative_to(folder)} has {word} in it" for word in forbidden if word in text]
    return faults


def _page_faults(folder: Path, file: Path, page: SitePage, pages: dict[Path, SitePage]) -> Iterator[str]:
    name = file.relative_to(folder)
    for address in page.loaded:
        if re.match(r"(https?:)?//", address):
            yield f"{name} loads {address}, so that it needs a network"
        elif not address.startswith("data:") and not _target(file, address)[0].exists():
            yield f"{name} loads {address}, which is not there"
    for link in page.links:
        if re.match(r"[a-z]+:", link):
            continue
        target, anchor = _target(file, link)
        if not target.exists():
            yield f"{name} links to {link}, which is not there"
        elif anchor and target in pages and anchor not in pages[target].anchors:
            yield f"{name} links to {link}, and {target.relative_to(folder)} has no #{anchor}"


def _target(file: Path, link: str) -> tuple[Path, str]:
    address, anchor = urldefrag(link)
    path = unquote(address.partition("?")[0])
    return (file.parent / path).resolve() if path else file, unquote(anchor)


def clicks_to(folder: Path, start: str = "index.html") -> dict[str, int]:
    """Return how many clicks in the text, without the menu, lead from a page to each other one."""
    pages = read_site(folder)
    clicks = {(folder / start).resolve(): 0}
    waiting = deque(clicks)
    while waiting:
        file = waiting.popleft()
        for link in pages[file].article_links if file in pages else ():
            target = None if re.match(r"[a-z]+:", link) else _target(file, link)[0]
            if target in pages and target not in clicks:
                clicks[target] = clicks[file] + 1
                waiting.append(target)
    return {file.relative_to(folder).as_posix(): count for file, count in clicks.items()}
