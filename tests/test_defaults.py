import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from base.plugins import resolve
from commands.support.defaults import (
    BOUNDS,
    OTHER_FIELDS,
    SETTINGS,
    DeclaredField,
    find_field,
    read_fields,
    with_default,
)
from commands.support.shared import progress_bars
from tests.test_choices import ALL, shown
from tests.test_cli import run

FILLED = [
    (command, parameter.name, parameter.opts[0])
    for command in SETTINGS
    for parameter in ALL[(command,)].params
    if find_field(command, parameter.name)
]
"""Command, parameter and option of every option that fills a field of settings."""


def real_field(command: str, parameter: str) -> Any:
    """The field itself, from the class, imported."""
    model = resolve(SETTINGS[command])
    *outer, name = OTHER_FIELDS.get((command, parameter), parameter).split(".")
    for each in outer:
        model = model.model_fields[each].annotation
    return model.model_fields[name]


@pytest.mark.parametrize("command", SETTINGS)
def test_what_is_read_in_the_source_is_what_pydantic_knows(command: str) -> None:
    model: type[BaseModel] = resolve(SETTINGS[command])
    declared = read_fields(SETTINGS[command])
    assert list(declared) == list(model.model_fields)
    for name, field in model.model_fields.items():
        known = {bound: getattr(one, bound) for one in field.metadata for bound in BOUNDS if hasattr(one, bound)}
        assert declared[name].bounds == known, name
        if field.default is not PydanticUndefined and isinstance(field.default, str | int | float | tuple):
            given = declared[name].default
            assert given == field.default or (given is None and (command, name) in COMPUTED), name


COMPUTED = {("serve", "max_megapixels"), ("simulate", "duplicate_similarity")}
"""Fields whose default is computed, and which no option fills."""


@pytest.mark.parametrize(("command", "parameter", "option"), FILLED)
def test_every_option_that_fills_a_field_shows_its_default_and_its_range(
    command: str, parameter: str, option: str
) -> None:
    field = real_field(command, parameter)
    page = shown(command)
    start = re.search(rf"(?<![\w-]){option}(?: -\w| --no-[\w-]+)? <[\w\[\]]+>", page)
    assert start, f"{option} is not on the page"
    text = page[start.end() :]
    text = text[: text.index("]", text.index("[default: ")) + 1]
    assert " <" not in text, f"{option} shows no default"
    if isinstance(field.default, bool):
        assert f"[default: {'yes' if field.default else 'no'}" in text
    elif isinstance(field.default, str | int | float):
        word = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        assert re.search(rf"\[default: {re.escape(word)}[];]", text)
    for one in field.metadata:
        for bound in BOUNDS:
            if hasattr(one, bound):
                value = getattr(one, bound)
                assert f"{value + (bound == 'gt' and field.annotation is int):g}" in text.partition("[default: ")[2]


@pytest.mark.parametrize("command", SETTINGS)
def test_every_flag_that_a_command_hands_to_its_settings_is_bound(command: str) -> None:
    source = inspect.getsource(ALL[(command,)].callback)
    handed = set(re.findall(r'"(\w+)": (\w+)', source)) | set(re.findall(r'\("(\w+)", (\w+)\)', source))
    fields = read_fields(SETTINGS[command])
    parameters = {parameter.name for parameter in ALL[(command,)].params}
    for field, parameter in handed:
        if parameter in parameters and field in fields:
            assert find_field(command, parameter) == fields[field], f"{parameter} fills {field}"
    assert [pair for pair in OTHER_FIELDS if pair[0] == command and pair[1] not in parameters] == []


def test_ranges_are_said_in_words() -> None:
    def words(annotation: str = "float", **bounds: float) -> str:
        return DeclaredField(annotation, None, bounds).to_text()

    assert words() == ""
    assert words("int", gt=0) == "at least 1"
    assert words(gt=0, le=1) == "more than 0, at most 1"
    assert words("int", ge=0, le=65535) == "0 to 65535"
    assert words(ge=0, lt=1) == "at least 0, less than 1"


def test_what_a_help_says_itself_of_a_default_that_is_no_plain_value_stays() -> None:
    assert with_default("train", "patience", "Stop. [default: never]") == "Stop. [default: never; at least 1]"
    assert with_default("train", "real", "A folder.") == "A folder."
    assert with_default("doctor", "seed", "None. [default: 4]") == "None. [default: 4]"


def sources(words: tuple[str, ...]) -> list[str]:
    """What is written for the help of a command: its own text, and that of its parameters."""
    command = ALL[words]
    return [command.help or "", *(getattr(parameter, "help", None) or "" for parameter in command.params)]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_word_in_brackets_is_on_the_page(words: tuple[str, ...]) -> None:
    page = shown(*words)
    for text in sources(words):
        for word in re.findall(r"\[(?!default: )[^\]]*\]", text):
            assert word in page


def test_a_list_of_commands_has_its_words_in_brackets() -> None:
    assert "limits stand in boxwright.toml's table [serve]" in shown("serve")
    assert "limits stand in boxwright.toml's table [serve]" in shown()


@pytest.mark.parametrize("name", ["a[b]", "[red]x", "[/]", "x[/red]"])
def test_names_with_brackets_are_printed_as_they_are(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("evaluate", "pretrained", name)[2] == f"Error: no folder {name}\n"
    assert run("evaluate", "pretrained", tmp_path, name)[0] == 2
    assert name in run("evaluate", "pretrained", tmp_path, name)[2]
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    with progress_bars() as bar:
        bar(name)(1, 2)
    assert f"{name} " in capsys.readouterr().err
