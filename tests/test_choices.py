import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from base.plugins import resolve
from cli import app
from commands.support.choices import CHOICES, choices, fill_in

ROOT = Path(__file__).parents[1]


def named(words: tuple[str, ...]) -> set[str]:
    """The names in braces in the help of a command's parameters."""
    texts = [getattr(parameter, "help", None) or "" for parameter in ALL[words].params]
    return {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}


def walk(command: Any, *words: str) -> dict[tuple[str, ...], Any]:
    """All commands below one, by the words that call them."""
    if not hasattr(command, "commands"):
        return {words: command}
    return {key: found for name, one in command.commands.items() for key, found in walk(one, *words, name).items()}


ALL = walk(get_command(app))
LISTING = [words for words in ALL if named(words)]


def shown(*words: str) -> str:
    """The help of a command as one line of words."""
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "300"})
    assert result.exit_code == 0
    return " ".join(result.stdout.replace("│", " ").split())


@pytest.mark.parametrize("words", LISTING, ids=" ".join)
def test_help_lists_every_choice(words: tuple[str, ...]) -> None:
    page = shown(*words)
    assert [choice for name in named(words) for choice in choices(name) if choice not in page] == []


def test_every_catalogue_is_in_some_help() -> None:
    assert {name for words in LISTING for name in named(words)} == set(CHOICES)


def test_defaults_are_shown_and_not_taken_for_styles() -> None:
    assert "How many to queue. [default: 50; at least 1]" in shown("queue")


@pytest.mark.parametrize(
    ("name", "catalogue"),
    [
        ("runtimes", "model.running.runtimes:RUNTIMES"),
        ("exporters", "model.export.export:EXPORTERS"),
        ("groupings", "model.splitting.grouping:GROUPINGS"),
        ("backbones", "model.networks.backbone_catalogue:BACKBONES"),
    ],
)
def test_names_that_stand_apart_are_those_of_the_catalogue(name: str, catalogue: str) -> None:
    assert choices(name) == tuple(resolve(catalogue))


def test_choices_are_joined_as_words() -> None:
    assert fill_in("{engines}, or {weights}.") == "local or ray, or none or imagenet."
    with pytest.raises(KeyError):
        fill_in("{teas}")


PAGES = {
    "label_formats": "labelling.md",
    "crop_formats": "data-sets.md",
    "strategies": "strategies.md",
    "losses": "training.md",
    "optimizers": "training.md",
    "schedules": "training.md",
    "backbones": "backbones.md",
    "exporters": "serving.md",
    "groupings": "splits.md",
}


@pytest.mark.parametrize(("name", "page"), PAGES.items())
def test_the_documents_name_every_choice(name: str, page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert [choice for choice in choices(name) if not re.search(rf"(?<![\w-]){choice}(?![\w-])", text)] == []
