"""The front door: what `import boxwright` gives, what it costs, and that the documents use nothing else."""

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import base.errors
import boxwright
from base.plugins import GROUP_PREFIX
from commands.support.installation import OPEN_CATALOGUES
from tests.crops import write_crops

ROOT = Path(__file__).parents[1]
SOURCE = ast.parse((ROOT / "boxwright" / "__init__.py").read_text(encoding="utf-8"))
ROOMS = ("base", "generator", "templates", "model", "active", "service", "commands")
NAMES = sorted(set(boxwright.__all__) - {"__version__"})
GROUPS = {catalogue.group.removeprefix(GROUP_PREFIX) for catalogue in OPEN_CATALOGUES}
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "*/README.md", "model/pretrained/*.md", "**/*.md.jinja", "notebooks/*.ipynb")
    for path in ROOT.glob(pattern)
    if not any(part.startswith(".") or part == "build" for part in path.relative_to(ROOT).parts)
)


def shown_to_type_checkers() -> dict[str, str]:
    """Return the module of each name that is imported below `if TYPE_CHECKING`."""
    blocks = [node for node in SOURCE.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or "": node.module or "" for node in imports for alias in node.names}


def documented(module: str) -> set[str]:
    """Return the classes, functions and values that a module defines and says something of."""
    body = ast.parse((ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")).body
    defined = (node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))
    found = {node.name for node in defined if ast.get_docstring(node)}
    for node, after in pairwise(body):
        says = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(node, ast.Assign) and says:
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def python_of(document: Path) -> str:
    """Return the Python in a document, and what stands between backticks like Python."""
    text = document.read_text(encoding="utf-8")
    if document.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")
    inline = (code for code in re.findall(r"`([^`]+)`", text) if re.match(r"(from|import) ", code))
    return "\n".join([*re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL), *inline])


def imports_of(code: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def run_python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=120).stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_its_rooms_own_object_and_says_what_it_is(name: str) -> None:
    module = shown_to_type_checkers()[name]
    assert getattr(boxwright, name) is getattr(importlib.import_module(module), name)
    assert name in documented(module), f"{module}.{name} has no docstring, or is defined elsewhere"


def test_type_checkers_see_the_names_that_there_are() -> None:
    assert sorted(shown_to_type_checkers()) == NAMES
    assert {*boxwright.__all__} <= {*dir(boxwright)}
    assert len(boxwright.__all__) == len(set(boxwright.__all__))


def test_all_errors_are_public() -> None:
    kinds = {
        name for name, value in vars(base.errors).items() if isinstance(value, type) and issubclass(value, Exception)
    }
    assert len(kinds) > 10
    assert kinds <= {*NAMES}


def test_importing_it_loads_the_standard_library_alone() -> None:
    for then, rooms in {"dir(boxwright)": set(), "boxwright.InputError": {"base"}}.items():
        code = f"import sys; before = set(sys.modules); import boxwright; {then}; print(*(set(sys.modules) - before))"
        loaded = {name.partition(".")[0] for name in run_python(code).split()}
        assert loaded - sys.stdlib_module_names == {"boxwright", *rooms}


def test_the_version_is_that_of_the_distribution() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", boxwright.__version__)


def test_a_name_that_is_not_public_is_refused_and_the_likely_one_named() -> None:
    with pytest.raises(AttributeError, match="boxwright has no 'lode_classifier'") as caught:
        boxwright.lode_classifier  # type: ignore[attr-defined]  # noqa: B018  # the mistake that is meant
    assert (caught.value.name, caught.value.obj) == ("lode_classifier", boxwright)  # what Python suggests from
    with pytest.raises(ImportError, match="cannot import name 'Journal'"):
        exec("from boxwright import Journal")
    assert not hasattr(boxwright, "classify")


def test_nothing_else_is_called_boxwright() -> None:
    assert Path(boxwright.__file__) == ROOT / "boxwright" / "__init__.py"
    assert "boxwright" not in sys.stdlib_module_names
    assert not (ROOT / "boxwright.py").exists()
    assert {path.name for path in (ROOT / "boxwright").iterdir()} - {"__pycache__"} == {"__init__.py", "py.typed"}


