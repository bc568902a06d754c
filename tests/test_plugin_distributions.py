"""Real distributions, built and installed by pip, and the command line with them."""

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from tests.crops import write_crops

ROOT = Path(__file__).parents[1]

PROJECT = """
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1"
"""

BROKEN = """
[project.entry-points."boxwright.strategies"]
torn = "torn_plugin.gone:strategy"

[project.entry-points."boxwright.losses"]
twice = "torn_plugin:number"
number = "torn_plugin:number"

[project.entry-points."boxwright.stratgies"]
lost = "torn_plugin:number"
"""

TAKEN = """
[project.entry-points."boxwright.strategies"]
margin = "greedy_plugin:number"

[project.entry-points."boxwright.losses"]
twice = "greedy_plugin:number"
"""

SCRIPT = """
import json, sys
from typer.testing import CliRunner
from base.timing import show_warnings
from cli import app

if __name__ == "__main__":
    show_warnings()  # as the command line does
    for words in json.loads(sys.stdin.read()):
        result = CliRunner().invoke(app, words)
        print(json.dumps([result.exit_code, result.stdout, result.stderr]), flush=True)
"""


@dataclass(frozen=True)
class Outcome:
    """What a command gave."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build and install the example, one whose parts are broken and one whose names are taken."""
    folder = tmp_path_factory.mktemp("plugins")
    for name, entries in (("torn-plugin", BROKEN), ("greedy-plugin", TAKEN)):
        module = folder / name / name.replace("-", "_")
        module.mkdir(parents=True)
        (folder / name / "pyproject.toml").write_text(PROJECT.format(name=name) + entries)
        (module / "__init__.py").write_text("number = 7\n")
    sources = [ROOT / "tests" / "plugin", folder / "torn-plugin", folder / "greedy-plugin"]
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run([*command, "--target", folder / "site", *sources], check=True, capture_output=True, timeout=100)
    return folder / "site"


