"""Reference of `import boxwright`: a page for each table of docs/python.md, from the docstrings."""

import inspect
import re
from collections.abc import Iterator, Mapping

import boxwright

FOLDER = "reference/python"


def read_purposes(page: str) -> dict[str, list[str]]:
    """Return the names below each heading of "Every name" in docs/python.md."""
    sections = re.split(r"^### (.+)$", page.partition("## Every name")[2], flags=re.MULTILINE)[1:]
    purposes = {}
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        cells = re.findall(r"^\| (`.+?) \|", body, flags=re.MULTILINE)
        names = [name for cell in cells for name in re.findall(r"`(\w+)`", cell) if name != "__version__"]
        if names:
            purposes[title] = names
    return purposes


def file_name(purpose: str) -> str:
    """Return the name of the page of a purpose, without its ending."""
    return re.sub(r"[^a-z]+", "-", purpose.lower()).strip("-")


def purpose_page(purpose: str, names: list[str]) -> str:
    """Return a page that has autodoc describe each name."""
    lines = [f"# {purpose}", "", "Names of `import boxwright`; [in Python](../../python.md) shows them at work.", ""]
    for name in names:
        lines += [f"## {name}", "", "```{eval-rst}", *_directive(name), "```", ""]
    return "\n".join(lines)


def name_list_page(purposes: Mapping[str, list[str]]) -> str:
    """Return the list of all public names, by purpose."""
    lines = ["# import boxwright", "", "Everything that programs call. [In Python](../python.md) has examples.", ""]
    for purpose, names in purposes.items():
        words = ", ".join(f"[{name}](python/{file_name(purpose)}.md#{name.lower()})" for name in names)
        lines += [f"**[{purpose}](python/{file_name(purpose)}.md)**: {words}", ""]
    pages = "\n".join(f"python/{file_name(purpose)}" for purpose in purposes)
    return "\n".join([*lines, "```{toctree}", ":hidden:", "", pages, "```", ""])


def _directive(name: str) -> Iterator[str]:
    found = getattr(boxwright, name)
    if not inspect.isclass(found):
        yield f".. {'autofunction' if inspect.isfunction(found) else 'autodata'}:: boxwright.{name}"
        if not inspect.isfunction(found):
            yield "   :no-value:"
        return
    error = issubclass(found, BaseException)
    yield f".. {'autoexception' if error else 'autoclass'}:: boxwright.{name}"
    yield "   :show-inheritance:" if error else "   :members:"