@pytest.mark.slow
def test_mypy_knows_the_types_and_refuses_what_is_misspelt(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\nimport boxwright\n"
        "reveal_type(boxwright.load_classifier(Path('run'))(['a.png'])[0].confidence)\n"
        "reveal_type(boxwright.__version__)\n"
        "boxwright.load_classifier(model=3)\nboxwright.lode_classifier()\n"
    )
    file = tmp_path / "caller.py"
    file.write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=500).stdout
    # mypy's cache may give what it said of the same program in another run's folder.
    told = [line.split(": ", 1)[1] for line in said.splitlines() if "caller.py:" in line]
    assert told[:2] == ['note: Revealed type is "float | None"', 'note: Revealed type is "str"'], said
    assert [line[line.rindex("[") :] for line in told[2:]] == ["[arg-type]", "[attr-defined]"], said


def test_every_public_name_stands_in_one_table_of_the_documentation() -> None:
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").partition("## Every name")[2]
    cells = re.findall(r"^\| (`.+?) \|", text, flags=re.MULTILINE)
    told = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(told) == sorted(boxwright.__all__)


def test_the_documents_that_are_looked_at_are_there() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS}
    assert names >= {"README.md", "docs/python.md", "generator/formats/card.md.jinja", "notebooks/1-data.ipynb"}
    assert sum(bool(python_of(path)) for path in DOCUMENTS) >= 5


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_documents_import_public_names_alone(document: Path) -> None:
    for module, name in imports_of(python_of(document)):
        assert module.partition(".")[0] not in ROOMS, f"{document.name} imports from {module}"
        assert module != "boxwright" or not name or name in boxwright.__all__, f"there is no boxwright.{name}"
    text = document.read_text(encoding="utf-8")
    for name in re.findall(r"\bboxwright\.(\w+)", text):
        assert name in {*boxwright.__all__, *GROUPS, *ROOMS, "toml"}, f"{document.name} names boxwright.{name}"
    if document.name == "architecture.md":
        return  # what it is about is the rooms
    for room, module in re.findall(rf"\b({'|'.join(ROOMS)})\.(\w+)\b(?!/)", text):
        place = ROOT / room / module
        assert not place.is_dir() and not place.with_suffix(".py").exists(), f"{document.name} names {room}.{module}"


def test_benchmarks_go_by_the_front_door_where_they_can() -> None:
    for path in sorted((ROOT / "bench").glob("*.py")):
        for module, name in imports_of(path.read_text(encoding="utf-8")):
            public = module.partition(".")[0] in ROOMS and name in boxwright.__all__
            assert not public, f"{path.name} imports {name} from {module}; boxwright has it"


def test_a_model_is_named_by_text_or_path_alike() -> None:
    by_text, by_path = (boxwright.load_model(name) for name in ("pretrained", Path("pretrained")))
    assert by_text.fingerprint == by_path.fingerprint == boxwright.load_any_model("pretrained").fingerprint
    with pytest.raises(boxwright.MissingError, match=r"no model nowhere\.onnx"):
        boxwright.load_any_model("nowhere.onnx")


def test_the_examples_of_classifying_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    crop = sorted(write_crops(tmp_path / "data" / "pool", 1).rglob("*.png"))[0]
    crop.replace("data/pool/newsletter.png")
    Path("newsletter.png").write_bytes(Path("data/pool/newsletter.png").read_bytes())
    with Image.open("newsletter.png") as opened:
        image = opened.convert("RGB")
    given = {"image": image, "png_bytes": Path("newsletter.png").read_bytes(), "pixels": np.asarray(image)}
    examples = [
        code
        for path in (ROOT / "README.md", ROOT / "docs" / "python.md")
        for code in re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.M | re.S)
        if "load_classifier()" in code
    ]
    assert len(examples) == 2
    for example in examples:
        exec(example, given)
    results = given["results"]
    assert isinstance(results, list)
    assert [result.error for result in results] == [None] * 4
    assert len({result.label for result in results}) == 1
