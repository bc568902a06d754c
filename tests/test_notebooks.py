import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from generator.rendering.browser import BrowserChoice

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, browser_choice: BrowserChoice, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    with _quiet_client():
        NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
        ).execute()
    texts = [
        output.text for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "stream"
    ]
    assert any("crops never queued" in text for text in texts)


def test_notebooks_are_stored_without_output() -> None:
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        assert not [cell for cell in cells if cell.get("outputs")]


@contextlib.contextmanager
def _quiet_client() -> Iterator[None]:
    """Let the kernel client warn of its own affairs, and find boxwright wherever the notebook runs."""
    root = str(Path(__file__).parents[1])
    os.environ["PYTHONPATH"] = root
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    del os.environ["PYTHONPATH"]
