"""Commands that are imported and built when they are asked for: a run needs one of them."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import typer
import typer.main

from commands.support.choices import CommandWithChoices


class LazyCommands(Mapping[str, Any]):
    """Word to command, or to group of commands, in the order of the words.

    Args:
        places: word to where its function, or its group's `typer.Typer`, is, MODULE:NAME.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._built: dict[str, Any] = {}

    def __getitem__(self, word: str) -> Any:  # noqa: ANN401  Typer vendors the type
        """Return the command, which is built once.

        Raises:
            KeyError: there is none.
        """
        if word not in self._built:
            module, _, name = self._places[word].partition(":")
            self._built[word] = _build(word, getattr(importlib.import_module(module), name))
        return self._built[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _build(word: str, found: Any) -> Any:  # noqa: ANN401  a function or a typer.Typer; Typer vendors what comes of it
    if not isinstance(found, typer.Typer):
        function, found = found, typer.Typer(add_completion=False)
        found.command(word, cls=CommandWithChoices)(function)
    return typer.main.get_command(found)
