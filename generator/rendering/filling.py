"""Filling templates: Jinja, strict about names, and errors that say file and line."""

import functools
import importlib.resources
import traceback
from collections.abc import Mapping

import jinja2

from base.errors import TemplateError
from generator.families.family import SUFFIX
from generator.families.theme import distance, luminance, mix
from generator.rendering.compiled_templates import compile_template, compiled_templates


@functools.cache
def environment() -> jinja2.Environment:
    """Return the environment of all templates: escaping, strict about undefined names, with the shared macros."""
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_load),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        bytecode_cache=compiled_templates(),
    )
    made.globals |= {"fail": _fail, "mix": mix, "apart": distance, "lightness": luminance}
    return made


def _load(name: str) -> str:
    return importlib.resources.files("templates").joinpath(name).read_text(encoding="utf-8")


def _fail(message: str) -> str:
    """Let a macro refuse an argument; the template that passed it is named where the error is caught."""
    raise jinja2.TemplateRuntimeError(message)


@functools.lru_cache(maxsize=1024)
def _compiled(name: str, source: str) -> jinja2.Template:
    try:
        return compile_template(environment(), source, name=name, file=name + SUFFIX)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{name}{SUFFIX}:{error.lineno}: {error.message}") from error


def fill_template(name: str, source: str, names: Mapping[str, object]) -> str:
    """Return a template's HTML with `names` put in.

    Raises:
        TemplateError: a syntax error, an undefined name or a value that does not fit, with file and line.
    """
    try:
        return _compiled(name, source).render(names)
    except TemplateError:
        raise
    except (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        file = name + SUFFIX
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        raise TemplateError(f"{file}:{lines[-1] if lines else '?'}: {error}") from error
