"""Dressing a page of sheets: giving it the libraries on a sheet, and comparing labels with what the DOM says."""

import functools
import importlib.resources
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from base.errors import TemplateError
from generator.libraries.bundle import read_bundle
from generator.rendering.sheet import libraries_on

Evaluate = Callable[[str, Any], Any]
"""A page's way to run JavaScript with an argument."""


def define_libraries(evaluate: Evaluate, html: str, *, defined: set[str]) -> None:
    """Give the page the style sheets and scripts of the libraries on the sheet, each once; `defined` grows.

    Raises:
        InputError: one is not installed.
    """
    for name in sorted(libraries_on(html) - defined):
        if not defined:
            evaluate(_script(), None)
        bundle = read_bundle(name)
        evaluate("(given) => defineLibrary(...given)", [name, bundle.css, bundle.script])
        defined.add(name)


def refuse_lies(lies: Iterable[Mapping[str, str]]) -> None:
    """See that no widget's state in the DOM differs from its label, and that all its elements are known.

    Raises:
        TemplateError: one does; the message names family and states.
    """
    for lie in lies:
        raise TemplateError(f"{lie['family']}: the page {lie['fault']}")


@functools.cache
def _script() -> str:
    return importlib.resources.files(__package__).joinpath("dress.js").read_text(encoding="utf-8")
