"""Sphinx extension: `boxwright COMMAND` in a text leads to the command's reference, and a public name to its own."""

from docutils import nodes
from sphinx.application import Sphinx

from website import api_pages, command_pages
from website.pages import ROOT


def setup(app: Sphinx) -> dict[str, bool]:
    """Have Sphinx ask here when a page's links are resolved."""
    app.connect("doctree-resolved", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def command_targets() -> dict[str, str]:
    """Return page and anchor of each command, by how it is called."""
    targets = {}
    for name, command in command_pages.read_commands().items():
        targets[f"boxwright {name}"] = f"{command_pages.FOLDER}/{name}"
        for word in command_pages.inner_commands(command):
            targets[f"boxwright {name} {word}"] = f"{command_pages.FOLDER}/{name}#boxwright-{name}-{word}"
    return targets


def name_targets() -> dict[str, str]:
    """Return page and anchor of each public name."""
    purposes = api_pages.read_purposes((ROOT / "docs" / "python.md").read_text(encoding="utf-8"))
    return {
        name: f"{api_pages.FOLDER}/{api_pages.file_name(purpose)}#{name.lower()}"
        for purpose, names in purposes.items()
        for name in names
    }


def _link(app: Sphinx, tree: nodes.document, page: str) -> None:
    commands, names = command_targets(), name_targets() if page == "python" else {}
    for literal in list(tree.findall(nodes.literal)):
        words = literal.astext().split()
        target = names.get(literal.astext()) or next(
            (commands[text] for count in (3, 2) if (text := " ".join(words[:count])) in commands), None
        )
        if target is None or _inside(literal, (nodes.reference, nodes.title)):
            continue
        name, _, anchor = target.partition("#")
        if name == page:
            continue
        address = app.builder.get_relative_uri(page, name) + (f"#{anchor}" if anchor else "")
        link = nodes.reference("", "", internal=True, refuri=address)
        literal.replace_self(link)
        link += literal


def _inside(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, kinds):
            return True
        parent = parent.parent
    return False
