import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import app
from commands.support.choices import CHOICES
from generator.families.family import load_families
from generator.libraries.installed import load_libraries
from model.networks.model_folders import MODEL_FILE, WEIGHTS
from tests.kits import install_kit, write_kit

ROOT = Path(__file__).parents[1]


NAMES = (
    *("backbone", "strategy", "strategies", "loss", "optimizer", "schedule", "weights", "device", "precision", "model"),
    *("format_", "runtime", "engine", "by", "sort", "mode", "graphics", "family", "without", "library", "names"),
    *("init", "compare", "layout", "without_layout"),
)
"""Parameters whose value is a name of something."""


def test_every_parameter_that_takes_a_name_is_completed() -> None:
    commands = list(_commands(typer.main.get_command(app)))
    named = [(command.name, each) for command in commands for each in command.params if each.name in NAMES]
    assert {each.name for _, each in named} == set(NAMES)
    assert [(command, each.name) for command, each in named if each._custom_shell_complete is None] == []


def test_every_choice_that_help_lists_is_completed() -> None:
    texts = [
        (each, getattr(each, "help", None) or "")
        for command in _commands(typer.main.get_command(app))
        for each in command.params
    ]
    assert {name for _, text in texts for name in re.findall(r"\{(\w+)\}", text)} == set(CHOICES)
    ending = {"output"}  # a file's name, of which the choices are but the ending
    assert {e.name for e, text in texts if "{" in text and e._custom_shell_complete is None} == ending


def _commands(group: Any) -> Iterable[Any]:
    for command in group.commands.values():
        yield from _commands(command) if hasattr(command, "commands") else [command]


COMPLETE = """
import contextlib, io, json, os, sys
sys.argv = ["boxwright"]
import cli
found = []
for words in {every!r}:
    os.environ |= {{"COMP_WORDS": "\\n".join(["boxwright", *words]), "COMP_CWORD": str(len(words))}}
    page = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(page), contextlib.suppress(SystemExit):
        cli.main()
    found.append([page.buffer.getvalue().decode().split(), sorted({heavy!r} & set(sys.modules))])
print(json.dumps(found))
"""
HEAVY = {"torch", "numpy", "playwright", "sklearn", "scipy", "matplotlib", "PIL", "pyarrow", "faker"}

OFFERED = (
    (["lab"], ["label", "labels"]),
    (["labels", "exp"], ["export"]),
    (["--ver"], ["--version"]),
    (["--version", "lab"], ["label", "labels"]),
    (["train", "--backbone", "resnet"], ["resnet18", "resnet34", "resnet50"]),
    (["simulate", "pool", "--strategies", "margin,m"], []),
    (["simulate", "pool", "--strategies", "margin,bad"], ["margin,badge"]),
    (["train", "--augment", "shift=0.5,s"], ["shift=0.5,screen="]),
    (["runs", "--sort", "val_m"], ["val_macro_f1"]),
    (["labels", "export", "out", "--format", "l"], ["label-studio"]),
    (["evaluate", ""], ["runs/deep/mine", "pretrained"]),
    (["classify", "pool", "-m", "runs/"], ["runs/deep/mine"]),
    (["generate", "out", "--family", "checkbox_nat"], ["checkbox_native"]),
    (["generate", "out", "--without", "kit/ch"], []),
    (["generate", "out", "--templates", "mine", "--without", "kit/ch"], ["kit/checkbox"]),
    (["generate", "out", "--templates", "nowhere", "--family", "checkbox_nat"], []),
    (["families", "--templates", "mine", "--library", ""], ["kit"]),
    (["generate", "out", "--without-layout", "todo"], ["todo_list"]),
    (["layouts", "--templates", "nowhere", "--layout", "todo"], []),
    (["libraries", "add", "bootst"], ["bootstrap"]),
    (["libraries", "remove", "bootst"], []),
)  # fmt: skip
"""What is typed after `boxwright`, and what is offered for its last word."""

ALL = (["families", "--family", ""], ["libraries", "add", ""])
"""What is typed where every family and every library is offered."""


@pytest.fixture(scope="module")
def completed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what bash is offered, by the words, as its own function asks; nothing heavy may be loaded for it.

    One process answers for all: it takes as long to start as to answer them.
    """
    folder = tmp_path_factory.mktemp("completion")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOXWRIGHT_CACHE", str(folder / "cache"))
        install_kit(write_kit(folder / "mine"))
    for run in ("runs/deep/mine", "runs/deep/mine/checkpoints/epoch-001"):
        (folder / run).mkdir(parents=True)
        for name in (MODEL_FILE, WEIGHTS):
            (folder / run / name).touch()
    every = [*(words for words, _ in OFFERED), *ALL]
    asked = {"_BOXWRIGHT_COMPLETE": "complete_bash", "BOXWRIGHT_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COMPLETE.format(every=every, heavy=HEAVY)]
    env = {**os.environ, **asked}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    answers = json.loads(done.stdout)
    assert [heavy for _, heavy in answers] == [[]] * len(every)
    return {" ".join(words): offered for words, (offered, _) in zip(every, answers, strict=True)}


@pytest.mark.parametrize(("words", "offered"), OFFERED, ids=" ".join)
def test_bash_is_offered_names(words: list[str], offered: list[str], completed: dict[str, list[str]]) -> None:
    assert completed[" ".join(words)] == offered


def test_the_families_and_libraries_offered_are_those_that_load(completed: dict[str, list[str]]) -> None:
    families, libraries = (completed[" ".join(words)] for words in ALL)
    assert {name for name in families if "/" not in name} == set(load_families())
    assert libraries == sorted(load_libraries())


def test_the_script_for_bash_is_shown(tmp_path: Path) -> None:
    # `--show-completion` asks which shell started it, and a machine that tests may have none
    environment = {**os.environ, "_CLI.PY_COMPLETE": "source_bash"}
    command = [sys.executable, str(ROOT / "cli.py")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "complete -o default -F" in done.stdout
