import os
import subprocess
import sys

import pytest
import typer.main

from cli import COMMANDS, app
from commands.support.lazy_commands import LazyCommands


def printed(code: str, **environment: str) -> str:
    """Return what a process of its own prints last."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYDANTIC_")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=inherited | environment
    )
    return done.stdout.splitlines()[-1]


def test_a_run_imports_its_own_command_alone() -> None:
    code = (
        "import cli, sys; cli.app(['classify', '--help'], standalone_mode=False)\n"
        "print([name for name in sys.modules if name.startswith('commands.') and 'support' not in name])"
    )
    assert printed(code) == "['commands.classify']"


def test_commands_are_built_once_each_under_its_word() -> None:
    commands = LazyCommands({"labels": "commands.label:labels_app", "inspect": "commands.inspect:inspect"})
    assert list(commands) == ["labels", "inspect"]
    assert [commands[word].name for word in commands] == ["labels", "inspect"]
    assert commands["inspect"] is commands["inspect"]
    assert "export" in commands["labels"].commands
    with pytest.raises(KeyError):
        commands["lables"]


def test_a_word_is_the_function_s_name() -> None:
    group = typer.main.get_command(app)
    assert list(group.commands) == list(COMMANDS)  # type: ignore[attr-defined]  # it is a group
    for word, place in COMMANDS.items():
        assert place.rpartition(":")[2].removesuffix("_app") == word.replace("-", "_")


END = """
import atexit, cli, gc, os, sys
sys.argv = ["boxwright", "--version"]
atexit.register(lambda: print({}))
cli.main()
"""


def test_what_is_loaded_is_not_searched_for_garbage_at_exit() -> None:
    assert int(printed(END.format("gc.get_freeze_count()"))) > 10_000


@pytest.mark.parametrize(("given", "found"), [({}, "__all__"), ({"PYDANTIC_DISABLE_PLUGINS": ""}, "")])
def test_no_plug_ins_of_pydantic_are_looked_for_unless_they_are_asked_for(given: dict[str, str], found: str) -> None:
    assert printed(END.format("repr(os.environ['PYDANTIC_DISABLE_PLUGINS'])"), **given) == repr(found)


def test_who_draws_nothing_loads_no_playwright() -> None:
    assert printed("import sys, generator.datasets.dataset; print('playwright.sync_api' in sys.modules)") == "False"
