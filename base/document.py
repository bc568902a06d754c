"""Documents: Markdown and HTML from the Jinja templates that lie beside the code."""

import importlib.resources
from collections.abc import Callable, Mapping

NO_FILTERS: Mapping[str, Callable[..., str]] = {}


def render_document(
    package: str, name: str, values: Mapping[str, object], *, filters: Mapping[str, Callable[..., str]] = NO_FILTERS
) -> str:
    """Return the template `name` of `package` with `values` put in; an undefined name is an error.

    `filters` are what the template may pipe values through, besides Jinja's own.
    """
    import jinja2  # here, because most who may write a document write none

    source = importlib.resources.files(package).joinpath(name).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters.update(filters)
    return environment.from_string(source).render(values)


def render_html(package: str, name: str, values: Mapping[str, object]) -> str:
    """Return the template `name` of `package` with `values` put in as text.

    It may import its neighbours by name, and those of another package as "PACKAGE/NAME".
    """
    import jinja2  # here, because most who may write a document write none

    def read(each: str) -> str:
        there, _, file = each.rpartition("/")
        return importlib.resources.files(there or package).joinpath(file).read_text(encoding="utf-8")

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        loader=jinja2.FunctionLoader(read),
    )
    return environment.get_template(name).render(values)
