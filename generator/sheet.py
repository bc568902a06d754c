"""Sheets: the HTML of a page of cells, and where their crops lie once the browser has laid them out."""

import functools
import importlib.resources
import re
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import jinja2

from generator.box import Box, union
from generator.cell import LOOK, MARGIN_PX, Cell, Neighbour
from generator.errors import TemplateError
from generator.family import SUFFIX, Family
from generator.theme import script_of

WIDTH_PX = 1600

STYLE = f"""
html, body {{ margin: 0; background: #777; }}
body {{ width: {WIDTH_PX}px; display: flex; flex-wrap: wrap; align-items: flex-start; }}
.cell {{ padding: {MARGIN_PX}px; max-width: 760px; box-sizing: border-box; overflow: hidden; position: relative; }}
.stack {{ display: flex; }}
.row {{ display: flex; align-items: center; min-width: 0; }}
.row.right, .row.none {{ flex-direction: row; }}
.row.left {{ flex-direction: row-reverse; justify-content: flex-end; }}
.row.far {{ flex-direction: row-reverse; justify-content: space-between; }}
.row.below {{ flex-direction: column; }}
.row.above {{ flex-direction: column-reverse; }}
.widget {{ display: inline-flex; flex: none; position: relative; }}
.hint {{ display: block; }}
.cover {{ position: absolute; left: -6px; right: -30px; bottom: 0; background: #333c; color: #fff; overflow: hidden; }}
"""

# Nothing may move while the picture is taken; the caret blinks.
STILL = "<style>*{animation:none!important;transition:none!important;caret-color:transparent!important}</style>"


@dataclass(frozen=True)
class Placed:
    """Where the browser laid a cell out, in CSS pixels of the page."""

    cell: Box
    widget: Box
    label: Box | None


@functools.cache
def environment() -> jinja2.Environment:
    """Return the environment of all templates: escaping, strict about undefined names, with the shared macros."""

    def load(name: str) -> str:
        return importlib.resources.files("templates").joinpath(name).read_text(encoding="utf-8")

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
    )


@functools.lru_cache(maxsize=1024)
def _compiled(name: str, source: str) -> jinja2.Template:
    try:
        code = environment().compile(source, name=name, filename=name + SUFFIX)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{name}{SUFFIX}:{error.lineno}: {error.message}") from error
    return jinja2.Template.from_code(environment(), code, environment().globals)


def render_widget(family: Family, *, state: str, cell: Cell) -> str:
    """Return the family's HTML for a state, with the cell's theme as `t` and its parameters by name.

    Raises:
        TemplateError: a syntax error or an undefined name, with file and line.
    """
    names: dict[str, object] = {"state": state, "on": state == family.declared.states[0], "t": cell.theme}
    try:
        return _compiled(family.name, family.source).render(names | dict(cell.params))
    except jinja2.TemplateError as error:
        file = family.name + SUFFIX
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        raise TemplateError(f"{file}:{lines[-1] if lines else '?'}: {error}") from error


def sheet_html(cells: Sequence[Cell], families: Mapping[str, Family]) -> str:
    """Return the body of the page that shows the cells, in order."""
    return "".join(_cell_html(cell, families[cell.family]) for cell in cells)


def libraries_on(html: str) -> set[str]:
    """Return the names of the libraries whose widgets are on the sheet."""
    return set(re.findall(r' data-library="([^"]+)"', html))


def _cell_html(cell: Cell, family: Family) -> str:
    theme, layout = cell.theme, cell.layout
    rows = [_row_html(cell, family, Neighbour(cell.state, layout.text), main=True)]
    if layout.before:
        rows.insert(0, _row_html(cell, family, layout.before, main=False))
    if layout.after:
        rows.append(_row_html(cell, family, layout.after, main=False))
    font = f"{theme.font_weight} {theme.font_size_px}px {theme.font}"
    width = f"width:{layout.width_px}px;" if layout.placement == "far" else ""
    style = f"background:{theme.ground};color:{theme.ink};font:{escape(font)};{width}"
    gap = f"gap:{layout.spacing_px}px;flex-direction:{layout.stacking}"
    stack = f'<div class="stack" style="{gap}">{"".join(rows)}</div>'
    return f'<div class="cell" lang="{script_of(theme).lang}" dir="{theme.direction}" style="{style}">{stack}</div>'


