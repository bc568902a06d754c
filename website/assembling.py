"""The site's source: the repository's documents and the pages that are made from code, in one folder for Sphinx."""

import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath

from website import api_pages, command_pages, gallery
from website.contents import FRONT_PAGE, Chapter, add_row, read_chapters, refuse_unlisted
from website.diagrams import draw_diagrams
from website.notebook_pages import notebook_page
from website.pages import PLACES, ROOT, place_of, relative_link, rewrite_links, source_page

MADE = (
    ("Reference", "see every command with all its options", "Commands", "reference/commands.md"),
    ("Reference", "see every public name with its docstring", "import boxwright", "reference/python.md"),
    ("Background", "what the generator draws", "Gallery", f"{gallery.FOLDER}.md"),
)
"""Pages that are made from code: the chapter of the front page that they stand in, what for, how they are called."""


def assemble(folder: Path, cache: Path, *, gallery_size: int | None = None) -> None:
    """Write the site's source; up to `gallery_size` families of a kind are drawn for the gallery, all where it is None.

    Raises:
        ContentsError: a page of docs/ is in no table of the front page.
        LinkTargetError: a document links to what is not there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    front_page = (ROOT / FRONT_PAGE).read_text(encoding="utf-8")
    chapters = read_chapters(front_page)
    documents = [path.relative_to(ROOT) for path in (*ROOT.glob("docs/*.md"), *ROOT.glob("notebooks/*.ipynb"))]
    refuse_unlisted(chapters, [PurePosixPath(path.as_posix()) for path in documents])

    pages = _documents(chapters, folder, cache)
    pages[place_of(FRONT_PAGE)] = _complete(pages[place_of(FRONT_PAGE)], chapters)
    commands = command_pages.read_commands()
    pages |= _made(commands, read_mentions(pages, commands))
    drawn = gallery.gallery_pages(folder / gallery.FOLDER, cache, most=gallery_size)
    pages |= {PurePosixPath(name): text for name, text in drawn.items()}
    for name, text in pages.items():
        _write(folder / name, text)


def _documents(chapters: list[Chapter], folder: Path, cache: Path) -> dict[PurePosixPath, str]:
    """Return the pages of the documents and of all that they link to; pictures are copied."""
    waiting = [FRONT_PAGE, *(file for chapter in chapters for file in chapter.files)]
    waiting += [PurePosixPath(name) for name in PLACES]
    pages: dict[PurePosixPath, str] = {}
    seen: set[PurePosixPath] = set()
    while waiting:
        file = waiting.pop(0)
        if file in seen:
            continue
        seen.add(file)
        place = place_of(file)
        if file.suffix in (".png", ".webp", ".svg"):
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, folder / place)
        elif file.suffix == ".ipynb":
            pictures = folder / "notebooks" / place.stem
            mend = partial(rewrite_links, document=file, used=waiting.append)
            pages[place] = notebook_page(ROOT / file, pictures, link=place.stem, rewrite=mend)
        elif place.parts[0] == "source":
            pages[place] = source_page(file)
        else:
            text = rewrite_links((ROOT / file).read_text(encoding="utf-8"), file, waiting.append)
            link, root = (relative_link(place, PurePosixPath(each)) for each in ("diagrams", "."))
            pages[place] = draw_diagrams(text, folder=folder / "diagrams", cache=cache, link=link, root=root)
    return pages


def _made(commands: Mapping[str, object], mentions: Mapping[str, Mapping[str, str]]) -> dict[PurePosixPath, str]:
    """Return the reference of the commands and of the public names."""
    pages = {"reference/commands.md": command_pages.command_list_page(commands)}
    for name, command in commands.items():
        pages[f"{command_pages.FOLDER}/{name}.md"] = command_pages.command_page(name, command, mentions[name])
    purposes = api_pages.read_purposes((ROOT / "docs" / "python.md").read_text(encoding="utf-8"))
    pages["reference/python.md"] = api_pages.name_list_page(purposes)
    for purpose, names in purposes.items():
        pages[f"{api_pages.FOLDER}/{api_pages.file_name(purpose)}.md"] = api_pages.purpose_page(purpose, names)
    return {PurePosixPath(name): text for name, text in pages.items()}


def read_mentions(pages: Mapping[PurePosixPath, str], commands: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Return the pages that say how a command is called, title by file, by command; the one that does most is first."""
    found: dict[str, dict[str, str]] = {}
    for command in commands:
        uses = re.compile(rf"\bboxwright {re.escape(command)}\b")
        counts = {page: len(uses.findall(text)) for page, text in pages.items() if page.parts[0] != "source"}
        best = sorted(
            (page for page in counts if counts[page] and page.stem not in _LISTS), key=lambda page: -counts[page]
        )
        found[command] = {str(page): _title(pages[page]) for page in best}
    return found


_LISTS = ("index", "overview", "changelog")
"""Pages that name every command."""


def _title(page: str) -> str:
    """Return a page's first heading."""
    match = re.search(r"^# (.+)$", page, flags=re.MULTILINE)
    return match[1] if match else "?"


def _complete(front_page: str, chapters: list[Chapter]) -> str:
    """Return the front page with rows for what is made from code, and the tables of contents, which it hides."""
    for title, purpose, words, page in MADE:
        front_page = add_row(front_page, title, f"| {purpose} | [{words}]({page}) |")
    blocks = [front_page]
    for chapter in chapters:
        entries = [(words, str(place_of(file))) for file, words in chapter.files.items()]
        entries += [(words, page) for title, _, words, page in MADE if title == chapter.title]
        lines = "\n".join(f"{words} <{page.removesuffix('.md')}>" for words, page in entries)
        blocks.append(f"```{{toctree}}\n:hidden:\n:caption: {chapter.title}\n\n{lines}\n```\n")
    return "\n".join(blocks)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
