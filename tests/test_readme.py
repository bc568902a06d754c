"""What the README promises: its commands run, in its order, and its links lead somewhere."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from active.store.store import LabelStore
from cli import app
from tests.crops import write_crops

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ boxwright (.+)$", README, flags=re.MULTILINE)

# The README's sizes make useful models; a test needs only to see that the words are right.
SMALLER = {r"-n 6000": "-n 40 --workers 1", r"--epochs \d+": "--epochs 1 --threads 1", r"-n 50": "-n 8"}


def shrink(command: str) -> list[str]:
    for pattern, replacement in SMALLER.items():
        command = re.sub(pattern, replacement, command)
    return shlex.split(command)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.usefixtures("kept_worker")
def test_the_commands_run_in_the_order_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_crops(tmp_path / "data" / "real", 6)
    shutil.copytree(tmp_path / "data" / "real", tmp_path / "data" / "pool")
    assert [command.split()[0] for command in COMMANDS].count("train") == 1
    for command in COMMANDS:
        if command == "label":
            with LabelStore.open(Path("data/labels.db"), create=False) as store:
                for item in store.open_items():
                    store.record(item.item, "label", item.predicted)
            continue
        result = CliRunner().invoke(app, shrink(command))
        assert result.exit_code == 0, f"{command}: {result.output}{result.exception!r}"
    assert (tmp_path / "predictions.csv").read_text(encoding="utf-8").startswith("path,prediction,confidence,")


@pytest.mark.parametrize(
    "document", sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]), ids=lambda path: path.name
)
def test_relative_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_python_examples_compile() -> None:
    examples = re.findall(r"^```python\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        compile(example, "README.md", "exec")
