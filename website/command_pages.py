"""Reference of the command line: a page a command, from the commands themselves."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

import typer

from cli import app
from commands.support.choices import fill_in
from commands.support.defaults import OWN_WORDS, find_field, with_default

FOLDER = "reference/commands"


def read_commands() -> dict[str, Any]:
    """Return the commands by name in the order of `--help`; some are groups of others."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def inner_commands(command: Any) -> Mapping[str, Any]:  # noqa: ANN401  Typer vendors the type
    """Return the commands of a group; none where it is no group."""
    return getattr(command, "commands", {})


def command_page(name: str, command: Any, told_in: Mapping[str, str]) -> str:  # noqa: ANN401
    """Return the reference of a command; `told_in` are the pages that tell of it, title by file."""
    lines = [f"# boxwright {name}", ""]
    inner = inner_commands(command)
    if inner:
        lines += [_said(command.help), ""]
        for word, each in inner.items():
            lines += [f"## boxwright {name} {word}", "", *_reference(f"{name} {word}", each)]
    else:
        lines += _reference(name, command)
    if told_in:
        lines += ["## Where it is used", "", *(f"- [{title}](../../{file})" for file, title in told_in.items()), ""]
    return "\n".join(lines)


def command_list_page(commands: Mapping[str, Any]) -> str:
    """Return the list of all commands, with a line for each."""
    lines = [
        "# Commands",
        "",
        "What `boxwright --help` lists; `boxwright COMMAND --help` says what its page says.",
        "",
    ]
    lines += ["| command | what it does |", "| --- | --- |"]
    for name, command in commands.items():
        inner = inner_commands(command)
        lines += [f"| [boxwright {name}](commands/{name}.md) | {_cell(_said(command.help))} |"] if not inner else []
        lines += [
            f"| [boxwright {name} {word}](commands/{name}.md#boxwright-{name}-{word}) | {_cell(_said(each.help))} |"
            for word, each in inner.items()
        ]
    pages = "\n".join(f"commands/{name}" for name in commands)
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", "", pages, "```", ""])


def _reference(name: str, command: Any) -> Iterator[str]:  # noqa: ANN401
    arguments = [each for each in command.params if not each.opts[0].startswith("-")]
    options = [each for each in command.params if each.opts[0].startswith("-") and not each.hidden]
    words = " ".join(_argument_word(each) for each in arguments)
    yield from (_said(command.help), "", "```text", f"boxwright {name} [OPTIONS] {words}".rstrip(), "```", "")
    for title, group in (("argument", arguments), ("option", options)):
        if group:
            yield from (f"| {title} | takes | | default |", "| --- | --- | --- | --- |")
            yield from (_row(name, each) for each in group)
            yield ""


def _argument_word(parameter: Any) -> str:  # noqa: ANN401
    word = parameter.name.upper().rstrip("_") + ("…" if parameter.nargs == -1 else "")
    return word if parameter.required else f"[{word}]"


def _row(command: str, parameter: Any) -> str:  # noqa: ANN401
    option = parameter.opts[0].startswith("-")
    names = sorted([*parameter.opts, *parameter.secondary_opts], key=len, reverse=True)
    shown = ", ".join(f"`{each}`" for each in names) if option else f"`{_argument_word(parameter)}`"
    filled = with_default(command, parameter.name, fill_in(parameter.help or ""))
    own = OWN_WORDS.search(filled)
    default = own[1] if own else _allowed(command, parameter.name)
    told = OWN_WORDS.sub("", filled)
    told = re.sub(rf" \[{re.escape(default)}\]$", "", told) if default else told
    return f"| {shown} | {_taken(parameter)} | {_cell(told)} | {_cell(default or _plain_default(parameter))} |"


def _allowed(command: str, option: str) -> str:
    """Return the range of a setting that has no default to show."""
    declared = find_field(command, option)
    return declared.to_text() if declared else ""


def _plain_default(parameter: Any) -> str:  # noqa: ANN401
    if parameter.required:
        return "required"
    flag = getattr(parameter, "is_flag", False)
    return "" if flag or parameter.default in (None, False, ()) else str(parameter.default)


def _taken(parameter: Any) -> str:  # noqa: ANN401
    if getattr(parameter, "is_flag", False):
        return "–"
    annotation = parameter.type_descriptor.annotation
    inner = get_args(annotation)[0] if get_origin(annotation) in (list, tuple) else annotation
    return {"Path": "path", "int": "number", "float": "number", "str": "text"}.get(
        getattr(inner, "__name__", ""), "text"
    )


def _said(text: str | None) -> str:
    """Return a help text as Markdown shows it; Typer's own marks of paragraphs are left out."""
    return (text or "").replace("\b", "").strip()


def _cell(text: str) -> str:
    """Return a text for a cell of a table: on one line, names in capitals and pipes as they are."""
    return " ".join(text.split()).replace("|", r"\|").replace("<", r"\<").replace("*", r"\*")
