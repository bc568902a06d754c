"""Contracts on the project itself: packaging, documentation, modules."""

import ast
import importlib.metadata
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import app

ROOT = Path(__file__).parents[1]
PACKAGES = ("base", "generator", "templates", "model", "active", "service", "boxwright", "commands")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_other_distribution_provides_our_top_level_names() -> None:
    providers = importlib.metadata.packages_distributions()
    for name in (*PACKAGES, "cli"):
        others = set(providers.get(name, ())) - {"boxwright"}
        assert not others, f"{name} is also provided by {others}; install boxwright into an environment of its own"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_holds_and_an_init_holds_nothing_else(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    if path.name == "__init__.py" and path.parent.name != "boxwright":  # that one is the front door
        assert len(tree.body) == 1


def test_every_package_is_built_checked_and_held_to_its_layer() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
    assert packages == sorted(PACKAGES)
    assert packages == sorted(tools["mypy"]["packages"])
    assert packages == sorted(tools["importlinter"]["root_packages"])
    assert packages == sorted(tools["importlinter"]["contracts"][0]["layers"])
    built = (tools["hatch"]["build"], tools["hatch"]["build"]["targets"]["sdist"])
    assert all({*packages, "cli.py"} <= {*target["only-include"]} for target in built)
    assert all((ROOT / name / "py.typed").exists() for name in packages)


def test_only_two_modules_know_playwright_and_only_model_knows_torch() -> None:
    browsing = {ROOT / "generator" / "rendering" / name for name in ("browser.py", "studio.py")}
    for path in MODULES:
        imported = _imports(path)
        assert "playwright" not in imported or path in browsing
        assert "torch" not in imported or path.relative_to(ROOT).parts[0] == "model"


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