def _row_html(cell: Cell, family: Family, content: Neighbour, *, main: bool) -> str:
    layout, theme = cell.layout, cell.theme
    inner = render_widget(family, state=content.state, cell=cell)
    shadow = f'<template shadowrootmode="open">{STILL}{_in_library(family, cell, inner)}</template>'
    cover = ""
    if main and layout.covered:
        cover = f'<span class="cover" style="height:{layout.covered:.0%}">{escape(layout.text)}</span>'
    widget = f'<span class="widget"><span class="host"{_reading(family, content.state)}>{shadow}</span>{cover}</span>'
    label = "" if layout.placement == "none" else _label_html(cell, content.text)
    main_class = " main" if main else ""
    style = f"gap:{theme.gap_px}px;{_frame_style(cell)}"
    return f'<div class="row {layout.placement}{main_class}" style="{style}">{widget}{label}</div>'


def _in_library(family: Family, cell: Cell, inner: str) -> str:
    """Return the widget inside what stands for its library's <html> and <body>, since a shadow root has neither."""
    if not family.library:
        return inner
    attributes = family.library.looks[str(cell.params[LOOK])].attributes
    names = f"bw-root {attributes.get('class', '')}".strip()
    others = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if name != "class")
    return f'<bw-html class="{escape(names)}" dir="ltr"{others}><bw-body>{inner}</bw-body></bw-html>'


def _reading(family: Family, state: str) -> str:
    """Return the attributes by which the page knows whose style sheets to use and what state it must find."""
    if not family.library:
        return ""
    on = "on" if state == family.declared.states[0] else "off"
    expected = "none" if family.declared.kind == "none" else on
    return f' data-library="{family.library.name}" data-family="{family.name}" data-expected="{expected}"'


def _label_html(cell: Cell, text: str) -> str:
    layout, theme = cell.layout, cell.theme
    hint = (
        f'<span class="hint" style="color:{theme.muted};font-size:.85em">{escape(layout.hint)}</span>'
        if layout.hint
        else ""
    )
    struck = "text-decoration:line-through;" if layout.struck else ""
    return f'<span class="label"><span style="{struck}">{escape(text)}</span>{hint}</span>'


def _frame_style(cell: Cell) -> str:
    theme = cell.theme
    return {
        "": "",
        "card": f"background:{theme.surface};border:1px solid {theme.faint};"
        f"border-radius:{theme.radius_px}px;padding:10px 14px;",
        "divider": f"border-bottom:1px solid {theme.faint};padding:6px 0;",
        "field": f"background:{theme.faint};padding:4px 8px;",
    }[cell.layout.frame] + ("flex:1;" if cell.layout.placement == "far" else "")


def crop_box(cell: Cell, placed: Placed) -> Box:
    """Return the crop's box in CSS pixels of the page: the content and its margins, kept inside the cell."""
    window = cell.window
    content = placed.widget
    if placed.label:
        content = union([placed.widget, _kept_label(cell, placed.widget, placed.label)])
    wanted = Box(
        content.x - window.left_px,
        content.y - window.top_px,
        content.width + window.left_px + window.right_px,
        content.height + window.top_px + window.bottom_px,
    )
    return wanted.clipped(placed.cell)


def _kept_label(cell: Cell, widget: Box, label: Box) -> Box:
    """Return the part of the label next to the widget that the window keeps."""
    share = cell.window.label_share
    width = label.width * share
    if label.x >= widget.right:
        return Box(label.x, label.y, width, label.height)
    if label.right <= widget.x:
        return Box(label.right - width, label.y, width, label.height)
    return label
