"""Contracts on the project itself: packaging, documentation, modules."""

import ast
import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("generator", "templates", "model", "active")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).glob("*.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_other_distribution_provides_our_top_level_names() -> None:
    providers = importlib.metadata.packages_distributions()
    for name in (*PACKAGES, "cli"):
        others = set(providers.get(name, ())) - {"boxwright"}
        assert not others, f"{name} is also provided by {others}; install boxwright into an environment of its own"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_module_says_what_it_holds_and_an_init_holds_nothing_else(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    if path.name == "__init__.py":
        assert len(tree.body) == 1


def test_only_two_modules_know_playwright_and_only_model_knows_torch() -> None:
    browsing = {ROOT / "generator" / name for name in ("browser.py", "studio.py")}
    for path in MODULES:
        imported = _imports(path)
        assert "playwright" not in imported or path in browsing
        assert "torch" not in imported or path.parent.name == "model"


def test_every_command_is_documented() -> None:
    tree = ast.parse((ROOT / "cli.py").read_text(encoding="utf-8"))
    commands = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and _is_command(node)]
    assert len(commands) > 8
    for name in commands:
        words = name.replace("labels_", "labels ").replace("libraries_", "libraries ")
        assert f"boxwright {words}" in " ".join(README.split()), f"README does not mention `boxwright {words}`"


def test_constraints_pin_what_the_project_asks_for_and_name_no_host() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {_normal(re.split(r"[<>=\[ ]", requirement)[0]) for requirement in wanted}
    assert names <= {_normal(line.split("==")[0]) for line in pinned.splitlines()}
    assert not re.search(r"https?:|file:|index-url|@|/", pinned)


def _is_command(function: ast.FunctionDef) -> bool:
    return any("command" in ast.unparse(decorator) for decorator in function.decorator_list)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}
