"""Contracts on the project itself: packaging, documentation, modules."""

import ast
import importlib.metadata
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import app

ROOT = Path(__file__).parents[1]
PACKAGES = ("base", "generator", "templates", "model", "active", "service", "boxwright", "commands")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
ROOMS = [path for path in MODULES if path.name == "__init__.py" and path.parent.name != "boxwright"]
"""All packages but the front door, which holds what it lets through."""

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_other_distribution_provides_our_top_level_names() -> None:
    providers = importlib.metadata.packages_distributions()
    for name in (*PACKAGES, "cli"):
        others = set(providers.get(name, ())) - {"boxwright"}
        assert not others, f"{name} is also provided by {others}; install boxwright into an environment of its own"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_holds(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.parent.relative_to(ROOT).as_posix())
def test_an_init_says_in_two_to_four_sentences_what_is_here_and_holds_nothing_else(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert len(tree.body) == 1
    assert 2 <= len(re.findall(r"[.!?](?=\s|$)", ast.get_docstring(tree) or "")) <= 4


def test_a_folder_holds_few_enough_modules_to_be_taken_in_at_a_glance() -> None:
    modules = [path.relative_to(ROOT) for path in MODULES if path.name != "__init__.py"]
    folders = Counter(path.parent.as_posix() for path in modules if path.parts[0] != "commands")  # all of one kind
    crowded = {folder for folder, count in folders.items() if count > 20}
    assert not crowded, f"make rooms in {crowded}"


def test_every_package_is_built_checked_and_held_to_its_layer() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
    assert packages == sorted(PACKAGES)
    assert sorted((*packages, "website")) == sorted(tools["mypy"]["packages"])
    assert packages == sorted(tools["importlinter"]["root_packages"])
    assert packages == sorted(tools["importlinter"]["contracts"][0]["layers"])
    built = (tools["hatch"]["build"], tools["hatch"]["build"]["targets"]["sdist"])
    assert all({*packages, "cli.py"} <= {*target["only-include"]} for target in built)
    assert all((ROOT / name / "py.typed").exists() for name in packages)


def test_only_rendering_knows_playwright_and_only_model_knows_torch() -> None:
    knowing: dict[str, set[str]] = {"playwright": set(), "torch": set()}
    for path in MODULES:
        room = path.relative_to(ROOT).parent
        for name, rooms in knowing.items():
            if name in _imports(path):
                rooms.add(room.as_posix() if name == "playwright" else room.parts[0])
    assert knowing == {"playwright": {"generator/rendering"}, "torch": {"model"}}


def test_every_command_is_documented() -> None:
    commands = list(_commands(typer.main.get_command(app)))
    assert len(commands) > 20
    for words in commands:
        assert f"boxwright {words}" in " ".join(README.split()), f"README does not mention `boxwright {words}`"


def test_constraints_pin_what_the_project_asks_for_and_name_no_host() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {_normal(re.split(r"[<>=\[ ]", requirement)[0]) for requirement in wanted}
    assert names <= {_normal(line.split("==")[0]) for line in pinned.splitlines()}
    assert not re.search(r"https?:|file:|index-url|@|/", pinned)


def test_mypy_skips_what_only_an_extra_installs_so_that_its_findings_never_depend_on_it() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = settings["project"]["optional-dependencies"]
    asked = {_normal(re.split(r"[<>=\[ ]", each)[0]) for name in extras if name != "dev" for each in extras[name]}
    [override] = settings["tool"]["mypy"]["overrides"]
    optional = asked - {_normal(re.split(r"[<>=\[ ]", each)[0]) for each in extras["dev"]}
    assert optional == {"ray", "pyside6-essentials"}
    modules = {"pyside6-essentials": "PySide6"}
    assert {f"{modules.get(name, name)}.*" for name in optional} <= set(override["module"])
    assert override["follow_imports"] == "skip"


def _commands(group: Any) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from (f"{name} {inner}" for inner in _commands(command))
        else:
            yield name


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}
