"""The notebooks run from a clean kernel, and what they are stored with is of the code that they have."""

from pathlib import Path

import nbformat
import pytest

from generator.rendering.browser import BrowserChoice
from website.run_notebooks import CODE_HASH, NOTEBOOKS, hash_code, run_notebook

LARGEST = 300_000
"""Bytes of a notebook with its outputs."""

ENDS_WITH = {
    "1-data": "like nothing synthetic",
    "2-loop": "crops never queued",
    "3-model": "images/s",
    "4-own-classes": "record  read as record",
}
"""What each has to have said, when it was run to its end."""


# The notebooks' sizes make useful models; a test needs only to see that the cells run. The last one stays as it is:
# its last line says whether a picture was read right.
SMALLER = {
    "1-data": {"n=200, seed": "n=60, seed", "n=90, seed": "n=30, seed", "sample=200": "sample=60"},
    "2-loop": {"SIZE, EPOCHS = 180, 3": "SIZE, EPOCHS = 60, 1", "n=150, seed": "n=60, seed", "n=30)": "n=10)"},
    "3-model": {"n=200, seed": "n=60, seed", "epochs=2": "epochs=1"},
}


def shrink(name: str, code: str) -> str:
    for number, smaller in SMALLER.get(name, {}).items():
        code = code.replace(number, smaller)
    return code


def said(notebook: nbformat.NotebookNode) -> str:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return "\n".join(output.get("text", "") for output in outputs)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, browser_choice: BrowserChoice, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.pop("outputs", None)
        if cell.cell_type == "code":
            cell.outputs = []
            cell.source = shrink(path.stem, cell.source)
    run_notebook(notebook, tmp_path)
    assert ENDS_WITH[path.stem] in said(notebook)


@pytest.mark.parametrize("name", SMALLER)
def test_each_number_that_a_test_makes_smaller_stands_once_in_its_notebook(name: str) -> None:
    [path] = [path for path in NOTEBOOKS if path.stem == name]
    code = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    assert [code.count(number) for number in SMALLER[name]] == [1] * len(SMALLER[name])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_with_what_its_code_gives(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata["boxwright"][CODE_HASH] == hash_code(notebook), (
        "its code was changed: run `make notebooks`"
    )
    assert ENDS_WITH[path.stem] in said(notebook)
    assert path.stat().st_size < LARGEST
    kinds = {kind for cell in notebook.cells for output in cell.get("outputs", []) for kind in output.get("data", {})}
    assert kinds <= {"image/jpeg", "text/plain"}
    errors = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert not errors


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_installs_boxwright_first_where_it_is_not_there(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert "find_spec('boxwright') is None" in cells[0].source
    assert all("import boxwright" not in cell.source for cell in cells[:1])