def run_with(site: Path, folder: Path, *commands: list[str | Path]) -> list[Outcome]:
    """Run commands in one process that sees the distributions."""
    (folder / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{site}", "OMP_NUM_THREADS": "1", "COLUMNS": "200"},
        input=json.dumps([[str(word) for word in words] for words in commands]),
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    return [Outcome(*json.loads(line)) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    write_crops(folder / "crops", 4)
    return folder


TRAIN = ["train", "--real", "crops", "--epochs", "1", "--threads", "1"]
QUEUE = ["queue", "crops", "--model", "pretrained", "-n", "4", "--store", "queue.db", "--strategy"]
COMMANDS: dict[str, list[str | Path]] = {
    "doctor": ["doctor"],
    "help": ["train", "--help"],
    "train": [*TRAIN, "--backbone", "mosaic", "--loss", "brier", "--out", "run"],
    "wrong loss": [*TRAIN, "--loss", "number", "--out", "no"],
    "two losses": [*TRAIN, "--loss", "twice", "--out", "no"],
    "queue": [*QUEUE, "first_come"],
    "torn strategy": [*QUEUE, "torn"],
    "import": ["labels", "import", "crops", "--store", "labels.db"],
    "export": ["labels", "export", "labels.tsv", "--format", "tsv", "--store", "labels.db"],
    "import again": ["labels", "import", "labels.tsv", "--format", "tsv", "--store", "again.db"],
    "generate": ["generate", "drawn", "-n", "3", "--format", "zip", "--workers", "1", "--family", "checkbox_native"],
    "classify": ["classify", "crops", "--model", "run"],
    "resume": ["train", "--out", "run", "--resume", "--loss", "brier"],
}


@pytest.fixture(scope="module")
def outcomes(site: Path, folder: Path, browser_choice: object) -> dict[str, Outcome]:
    """Run all commands where the distributions are installed; one that generates needs a browser."""
    return dict(zip(COMMANDS, run_with(site, folder, *COMMANDS.values()), strict=True))


pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_installed_distribution_adds_to_every_catalogue(outcomes: dict[str, Outcome], folder: Path) -> None:
    codes = {name: outcome.code for name, outcome in outcomes.items()}
    assert codes == {name: int(name in ("wrong loss", "two losses", "torn strategy")) for name in COMMANDS}
    help_ = " ".join(outcomes["help"].stdout.replace("│", " ").split())
    for words in ("vit_b_16 or mosaic, or timm:NAME", "generalized_cross_entropy, brier or number"):
        assert words in help_
    card = json.loads((folder / "run" / "model.json").read_text())
    assert (card["backbone"], card["training"]["settings"]["loss"]) == ("mosaic", "brier")
    reasons = [line.split("\t")[1] for line in outcomes["queue"].stdout.splitlines()]
    assert sorted(reason.partition(" 1.00")[0] for reason in reasons) == ["first come"] * 3 + ["random audit"]
    labelled = [line.split("\t") for line in (folder / "labels.tsv").read_text().splitlines()]
    assert {Path(path).parent.name == label for path, label, _ in labelled} == {True}
    assert outcomes["import again"].stdout.startswith("12 new, 0 known already; 0 images disputed\nclasses: ")
    with zipfile.ZipFile(folder / "drawn" / "000000.zip") as archive:
        assert len(archive.namelist()) == 6
    assert '- "*.zip"' in (folder / "drawn" / "README.md").read_text(encoding="utf-8")
    assert len(outcomes["classify"].stdout.splitlines()) == 13
    assert outcomes["resume"].stdout == outcomes["train"].stdout


def test_what_is_broken_is_named_where_it_is_asked_for_and_hurts_nothing_else(outcomes: dict[str, Outcome]) -> None:
    expected = {
        "wrong loss": "loss 'number' of torn-plugin 0.1 cannot be used: torn_plugin:number is an int, and should be",
        "two losses": "loss 'twice' comes with greedy-plugin 0.1 and with torn-plugin 0.1; uninstall one of them",
        "torn strategy": "strategy 'torn' of torn-plugin 0.1 cannot be used: torn_plugin.gone:strategy cannot be",
    }
    for name, message in expected.items():
        assert message in outcomes[name].stderr
        assert outcomes[name].stderr.startswith("Error: ")
        assert "Traceback" not in outcomes[name].stderr
    assert outcomes["queue"].stderr.splitlines() == [
        "warning: strategy 'margin' of greedy-plugin 0.1 is left out: the name is that of a built-in strategy of "
        "boxwright; it needs another",
        "4 images queued in queue.db; label them with `boxwright label`",
        "unsure (below 0.82) of 4 images of the pool",
    ]


def test_doctor_lists_what_is_added_and_what_is_wrong_with_it(outcomes: dict[str, Outcome]) -> None:
    lines = [line.strip() for line in outcomes["doctor"].stdout.splitlines()]
    found = {tuple(line.split()) for line in lines if line.startswith(("✓", "!"))}
    whole = {
        "strategies": "first_come", "losses": "brier", "backbones": "mosaic",
        "label_formats": "tsv", "dataset_formats": "zip",
    }  # fmt: skip
    assert {("✓", group, name, "of", "boxwright-example", "1.0") for group, name in whole.items()} <= found
    broken = {"strategies": ["torn"], "losses": ["number", "twice"]}
    assert {("!", group, name, "of", "torn-plugin", "0.1") for group in broken for name in broken[group]} <= found
    place = next(number for number, line in enumerate(lines) if "margin of greedy-plugin 0.1" in line)
    assert lines[place + 1].startswith("→ the name is that of a built-in strategy")
    assert any("unknown group 'boxwright.stratgies'; did you mean boxwright.strategies?" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["classify", "crops", "--model", "run"], "run/model.json: backbone 'mosaic' came with boxwright-example 1.0"),
        (["train", "--out", "run", "--resume"], "run/settings.json: backbone 'mosaic' came with boxwright-example 1.0"),
        (["rerender", "drawn", "x"], "drawn/dataset.json: format 'zip' came with boxwright-example 1.0"),
    ],
)
def test_what_was_made_with_an_addition_that_is_gone_says_what_is_missing(
    outcomes: dict[str, Outcome], folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    assert outcomes["generate"].code == 0
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Error: {message}")
    assert "not installed here: pip install boxwright-example==1.0" in result.stderr


def test_a_run_says_that_its_loss_is_missing(outcomes: dict[str, Outcome], folder: Path, tmp_path: Path) -> None:
    assert outcomes["train"].code == 0
    settings = (folder / "run" / "settings.json").read_text().replace("mosaic", "tiny")
    (tmp_path / "settings.json").write_text(settings)
    result = CliRunner().invoke(app, ["train", "--out", str(tmp_path), "--resume"])
    assert "settings.json: loss 'brier' came with boxwright-example 1.0, which is not installed here" in result.stderr
