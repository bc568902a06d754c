"""What commands load: those that need no network, no browser and no drawing must not wait for them."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from active.store.store import LabelStore
from cli import app
from tests.crops import LABELS, write_crops
from tests.drive_labeller import fill
from tests.kits import write_kit
from tests.run_folders import write_run
from tests.true_screens import write_screens

ROOT = Path(__file__).parents[1]

HEAVY = {
    *("torch", "torchvision", "timm", "onnxruntime", "sklearn", "scipy", "matplotlib", "playwright", "numpy", "PIL"),
    *("pyarrow", "faker", "jinja2", "textual", "fastapi", "ray", "sqlalchemy"),
    *("base.cluster", "generator.families.family"),
}

DEALING = {"sklearn", "scipy", "pyarrow", "numpy", "PIL"}  # scikit-learn loads the next three

FAMILIES = {"generator.families.family"}

OPENING = {"PIL", "numpy"}
"""What pictures are opened with."""

WIDGET = {"box": [10, 10, 16, 16], "kind": "checkbox", "state": "checked"}

RUNS: dict[str, tuple[list[str], set[str]]] = {
    "label": (["label", "--store", "empty.db"], {"numpy", "PIL", "textual"}),
    "labels export": (["labels", "export", "out", "--store", "labels.db"], {"PIL", "jinja2", "numpy"}),
    "labels import": (["labels", "import", "crops", "--store", "new.db"], OPENING),
    "labels disputes": (["labels", "disputes", "--store", "labels.db"], set()),
    "split": (["split", "crops", "--folds", "2", "--by", "crop"], DEALING),
    "split by looks": (["split", "crops", "--folds", "2", "--by", "visual", "--out", "looks.csv"], DEALING),
    "families": (["families"], FAMILIES),
    "layouts": (["layouts"], FAMILIES),
    "inspect": (["inspect", "crops"], OPENING),
    "audit": (["audit", "crops", "--check", "exact", "--check", "blurred"], OPENING | {"scipy", "base.cluster"}),
    "classify": (["classify", "crops"], {"numpy", "PIL", "onnxruntime"}),
    "evaluate": (["evaluate", "pretrained", "crops"], OPENING | {"onnxruntime"}),
    "evaluate screens": (["evaluate", "--screens", "screens"], {"numpy", "PIL", "onnxruntime"}),
    "scan": (["scan", "screens"], {"numpy", "PIL", "onnxruntime"}),
    "scan drawn": (["scan", "screens", "-o", "a.jsonl", "--draw", "drawn"], {"numpy", "PIL", "onnxruntime"}),
    "cut": (["cut", "screens", "cut"], {"numpy", "PIL", "onnxruntime"}),
    "queue": (
        ["queue", "crops", "--store", "queued.db", "--model", "pretrained"],
        OPENING | {"onnxruntime", "base.cluster"},
    ),
    "runs": (["runs", "trained", "--sort", "val_accuracy"], set()),
    "runs page": (["runs", "trained", "--page", "runs.html"], {"PIL", "jinja2"}),
    "tune space": (["tune", "--print-space"], set()),
    "libraries list": (["libraries", "list", "--templates", "mine"], FAMILIES),
    "libraries remove": (["libraries", "remove", "kit", "--templates", "mine"], FAMILIES),
}
"""What is run, where `world` lies, and which of HEAVY it may load."""

PROBE = """
import sys, pathlib
try:
    import cli
    cli.main()
finally:
    pathlib.Path({out!r}).write_text(" ".join({heavy!r} & set(sys.modules)))
"""


def loaded(words: list[str], folder: Path, **streams: Any) -> tuple[int, set[str]]:
    """Run a command in a process of its own; return its exit code and what of HEAVY it loaded."""
    out = folder / "loaded"
    script = f"import sys; sys.argv = {['boxwright', *words]!r}\n" + PROBE.format(out=str(out), heavy=HEAVY)
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, "TERM": "dumb", "BOXWRIGHT_CACHE": str(folder / "cache")}
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, env=env, check=False, **streams)
    return done.returncode, set(out.read_text().split())


def commands() -> Iterator[list[str]]:
    """Yield the words of every command and every group."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]  # it is a group
        yield [name]
        yield from ([name, inner] for inner in getattr(command, "commands", ()))


HELP = """
import contextlib, io, json, sys
import cli
found = {{}}
for words in {every!r}:
    sys.argv = ["boxwright", *words, "--help"]
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) as page:
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
    found[" ".join(words)] = [code, page.buffer.tell(), sorted({heavy!r} & set(sys.modules))]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def helped() -> dict[str, tuple[int, int, list[str]]]:
    """Ask for the help of every command, in one process; return exit code, length and what of HEAVY it loaded."""
    script = HELP.format(every=[[], *commands()], heavy=HEAVY)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", script], env=env, check=True, capture_output=True, text=True)
    found: dict[str, tuple[int, int, list[str]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", ["", *map(" ".join, commands())])
def test_help_loads_nothing_heavy(name: str, helped: dict[str, tuple[int, int, list[str]]]) -> None:
    code, length, heavy = helped[name]
    assert (code, heavy) == (0, [])
    assert length > 100


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with crops, a store whose queue is empty, a store with a label, and a library of one's own."""
    folder = tmp_path_factory.mktemp("world")
    write_crops(folder / "crops", 4)
    write_kit(folder / "mine")
    write_run(folder / "trained" / "one")
    write_screens(folder / "screens", [{"file": "a.png", "widgets": [WIDGET]}])
    with LabelStore.open(folder / "labels.db", annotator="ann") as store:
        fill(store, folder, 1)
        store.record(store.open_items()[0].item, "label", LABELS[0])
    (folder / "empty.db").write_bytes((folder / "labels.db").read_bytes())
    return folder


@pytest.mark.parametrize("name", RUNS)
def test_a_light_command_loads_only_what_it_needs(name: str, world: Path) -> None:
    words, allowed = RUNS[name]
    terminal, own = pty.openpty()  # the labeller wants one
    os.write(terminal, b"q\n")
    code, found = loaded(words, world, stdin=own, stdout=subprocess.DEVNULL, stderr=own)
    os.close(own)
    assert code == 0, os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert found <= allowed
