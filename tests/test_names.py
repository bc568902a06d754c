"""Contracts on names: a word means one thing, and what the text names is there."""

import ast
import functools
import importlib
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.test_layout import MODULES, PACKAGES, ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]

INSIDE = "|".join(name for name in PACKAGES if name != "boxwright")  # whose names also are files and entry points
OURS = re.compile(rf"(?<![\w./-])(?:{INSIDE})(?:\.[a-z_]\w*)*\.[A-Za-z_]\w*(?![\w/-])")
"""A dotted name of ours, as `model.learning.losses.LOSSES`."""

FILES = ("json", "safetensors")
"""What such a name ends with where it is a file's."""


@functools.cache
def trees() -> dict[Path, ast.Module]:
    """Return what each module says; each worker collects this file, and one of them runs it."""
    return {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def test_no_two_modules_have_the_same_name() -> None:
    paths = defaultdict(list)
    for path in trees():
        if path.name != "__init__.py" and path.parts[0] != "commands":  # those are named after what they run
            paths[path.stem].append(path)
    assert not {name: found for name, found in paths.items() if len(found) > 1}


def test_no_two_types_or_functions_that_others_can_import_have_the_same_name() -> None:
    places = defaultdict(list)
    for path, tree in trees().items():
        for name, node in exported(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or path.parts[0] != "commands":
                places[name].append(path)
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_a_constant_that_another_module_imports_has_a_name_of_its_own() -> None:
    places = defaultdict(set)
    for path, tree in trees().items():
        for name in constants(tree):
            places[name].add(path)
    shared = {
        alias.name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES
        for alias in node.names
    }
    assert not {name: found for name, found in places.items() if len(found) > 1 and name in shared}


def test_kinds_of_arrays_are_named_once_and_type_variables_are_private() -> None:
    for path, tree in trees().items():
        for node in tree.body:
            if isinstance(node, ast.Assign):
                [value, name] = [ast.unparse(part) for part in (node.value, node.targets[0])]
                assert "NDArray" not in value or path == Path("base/arrays.py"), (
                    f"{path}: {name} goes to base/arrays.py"
                )
                if value.startswith("TypeVar("):
                    assert name.startswith("_"), f"{path}: {name} is a type variable, and can be private"


def test_dotted_names_in_docstrings_comments_and_documents_lead_somewhere() -> None:
    texts = {path: "\n".join(prose(path)) for path in MODULES}
    texts |= {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
    named = [(path, name) for path, text in texts.items() for name in OURS.findall(text)]
    assert len(named) > 20
    lost = [(path, name) for path, name in named if name.split(".")[-1] not in FILES and not leads_somewhere(name)]
    assert not lost


def exported(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the public types, functions and type aliases of a module; an alias is written as types are."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if not re.fullmatch(r"[A-Z]\w*[a-z]\w*|[A-Z]", name):
                continue
        else:
            continue
        if not name.startswith("_"):
            yield name, node


def constants(tree: ast.Module) -> Iterator[str]:
    """Yield the names in capitals that a module defines."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for name in (inner for target in targets for inner in ast.walk(target)):
            if isinstance(name, ast.Name) and re.fullmatch(r"[A-Z][A-Z0-9_]*", name.id):
                yield name.id


def prose(path: Path) -> Iterator[str]:
    """Yield the comments and plain strings of a module."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and token.string[0] in "\"'"):
                yield token.string


def leads_somewhere(dotted: str) -> bool:
    """Tell whether a dotted name is that of a module, or of something in one."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        try:
            for part in parts[cut:]:
                found = getattr(found, part)
        except AttributeError:
            return False
        return True
    return False
