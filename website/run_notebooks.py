"""`make notebooks`: run each notebook from a clean kernel and store what it prints and draws, small enough to keep."""

import argparse
import base64
import hashlib
import io
import os
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

from website.pages import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CODE_HASH = "code_sha256"
"""In a notebook's metadata: of which code the stored outputs are."""


def main() -> int:
    """Run the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, default=NOTEBOOKS, help="all by default")
    for path in parser.parse_args().notebooks:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
        before = used_s()
        run_notebook(notebook, path.parent)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
            for output in cell.get("outputs", []):
                shrink(output)
        notebook.metadata["boxwright"] = {CODE_HASH: hash_code(notebook)}
        notebook.metadata.pop("signature", None)
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]  # likewise
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, {used_s() - before:.0f} s of processors", flush=True)
    return 0


def run_notebook(notebook: Any, folder: Path) -> None:  # noqa: ANN401  nbformat has no types
    """Run a notebook in a kernel of its own, which works in `folder` and finds boxwright wherever that is."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the kernel client warns of its own affairs
            NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}}).execute()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def used_s() -> float:
    """Return the processor seconds of the processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def hash_code(notebook: Any) -> str:  # noqa: ANN401
    """Return a hash of a notebook's code: where it has changed, the stored outputs are of another notebook."""
    code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode()).hexdigest()


def shrink(output: Any) -> None:  # noqa: ANN401
    """Keep a picture as JPEG, and nothing else of an output that has one."""
    data = output.get("data", {})
    if "image/png" in data:
        with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as opened:
            file = io.BytesIO()
            opened.convert("RGB").save(file, "JPEG", quality=80)
        output["data"] = {"image/jpeg": base64.b64encode(file.getvalue()).decode()}
        output["metadata"] = {}


if __name__ == "__main__":
    sys.exit(main())
