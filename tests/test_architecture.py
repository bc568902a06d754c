"""What docs/architecture.md says of the code is so."""

import re
from collections import defaultdict
from itertools import pairwise

import grimp

from tests.test_layout import PACKAGES, ROOMS, ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

Arrows = set[tuple[str, str]]


def drawn() -> tuple[set[str], Arrows]:
    """Return the nodes and the arrows of the diagram."""
    [diagram] = re.findall(r"^```mermaid\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for line in diagram.splitlines()[1:] if line.strip() not in ("", "end")]
    chains = [line.removeprefix("subgraph ").split(" --> ") for line in lines]
    return {name for chain in chains for name in chain}, {arrow for chain in chains for arrow in pairwise(chain)}


def imported() -> Arrows:
    """Return which package imports which, and within packages which room imports which."""
    graph = grimp.build_graph(*PACKAGES)
    arrows: Arrows = set()
    for module in graph.modules:
        for target in graph.find_modules_directly_imported_by(module):
            ours, theirs = module.split("."), target.split(".")
            if ours[0] != theirs[0]:
                arrows.add((ours[0], theirs[0]))
            elif len(ours) > 2 and len(theirs) > 2 and ours[1] != theirs[1]:
                arrows.add((".".join(ours[:2]), ".".join(theirs[:2])))
    return arrows


def reduced(arrows: Arrows) -> Arrows:
    """Return the arrows for which no longer way stands; there are no circles."""
    following = defaultdict(set)
    for start, end in arrows:
        following[start].add(end)

    def beyond(name: str) -> set[str]:
        return following[name].union(*map(beyond, following[name]))

    return {(start, end) for start, end in arrows if not any(end in beyond(way) for way in following[start] - {end})}


def test_the_diagram_shows_the_imports_of_the_code() -> None:
    nodes, arrows = drawn()
    assert arrows == reduced(imported())
    top = {path.parent.relative_to(ROOT).as_posix().replace("/", ".") for path in ROOMS}
    assert nodes == {name for name in top if name.count(".") < 2} | {"boxwright"}


def test_only_the_arrows_that_no_longer_way_stands_for_are_left() -> None:
    assert reduced({("a", "b"), ("b", "c"), ("a", "c"), ("a", "d")}) == {("a", "b"), ("b", "c"), ("a", "d")}


def test_every_file_that_is_named_is_there() -> None:
    named = re.findall(r"`([\w./]+(?:\.\w+|/))`", TEXT)
    files = [name for name in named if "/" in name or name == "cli.py"]
    assert len(files) > 50
    assert not [name for name in files if not (ROOT / name).exists()]


def test_each_word_is_explained_once() -> None:
    words = re.findall(r"^\| ([^|`]+) \| [^|]+ \|$", TEXT.partition("## Words")[2], re.MULTILINE)
    words = [word for entry in words[1:] for word in entry.split(", ") if not set(word) <= {"-", " "}]
    assert len(words) > 60
    assert len(set(words)) == len(words)
